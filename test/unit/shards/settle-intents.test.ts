import { expect, test } from 'vitest'
import { settleIntent } from '../../../src/shards/settle-family.ts'
import type { ShardRecord, ShardState } from '../../../src/shards/shard.ts'
import { holdName, isHoldName, isLoadName, loadName } from '../../../src/shards/shard.ts'

const shard = { family: 'messages', key: '2026-01', table: 'messages_202601', from: 0, to: 1 }
const now = Date.parse('2026-11-24T20:00:00Z')
const hold = { table: holdName(shard, now), at: now, until: now }
const load = { table: loadName(shard, now), at: now, until: now }
const archive = { address: 'a', sha256: '', bytes: 0, rows: 1, checksum: '', at: now }
const seal = { rows: 1, checksum: '', at: now }

function record(state: ShardState, changes: Partial<ShardRecord> = {}): ShardRecord {
  const blank = { templateVersion: 1, fingerprint: null, goneAt: null, seal, archive: null, protection: null }
  return { ...shard, ...blank, hold, state, ...changes }
}

const cases: readonly (readonly [what: string, record: ShardRecord, tables: readonly string[], state: ShardState])[] = [
  ['a hold that was renamed', record('holding'), [hold.table], 'held'],
  ['a hold that was not', record('holding'), [shard.table], 'sealed'],
  ['a hold whose table somebody dropped', record('holding'), [], 'dropped'],
  ['a hold beside a new table of its name', record('holding'), [hold.table, shard.table], 'held'],
  ['a drop that happened', record('dropping'), [], 'dropped'],
  ['a drop that did not', record('dropping'), [hold.table], 'held'],
  ['a drop of an archived shard that did not', record('dropping', { archive }), [hold.table], 'archived'],
  ['a restore that was renamed', record('restoring'), [shard.table], 'live'],
  ['a restore that was not', record('restoring'), [hold.table], 'held'],
  ['a restore of an archived shard that was not', record('restoring', { archive }), [hold.table], 'archived'],
  ['a load that was renamed', record('restoring', { hold: load, archive }), [shard.table], 'live'],
  ['a load that stopped half way', record('restoring', { hold: load, archive }), [load.table], 'dropped'],
  ['a load that never began', record('restoring', { hold: load, archive }), [], 'dropped'],
]

test.each(cases)('a run settles %s by the tables that exist', (_, intent, tables, state) => {
  const settled = settleIntent(intent, (table) => tables.includes(table))
  expect(settled?.record.state).toBe(state)
  expect(settled?.note).toMatch(/^`messages_202601` .*\.$/)
})

test('what a load left is named, to be removed; the archive stays', () => {
  const settled = settleIntent(record('restoring', { hold: load, archive }), (table) => table === load.table)
  expect(settled).toMatchObject({ leftover: load.table, record: { archive, hold: null } })
})

test.each(['live', 'sealed', 'held', 'archived', 'dropped'] as const)(
  'a shard that is %s has nothing to settle',
  (state) => {
    expect(settleIntent(record(state), () => true)).toBeNull()
  },
)

test('hold names say what they are, and never exceed what MySQL takes', () => {
  const long = { ...shard, table: `m${'o'.repeat(63)}` }
  expect(hold.table).toMatch(/^_hold_20261124_[0-9a-f]{8}_messages_202601$/)
  expect(holdName(long, now).length).toBeLessThanOrEqual(64)
  expect(holdName(long, now)).not.toBe(holdName({ ...long, key: '2026-02' }, now))
  expect(isHoldName(hold.table) && !isLoadName(hold.table) && isLoadName(load.table)).toBe(true)
  expect(isHoldName('_hold_messages_202601') || isHoldName('messages_202601')).toBe(false)
})
