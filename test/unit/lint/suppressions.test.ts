import { expect, test } from 'vitest'
import { applyTextEdits } from '../../../src/lint/review/apply-fixes.ts'
import type { ReviewFinding } from '../../../src/lint/review/finding.ts'
import { applySuppressions } from '../../../src/lint/review/suppressions.ts'
import type { LintFile } from '../../../src/lint/subjects.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const both = { en: 'x', zh: 'x' }
const finding = (code: string, stops: boolean): ReviewFinding => ({
  ...{ code, severity: 'error', stops, database: 'app', file: 'a.sql', message: both, fix: both },
  region: { line: 1, column: 1, endLine: 1, endColumn: 2 },
  ...{ statement: null, edits: [], suppressed: null, fingerprint: code },
})

/** Reasons by which findings are suppressed, in a file with one line of each header for each code. */
function suppressedBy(header: 'accept' | 'nolint', until: string | null): readonly (string | null)[] {
  const codes = ['DROP_TABLE', 'NO_DOWN']
  const file = {
    ...{ up: [], down: null },
    accepted: header === 'accept' ? codes.map((code) => ({ code, reason: 'meant', line: 1 })) : [],
    suppressed:
      header === 'nolint' ? codes.map((code) => ({ code, reason: 'meant', line: 1, until, scope: 'file' })) : [],
  } as unknown as LintFile
  const book = {
    kindOf: (code: string): 'stops' | 'known' => (code === 'NO_DOWN' ? 'known' : 'stops'),
    isAsked: () => true,
  }
  return applySuppressions(
    file,
    [finding('DROP_TABLE', true), finding('NO_DOWN', false)],
    '2026-11-26',
    book,
  ).findings.map(({ suppressed }) => suppressed)
}

test('a finding that stops a run is suppressed by an acceptance, and by nothing else', () => {
  expect(suppressedBy('accept', null)).toEqual(['meant', 'meant'])
  expect(suppressedBy('nolint', null)).toEqual([null, 'meant'])
})

test('a suppression counts on its last day, and not on the next', () => {
  expect(suppressedBy('nolint', '2026-11-26')).toEqual([null, 'meant'])
  expect(suppressedBy('nolint', '2026-11-25')).toEqual([null, null])
})

test('a fix is applied once, and one that overlaps another is left for the next time', () => {
  const statement = statementOf('SELECT a')
  const put = (start: number, end: number, text: string): ReviewFinding => ({
    ...finding('X', false),
    statement,
    edits: [{ start, end, text }],
  })
  expect(applyTextEdits('SELECT a', [put(7, 8, 'b')])).toBe('SELECT b')
  expect(applyTextEdits('SELECT a', [put(8, 8, '!'), put(8, 8, '!')])).toBe('SELECT a!')
  expect(applyTextEdits('SELECT a', [put(0, 6, 'TABLE'), put(3, 8, 'z')])).toBe('TABLE a')
})
