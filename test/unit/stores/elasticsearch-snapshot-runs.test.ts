import { expect, test } from 'vitest'
import { judgeSnapshotRuns } from '../../../src/stores/elasticsearch/judge-snapshot-runs.ts'
import { lastDue } from '../../../src/stores/elasticsearch/last-due.ts'
import type { PolicyRuns } from '../../../src/stores/elasticsearch/snapshot-ports.ts'

const at = (text: string): number => Date.parse(`${text}:00Z`)

// 2026-12-01 is a Tuesday.
test.each([
  ['0 30 1 * * ?', '2026-12-01T03:00', '2026-12-01T01:30'],
  ['0 30 1 * * ?', '2026-12-01T01:00', '2026-11-30T01:30'],
  ['0 0 12 ? * MON-FRI', '2026-11-29T10:00', '2026-11-27T12:00'],
  ['0 0 12 ? * 2-6', '2026-11-29T10:00', '2026-11-27T12:00'],
  ['0 0 0 ? * 1', '2026-12-01T00:30', '2026-11-29T00:00'],
  ['0 0 0 ? * 1,4', '2026-12-01T00:30', '2026-11-29T00:00'],
  ['0 30 1 ? * 2#1', '2026-12-20T00:00', '2026-12-07T01:30'],
  ['0 15 10 L * ? *', '2026-12-01T00:00', '2026-11-30T10:15'],
  ['0 0/30 * * * ?', '2026-12-01T03:10', '2026-12-01T03:00'],
  ['1h', '2026-12-01T03:10', '2026-12-01T02:10'],
  ['0 0 1 1W * ?', '2026-12-01T03:10', null],
  ['0 0 1 * * ? 2026', '2026-12-01T03:10', null],
  // What follows the end of a range of names is not read.
  ['0 0 12 ? * MON-FRI/2', '2026-12-01T10:00', '2026-11-30T12:00'],
  ['0 0 12 ? * MON-FRI/2', '2026-12-02T10:00', '2026-12-01T12:00'],
  ['0 0 12 ? * MON/2', '2026-12-02T10:00', '2026-11-30T12:00'],
  ['0 0 12 ? * mon-wed,FRI', '2026-11-29T10:00', '2026-11-27T12:00'],
  // Monday, Wednesday and Friday, and never Sunday.
  ['0 0 12 ? * 2/2', '2026-11-30T10:00', '2026-11-27T12:00'],
  ['0 0 12 ? * 2-6/2', '2026-12-02T10:00', '2026-11-30T12:00'],
  ['0 0 12 ? * */2', '2026-11-30T10:00', '2026-11-29T12:00'],
  ['0 0 12 ? * FRI-MON', '2026-12-03T10:00', '2026-11-30T12:00'],
  ['0 0 12 ? * 6-2', '2026-11-27T10:00', '2026-11-23T12:00'],
  ['0 0 12 ? * MON#1', '2026-12-20T00:00', '2026-12-07T12:00'],
  ['0 0 12 ? * 6L', '2026-12-20T00:00', '2026-11-27T12:00'],
  ['0 0 12 ? * MON,2#1', '2026-12-20T00:00', null],
  ['0 0 12 ? * 8', '2026-12-20T00:00', null],
  ['0 0 22-2/2 * * ?', '2026-12-01T03:00', '2026-12-01T02:00'],
  ['0 0 12 1 NOV-JAN/2 ?', '2026-12-20T00:00', '2026-12-01T12:00'],
  ['0 0 12 1 1/3 ?', '2026-12-20T00:00', '2026-10-01T12:00'],
  ['0 0/0 1 * * ?', '2026-12-01T03:00', '2026-12-01T01:00'],
  ['nonsense', '2026-12-01T03:10', null],
])('%s was due before %s at %s', (schedule, before, due) => {
  expect(lastDue(schedule, at(before))).toBe(due === null ? null : at(due))
})

