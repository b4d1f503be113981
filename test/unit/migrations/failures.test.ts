import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/core/tool-error.ts'
import { statementFailed } from '../../../src/migrations/execute/failures.ts'
import { makeStep } from '../../../src/migrations/plan/decide-steps.ts'
import type { RunFailure } from '../../../src/migrations/ports.ts'
import type { Statement } from '../../../src/sql/statement.ts'
import { migrationOf } from '../../helpers/migrations/engine.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const target = { database: 'app', schema: 'app', server: '127.0.0.1:3306' }
const step = makeStep(migrationOf('app/1'), 'apply', 0)

interface Failing {
  readonly statement?: Statement | null
  readonly attempts?: number
  readonly timedOut?: boolean
  readonly cause?: Error | null
}

function fail(failure: RunFailure, { statement = null, attempts = 1, timedOut = false, cause = null }: Failing = {}) {
  const result = { type: 'failed', failure, blockers: [], attempts, timedOut, cause } as const
  const error = statementFailed({ target, step, index: 1, summary: 'ALTER TABLE t', statement }, result)
  return { code: error.code, fault: error.faults[0] as Fault }
}

/** The place of the caret in a statement that starts at line 10, as `line:column`, with what stands under it. */
function caret(text: string, near: string, line: number, column = 1): string {
  const why = `You have an error in your SQL syntax; check the manual near '${near}' at line ${line}`
  const statement = { ...statementOf(text), line: 10, column }
  const { fault } = fail({ type: 'refused', why, number: 1064, line }, { statement })
  const { excerpt, where } = fault
  expect([where?.line, where?.column]).toEqual([excerpt?.line, excerpt?.column])
  return `${excerpt?.line}:${excerpt?.column} ${excerpt?.text.slice(excerpt.column - 1)}`
}

describe('the caret stands', () => {
  test('where the text begins that the server quotes', () => {
    expect(caret('SELECT * FRM t', 'FRM t', 1)).toBe('10:10 FRM t')
    expect(caret('SELECT *\nFRM t', 'FRM t', 2)).toBe('11:1 FRM t')
    expect(caret('SELECT *\n  FRM t\n  WHERE x', 'FRM t\n  WHERE x', 2)).toBe('11:3 FRM t')
  })

  test('in the column of the file where the first line is indented', () => {
    expect(caret('SELECT * FRM t', 'FRM t', 1, 5)).toBe('10:14 FRM t')
  })

  test('behind tabs, each one character', () => {
    expect(caret('SELECT *\n\t\tFRM\tt', 'FRM\tt', 2)).toBe('11:3 FRM\tt')
  })

  test('in files with CRLF as in others', () => {
    expect(caret('SELECT *\r\n  FRM t\r\n  WHERE x', 'FRM t\r\n  WHERE x', 2)).toBe('11:3 FRM t')
  })

  test('at the last of several equal words when the line ends there', () => {
    expect(caret('SELECT x FROM x x x', 'x', 1)).toBe('10:19 x')
    expect(caret('SELECT (a)\n  , (b))\nFROM t', ')\nFROM t', 2)).toBe('11:8 )')
  })

  test('at the first where the quotation was cut', () => {
    const long = `SELECT * FRM ${'t'.repeat(200)}`
    expect(caret(long, long.slice(9, 89), 1)).toBe(`10:10 ${long.slice(9)}`)
  })

  test('at the start of the line, or of the statement, where nothing helps', () => {
    expect(caret('SELECT (\n   1', '', 2)).toBe('11:4 1')
    expect(caret('SELECT (1', '', 1, 3)).toBe('10:3 SELECT (1')
    expect(caret('SELECT (1', 'resolved otherwise', 1, 3)).toBe('10:3 SELECT (1')
    expect(caret('SELECT (\n   1', '1', 99)).toBe('11:4 1')
  })
})

test('what a table ACL refuses is not to be corrected in the text, and has no number of a login', () => {
  const cause = Object.assign(new Error('denied'), { errno: 1045, sqlState: '28000' })
  const failure = { type: 'refused', why: 'add `ann` to `admins`', number: 1045, line: null } as const
  expect(fail(failure, { cause }).fault).toMatchObject({ errno: 1045, next: expect.stringMatching(/^Correct it/) })
  const { fault } = fail({ ...failure, byTableAcl: true }, { cause })
  expect(fault.errno).toBeUndefined()
  expect(fault.next).toMatch(/^Do what is said there of the table ACL, /)
})

test('a refusal without a line points at the statement', () => {
  const statement = { ...statementOf('ALTER TABLE t\nADD c INT'), line: 7, column: 3 }
  const { code, fault } = fail(
    { type: 'refused', why: "Duplicate column name 'c'", number: 1060, line: null },
    { statement },
  )
  expect(code).toBe('STATEMENT_FAILED')
  expect(fault.what).toBe('Statement 2 of 2 of `1_thing` failed: ALTER TABLE t.')
  expect(fault.where).toMatchObject({ line: 7, column: 3, statement: 'ALTER TABLE t', database: 'app' })
})

test.each([
  ['CONNECTION_LOST', { type: 'lost', why: 'gone' }, {}, 'lost its connection'],
  ['CONNECTION_LOST', { type: 'lost', why: 'no healthy tablet', unsent: true }, {}, 'was not sent'],
  ['CONNECTION_LOST', { type: 'lost', why: 'no healthy tablet', lacksPrimary: true }, {}, 'was cut off'],
  ['BLOCKED', { type: 'waited', why: 'Lock wait timeout' }, { attempts: 6 }, 'was blocked 6 times'],
  ['STATEMENT_TIMEOUT', { type: 'canceled', why: 'interrupted' }, { timedOut: true }, '--statement-timeout'],
  ['CANCELED', { type: 'canceled', why: 'interrupted' }, {}, 'was killed'],
  [
    'READ_ONLY',
    { type: 'refused', why: '--super-read-only', number: 1290, line: null, becameReadOnly: true },
    {},
    'became read-only',
  ],
] as const)('%s', (code, failure, circumstances, words) => {
  const failed = fail(failure, circumstances)
  expect(failed.code).toBe(code)
  expect(failed.fault.what).toContain(words)
  expect([failed.fault.why, failed.fault.next].every((text) => (text ?? '') !== '')).toBe(true)
})
