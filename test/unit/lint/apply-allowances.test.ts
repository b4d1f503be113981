import { describe, expect, test } from 'vitest'
import { ToolError } from '../../../src/core/tool-error.ts'
import { applyAllowances, describeAllowance } from '../../../src/lint/allowances.ts'
import { findHazards } from '../../../src/lint/find-hazards.ts'
import { statementOf } from '../../helpers/migrations/statements.ts'

const header = { code: 'DROP_TABLE', reason: 'empty since May', line: 1 }

function stopped(
  text: string,
  options: { allow?: readonly string[]; accepted?: boolean; protected?: boolean },
): readonly string[] {
  const hazards = findHazards(statementOf(text), { accepted: options.accepted ? [header] : [] })
  const allowances = { allow: options.allow ?? [], protected: options.protected ?? false }
  return applyAllowances(hazards, allowances).stopped.map((hazard) => hazard.code)
}

describe('a destructive hazard', () => {
  const drop = 'DROP TABLE t'

  test('stops the run', () => expect(stopped(drop, {})).toEqual(['DROP_TABLE']))
  test('is allowed by the flag', () => expect(stopped(drop, { allow: ['DROP_TABLE'] })).toEqual([]))
  test('is allowed by the header', () => expect(stopped(drop, { accepted: true })).toEqual([]))
  test('is not allowed by the flag for another', () => {
    expect(stopped(drop, { allow: ['DROP_COLUMN'] })).toEqual(['DROP_TABLE'])
  })
  test('needs both in a protected environment', () => {
    expect(stopped(drop, { protected: true, allow: ['DROP_TABLE'] })).toEqual(['DROP_TABLE'])
    expect(stopped(drop, { protected: true, accepted: true })).toEqual(['DROP_TABLE'])
    expect(stopped(drop, { protected: true, accepted: true, allow: ['DROP_TABLE'] })).toEqual([])
  })
})

test('codes may be joined by commas, in lower case and with dashes', () => {
  expect(stopped('ALTER TABLE t DROP a, FORCE, LOCK=SHARED', { allow: ['drop-column, blocking_lock'] })).toEqual([])
})

test('an advisory hazard stops no run, even in a protected environment', () => {
  expect(stopped('CALL p()', { protected: true })).toEqual([])
  expect(stopped('ALTER TABLE t FORCE', { protected: true })).toEqual([])
})

test('an unknown code is a usage error that names the closest, for all unknown codes', () => {
  const run = () => stopped('SELECT 1', { allow: ['DROP_TABEL', 'all'] })
  expect(run).toThrow(ToolError)
  const error = catchToolError(run)
  expect([error.code, error.exitCode]).toEqual(['UNKNOWN_HAZARD', 64])
  expect(error.faults.map((fault) => fault.what)).toEqual([
    '`--allow DROP_TABEL` does not name a hazard.',
    '`--allow all` does not name a hazard.',
  ])
  expect(error.faults[0]?.next).toContain('Did you mean `DROP_TABLE`?')
})

test('the sentence for a stopped hazard names the flag and the header that are missing', () => {
  const [open] = findHazards(statementOf('DROP TABLE t'), { accepted: [] })
  const [accepted] = findHazards(statementOf('DROP TABLE t'), { accepted: [header] })
  if (open === undefined || accepted === undefined) throw new Error('DROP TABLE is a hazard')
  expect(describeAllowance(open, false)).toContain(
    'pass `--allow DROP_TABLE` or write `-- wwdb:accept DROP_TABLE REASON`',
  )
  expect(describeAllowance(open, true)).toContain('and pass `--allow DROP_TABLE`')
  expect(describeAllowance(accepted, true)).toBe(
    'This environment is protected: besides the accepting header it requires `--allow DROP_TABLE`.',
  )
})

function catchToolError(run: () => unknown): ToolError {
  try {
    run()
  } catch (error) {
    if (error instanceof ToolError) return error
  }
  throw new Error('no ToolError was thrown')
}

test('names that live statements use stop a run in a protected environment alone', () => {
  const live = [{ name: 't.a', statements: 2, all: 0, last: { ago: 5, server: 'b' }, code: [] }]
  const judge = (isProtected: boolean, allow: readonly string[], code?: string): readonly string[] => {
    const accepted = code === undefined ? [] : [{ code, reason: 'nobody reads it', line: 1 }]
    const hazards = findHazards(statementOf('ALTER TABLE t RENAME COLUMN a TO b'), { accepted, live })
    expect(hazards.map(({ code: found }) => found)).toContain('LIVE_STATEMENTS')
    return applyAllowances(hazards, { allow, protected: isProtected }).stopped.map((hazard) => hazard.code)
  }
  expect(judge(false, [])).toEqual([])
  expect(judge(true, [])).toEqual(['LIVE_STATEMENTS'])
  expect(judge(true, ['live-statements'])).toEqual(['LIVE_STATEMENTS'])
  expect(judge(true, ['live-statements'], 'LIVE_STATEMENTS')).toEqual([])
})
