import { describe, expect, it } from 'vitest'
import { checkAlertRuns } from '../../../../src/stores/influxdb/check-alert-runs.ts'
import type { Declaration } from '../../../../src/stores/influxdb/declaration.ts'
import type { ObservedAlert } from '../../../../src/stores/influxdb/ports.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { check, contentOf, endpoint, observedAlert, rule } from './world.ts'

const minute = 60_000
const now = 1_000 * 60 * minute
const declaration: Declaration = {
  organization: { name: 'o', description: null },
  buckets: [],
  downsamplings: [],
  ...noOtherKinds,
  checks: [check],
  endpoints: [endpoint],
  rules: [rule],
  tokens: [],
  mappings: [],
}

function run(ofCheck: Partial<ObservedAlert>, ofRule: Partial<ObservedAlert> = {}) {
  const content = {
    ...contentOf(declaration),
    checks: [{ ...observedAlert(check), latestCompleted: now - minute, ...ofCheck }],
    rules: [{ ...observedAlert(rule), latestCompleted: now - minute, ...ofRule }],
  }
  return checkAlertRuns(declaration, content, now)
}

describe('the runs of checks and rules', () => {
  it.each<[string, Partial<ObservedAlert>, string, string]>([
    ['ran a minute ago', {}, 'good', 'the last run that ended was due 1 minute ago'],
    ['missed its runs', { latestCompleted: now - 60 * minute }, 'bad', 'due 1 hour ago'],
    [
      'is new',
      { createdAt: now - 1000, latestCompleted: now - 1000, lastRun: null },
      'not-judged',
      'not judged: it is new',
    ],
    ['never ran', { createdAt: 0, latestCompleted: 0, lastRun: null }, 'bad', 'due 41 days'],
    ['failed', { lastRun: 'failed', failure: 'no bucket' }, 'bad', 'its last run failed: no bucket'],
    ['is inactive', { active: false }, 'warning', 'it is inactive'],
  ])('%s', (_, change, state, seen) => {
    expect(run(change)[0]).toMatchObject({ name: 'check high runs', state, seen: expect.stringContaining(seen) })
  })

  it('say of a rule that it failed, and never with which words', () => {
    const failure = 'Post "https://hooks.slack.com/services/SECRET": no such host'
    const [, proof] = run({}, { lastRun: 'failed', failure })
    expect(proof).toMatchObject({ state: 'bad', seen: 'its last run failed' })
    expect(proof?.next).toContain('GET /api/v2/tasks/task-to hook/runs')
    expect(JSON.stringify(proof)).not.toContain('SECRET')
  })
})
