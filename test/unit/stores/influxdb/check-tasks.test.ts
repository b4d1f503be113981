import { describe, expect, it } from 'vitest'
import { checkReach, checkRuns, downsamplingRuns, ownRuns } from '../../../../src/stores/influxdb/check-tasks.ts'
import type { DownsamplingDeclaration } from '../../../../src/stores/influxdb/declaration.ts'
import type { ObservedContent, ObservedTask } from '../../../../src/stores/influxdb/ports.ts'
import { noOtherKinds } from '../../../helpers/influxdb/undeclared-kinds.ts'
import { contentOf, observedTask } from './world.ts'

const hour = 3600
const task: DownsamplingDeclaration = {
  name: 't',
  description: null,
  from: 'hot',
  to: 'cold',
  windowSeconds: hour,
  everySeconds: hour,
  offsetSeconds: 600,
  lookBackSeconds: 3 * hour,
  aggregates: ['mean'],
  measurements: [],
  active: true,
}
const declared = downsamplingRuns(task)
const now = 1_000 * hour * 1000

function content(change: Partial<ObservedTask> = {}, kept = 30 * 24 * hour): ObservedContent {
  const buckets = [{ name: 'hot', description: null, rule: { seconds: kept, shardGroupSeconds: hour } }]
  const declared = {
    organization: { name: 'o', description: null },
    buckets,
    downsamplings: [],
    ...noOtherKinds,
    tokens: [],
    mappings: [],
  }
  return { ...contentOf(declared), tasks: [{ ...observedTask(task), latestCompleted: now - hour * 1000, ...change }] }
}

describe('a task’s runs', () => {
  it.each<[string, Partial<ObservedTask>, string, string]>([
    ['ran an hour ago', {}, 'good', 'the last run that ended was due 1 hour ago'],
    ['missed two runs', { latestCompleted: now - 2.5 * hour * 1000 }, 'bad', 'due 2 hours 30 minutes ago'],
    ['may have missed one', { latestCompleted: now - 2 * hour * 1000 }, 'good', 'due 2 hours ago'],
    ['failed', { lastRun: 'failed' }, 'bad', 'its last run failed: because'],
    ['was switched off', { active: false }, 'bad', 'it is inactive'],
    [
      'is new',
      { createdAt: now - 60_000, latestCompleted: now - 60_000, lastRun: null },
      'not-judged',
      'not judged: it is new; its first run is due within 1 hour 10 minutes',
    ],
    ['never ran', { createdAt: 0, latestCompleted: 0, lastRun: null }, 'bad', 'due 41 days'],
  ])('%s', (_, change, state, seen) => {
    const check = checkRuns(declared, content(change), now, 'because')
    expect(check).toMatchObject({ state, seen: expect.stringContaining(seen) })
    expect(check.next === null).toBe(state !== 'bad')
  })

  it('are not expected of one that is declared inactive, nor of one that is not there', () => {
    expect(checkRuns({ ...declared, active: false }, content({ active: false }), now, '').state).toBe('warning')
    expect(checkRuns(declared, { ...content(), tasks: [] }, now, '')).toMatchObject({
      state: 'bad',
      seen: 'the task does not exist',
    })
  })
})

describe('the runs of a task by cron', () => {
  const own = ownRuns({
    name: 't',
    description: null,
    flux: 'x = 1',
    schedule: { type: 'cron', cron: '0 3 * * *' },
    offsetSeconds: 0,
    active: true,
  })

  it.each<[string, Partial<ObservedTask>, string, string]>([
    ['ran a day ago', { latestCompleted: now - 24 * hour * 1000 }, 'good', 'the last run that ended was due 1 day ago'],
    ['has not run yet', { lastRun: null }, 'not-judged', 'not judged: it has not run yet, and cron says when it will'],
    ['failed', { lastRun: 'failed' }, 'bad', 'its last run failed: because'],
  ])('%s', (_, change, state, seen) => {
    expect(checkRuns(own, content(change), now, 'because')).toMatchObject({ state, seen })
  })
})

describe('the bucket that a task reads', () => {
  it.each([
    [30 * 24 * hour, 'good'],
    [0, 'good'],
    [5 * hour + 600, 'bad'],
    [5 * hour + 601, 'good'],
    [hour, 'bad'],
  ])('kept %i seconds', (kept, state) => {
    expect(checkReach(task, content({}, kept)).state).toBe(state)
  })
})