const now = at('2026-12-01T03:00')
const quiet: PolicyRuns = { changedAt: 0, lastSuccess: null, lastFailure: null, isRunning: false }

function judge(runs: Partial<PolicyRuns>, schedule = '0 30 1 * * ?', mode: string | null = null) {
  const policies = new Map([['nightly', { ...quiet, ...runs }]])
  return judgeSnapshotRuns([{ name: 'nightly', content: { schedule } }], { mode, policies }, now)
}

test.each<[string, Partial<PolicyRuns>, 'good' | 'bad' | 'not-judged', string]>([
  ['that was taken', { lastSuccess: { snapshot: 'a', at: at('2026-12-01T01:31') } }, 'good', '1 of 1'],
  [
    'that is a day late',
    { lastSuccess: { snapshot: 'a', at: at('2026-11-30T01:31') } },
    'bad',
    'one was due at 2026-12-01 01:30',
  ],
  ['that is late and under way', { isRunning: true }, 'not-judged', 'it has taken no snapshot, and one is under way'],
  [
    'of a policy that is newer than when it was due',
    { changedAt: at('2026-12-01T02:00') },
    'not-judged',
    'it was written at 2026-12-01 02:00 UTC, and none was due since',
  ],
  ['that never was', {}, 'bad', 'it has taken no snapshot'],
  [
    'that failed after a good one',
    { lastSuccess: { snapshot: 'a', at: 1 }, lastFailure: { snapshot: 'b', at: 2, why: 'no room' } },
    'bad',
    'failed at 1970-01-01 00:00 UTC: no room; the last good one is of',
  ],
  [
    'that succeeded after one that failed',
    { lastSuccess: { snapshot: 'b', at: now }, lastFailure: { snapshot: 'a', at: 2, why: 'no room' } },
    'good',
    '1 of 1',
  ],
])('a snapshot %s', (_, runs, state, seen) => {
  expect(judge(runs)).toMatchObject([{ state, seen: expect.stringContaining(seen) }])
})

test('nothing is said to be good where nothing was judged', () => {
  const [proof, ...others] = judge({}, '0 0 1 1W * ?')
  expect(others).toEqual([])
  expect(proof).toMatchObject({
    state: 'not-judged',
    seen: 'nightly: not judged: it has taken no snapshot, and what `0 0 1 1W * ?` means is not known here',
    next: null,
  })
  expect(judge({ lastSuccess: { snapshot: 'a', at: 1 } }, '0 0 1 1W * ?')).toMatchObject([
    { state: 'not-judged', seen: expect.stringContaining('its last snapshot is of 1970-01-01 00:00 UTC') },
  ])
})

test('what is judged and what is not stand apart', () => {
  const taken = { ...quiet, lastSuccess: { snapshot: 'a', at: now } }
  const policies = new Map([
    ['one', taken],
    ['two', { ...quiet, changedAt: now }],
    ['three', quiet],
  ])
  const declared = (...names: readonly string[]) =>
    names.map((name) => ({ name, content: { schedule: '0 30 1 * * ?' } }))
  expect(judgeSnapshotRuns(declared('one', 'two'), { mode: null, policies }, now)).toMatchObject([
    { state: 'good', seen: '1 of 2 have taken one, and none failed or is missing since' },
    { state: 'not-judged', seen: expect.stringContaining('two: not judged') },
  ])
  expect(judgeSnapshotRuns(declared('two', 'three'), { mode: null, policies }, now)).toMatchObject([
    { state: 'bad', seen: expect.stringContaining('three: it has taken no snapshot') },
    { state: 'not-judged' },
  ])
})

test('names that no policy is carried out at all', () => {
  expect(judge({ lastSuccess: { snapshot: 'a', at: now } }, undefined, 'STOPPED')).toMatchObject([
    { state: 'bad', seen: 'it is STOPPED' },
    { state: 'good' },
  ])
})
