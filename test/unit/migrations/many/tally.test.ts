import { describe, expect, test } from 'vitest'
import type { TargetOutcome } from '../../../../src/command/result.ts'
import { exitCodes } from '../../../../src/core/exit-code.ts'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { Tally } from '../../../../src/migrations/many/tally.ts'
import { databaseOf } from '../../../helpers/migrations/engine.ts'

const listed = (schema: string) => ({
  label: `tenant_db/${schema}`,
  placedLabel: null,
  database: databaseOf('tenant_db', { schema }),
})

const outcome = (schema: string, state: TargetOutcome['state'], code: TargetOutcome['code'] = null): TargetOutcome => ({
  target: { database: 'tenant_db', schema, server: 'db1:3306' },
  ...{ state, code, done: [], notDone: [], statements: 0, milliseconds: 0, fault: null },
})

describe('the count of targets', () => {
  test('keeps those that failed apart from those that were not there before the first one began', () => {
    const tally = new Tally()
    tally.missSchema(listed('t_gone'))
    tally.miss(listed('t_away'), new ToolError('UNREACHABLE', { what: 'It does not answer.' }))
    expect([tally.failures, tally.missing]).toEqual([0, 2])
    tally.add(outcome('t_one', 'failed', 'STATEMENT_FAILED'), exitCodes.failed)
    tally.add(outcome('t_two', 'done'), exitCodes.done)
    expect([tally.failures, tally.missing, tally.finished]).toEqual([1, 2, 1])
    expect(tally.summary().counts).toMatchObject({ failed: 2, notReached: 1, done: 1 })
    expect(tally.exitCode).toBe(exitCodes.failed)
  })

  test('says what had ended when a defect ended the run', () => {
    const tally = new Tally()
    expect(tally.describeBroken('tenant_db')).toBe(
      'Before a defect of wwdb ended the run, 0 targets of `tenant_db` had been migrated; none failed.',
    )
    tally.add(outcome('t_two', 'done'), exitCodes.done)
    tally.add(outcome('t_one', 'failed', 'STATEMENT_FAILED'), exitCodes.failed)
    expect(tally.describeBroken('tenant_db')).toBe(
      'Before a defect of wwdb ended the run, 1 target of `tenant_db` had been migrated; these did not go well: `t_one` (STATEMENT_FAILED).',
    )
  })
})
