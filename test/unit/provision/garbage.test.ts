import { describe, expect, test } from 'vitest'
import { findAbandoned, findGarbage } from '../../../src/provision/collect-garbage.ts'
import type { EnvironmentRecord } from '../../../src/provision/ports.ts'
import { configOf } from '../../helpers/migrations/engine.ts'

const hour = 3_600_000
const now = Date.UTC(2026, 10, 25, 12)

function record(changes: Partial<EnvironmentRecord>): EnvironmentRecord {
  const times = { createdAt: now - hour, usedAt: now - hour, expiresAt: now + hour }
  const rest = { owner: 'ann@pool', scope: 'kept', state: 'ready', template: null, stores: [], schemas: [] } as const
  return { name: 'one', kind: 'environment', prefix: 'wwdb_one_', held: false, ...rest, ...times, ...changes }
}

const template = (changes: Partial<EnvironmentRecord>): EnvironmentRecord =>
  record({ name: 'template/abc', kind: 'template', expiresAt: null, ...changes })

function garbage(records: readonly EnvironmentRecord[], olderThan: number | null = null): readonly string[] {
  return findGarbage(records, now, olderThan).map(({ record: { name }, why }) => `${name}: ${why}`)
}

describe('what gc takes', () => {
  test.each([
    [{}, []],
    [{ expiresAt: now }, ['one: it expired at 2026-11-25 12:00 UTC']],
    [{ expiresAt: null, createdAt: 0 }, []],
    [{ state: 'making' }, ['one: the run that created it ended before it was complete']],
    [{ state: 'removing' }, ['one: the run that dropped it did not finish']],
    [{ scope: 'process' }, ['one: the process that used it has ended']],
    [{ scope: 'process', state: 'making', expiresAt: 0, held: true }, []],
  ] as const)('gc decides on a test environment %j', (changes, expected) => {
    expect(garbage([record(changes)])).toEqual(expected)
  })

  test('with an age: environments that are as old, independent of their end, and none that is held', () => {
    const records = [
      record({ expiresAt: null }),
      record({ name: 'two', held: true }),
      record({ name: 'new', createdAt: now }),
    ]
    expect(garbage(records, hour)).toEqual(['one: it was created at 2026-11-25 11:00 UTC'])
    expect(garbage(records, 0)).toHaveLength(2)
  })

  test('a template after a day without use, at once when a run that made it died, never while there is a test environment that was cloned from it', () => {
    expect(garbage([template({})])).toEqual([])
    expect(garbage([template({ usedAt: now - 24 * hour })])).toHaveLength(1)
    expect(garbage([template({})], hour)).toHaveLength(1)
    expect(garbage([template({ state: 'making' })])).toHaveLength(1)
    expect(garbage([template({ state: 'making', held: true })])).toEqual([])
    const user = record({ template: 'template/abc', held: true })
    expect(garbage([template({ usedAt: 0 }), user], 0)).toEqual([])
    expect(garbage([template({ usedAt: 0 }), { ...user, held: false }])).toEqual([])
  })
})

describe('of snapshots, gc takes', () => {
  const snapshot = (changes: Partial<EnvironmentRecord>): EnvironmentRecord =>
    template({ name: 'snapshot/one/with-orders', usedAt: 0, createdAt: 0, ...changes })

  test('none of a test environment that exists, at any age, and those that have none', () => {
    expect(garbage([snapshot({}), record({ held: true })], 0)).toEqual([])
    expect(garbage([snapshot({ name: 'snapshot/on/x' }), record({ held: true })])).toEqual([
      'snapshot/on/x: its test environment was dropped',
    ])
  })

  test('what an interrupted run left, and nothing that a run is taking', () => {
    const environment = record({ held: true })
    expect(garbage([snapshot({ state: 'making' }), environment])).toEqual([
      'snapshot/one/with-orders: the run that took it ended before it was complete',
    ])
    expect(garbage([snapshot({ state: 'removing' }), environment])).toHaveLength(1)
    expect(garbage([snapshot({ state: 'making', held: true }), environment])).toEqual([])
  })
})

describe('what a run drops unasked', () => {
  const made = {
    name: 'tk3f8q1z0b7',
    scope: 'process',
    schemas: [{ database: 'a', schema: 'x_a', server: '' }],
  } as const
  const taken = (changes: Partial<EnvironmentRecord>, pool: string | null = null): boolean =>
    findAbandoned([record({ ...made, ...changes })], now, configOf(['a']), { owner: 'ann@pool', pool }).length > 0

  test.each([
    [{}, true],
    [{ name: 'tk3f8q1z0b7_12' }, true],
    [{ held: true }, false],
    [{ scope: 'kept', expiresAt: 0 }, false],
    [{ owner: 'bob@pool' }, false],
    [{ stores: ['redis'] }, false],
    [{ schemas: [{ database: 'b', schema: 'x_b', server: '' }] }, false],
    [{ schemas: [{ database: 'a', schema: 'x_a', server: 'other:3306' }] }, false],
    // What a hand may type.
    [{ name: 't20261130' }, false],
    [{ name: 't202611301200' }, false],
    [{ name: 'tdeadbeef' }, false],
  ] as const)('is decided by its record: %j, %s', (changes, expected) => {
    expect(taken(changes)).toBe(expected)
  })

  test('has all numbers of its own pool, and of no other', () => {
    expect(taken({ name: 'ci_8' }, 'ci')).toBe(true)
    expect(taken({ name: 'ci_8' })).toBe(false)
    for (const name of ['ci', 'ci_', 'ci_08', 'ci_2_1', 'ci_x', 'cid_1'])
      expect(taken({ name }, 'ci'), name).toBe(false)
    expect(taken({ name: 'ci_8', owner: 'bob@pool' }, 'ci')).toBe(false)
  })
})
