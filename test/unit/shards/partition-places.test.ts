import { expect, test } from 'vitest'
import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { canBePartitioned } from '../../../src/shards/partitions/layout.ts'
import type { LivePartitioning } from '../../../src/shards/partitions/live-partitions.ts'
import { restorePartition } from '../../../src/shards/partitions/moves.ts'
import { readPresent } from '../../../src/shards/partitions/present.ts'
import type { Registry, ShardRecord } from '../../../src/shards/shard.ts'
import { partitionFamily } from '../../helpers/shards/families.ts'

const family = partitionFamily('messages', 'month')
const { keeper: _, ...withoutHeader } = family
const shard = {
  family: 'messages',
  key: '2026-01',
  table: 'messages_202601',
  from: Date.parse('2026-01-01T00:00:00Z'),
  to: Date.parse('2026-02-01T00:00:00Z'),
}
const live: LivePartitioning = {
  method: 'RANGE COLUMNS',
  expression: '`at`',
  partitions: [
    { name: '_closed_20260101000000', below: "'2026-01-01 00:00:00'" },
    { name: 'messages_202601', below: "'2026-02-01 00:00:00'" },
  ],
}
const record: ShardRecord = {
  ...shard,
  state: 'live',
  templateVersion: 1,
  fingerprint: null,
  goneAt: null,
  seal: null,
  hold: null,
  archive: null,
  protection: null,
}

function present(of: ShardFamily, tables: readonly string[], shards: readonly ShardRecord[]) {
  const registry: Registry = {
    exists: true,
    generation: 1,
    families: [],
    shards,
    findings: [],
    traces: [],
    lastRunAt: null,
  }
  const store = {
    listTables: () => Promise.resolve(tables.map((name) => ({ name, type: 'table' as const }))),
    readPartitions: () => Promise.resolve(new Map([['messages', live]])),
    isEmpty: () => Promise.resolve(true),
    measure: () => Promise.resolve({ rows: 0, checksum: '' }),
  }
  return readPresent(store, [of], () => Promise.resolve(registry))
}

test('a table under the name of a shard is that shard, and a partition of its name is not', async () => {
  const { kept, tables } = await present(family, ['messages', 'messages_202601'], [record])
  expect([...kept.keys()]).toEqual([])
  expect(tables).toEqual([{ name: 'messages_202601', type: 'table' }])
})

test('a table of the name of a family of tables is left alone, however it is partitioned', async () => {
  const { kept, layouts, tables } = await present(withoutHeader, ['messages'], [])
  expect([...kept.keys()]).toEqual([])
  expect(layouts).toEqual([])
  expect(tables).toEqual([{ name: 'messages', type: 'table' }])
})

test('recorded partitions are shards where the header is gone', async () => {
  const { kept, tables } = await present(withoutHeader, ['messages'], [record])
  expect([...kept.keys()]).toEqual(['messages_202601'])
  expect(tables).toEqual([{ name: 'messages_202601', type: 'table', partitionOf: 'messages' }])
})

test('a restored shard whose hold table is in use is not taken for one that is still on hold', async () => {
  const blocked = new ToolError('SHARD_BLOCKED', { what: 'the hold table is in use' })
  const sent: string[] = []
  const store = {
    readPartitions: () => Promise.resolve(new Map([['messages', live]])),
    readDefinitions: () => Promise.resolve(new Map<string, string>()),
    define: (text: string) => Promise.resolve(void sent.push(text)),
    isEmpty: () => Promise.resolve(true),
    readTriggers: () => Promise.resolve(new Map()),
    moveRows: () => Promise.resolve(),
    drop: () => Promise.reject(blocked),
    rename: () => Promise.resolve(),
  }
  if (!canBePartitioned(family)) throw new Error('a family of months has a time')
  const restored = restorePartition(store, family, 'messages', shard, '_hold_messages_202601')
  await expect(restored).rejects.toMatchObject({ code: 'SHARD_CHANGED', cause: blocked })
  expect(sent).toEqual([expect.stringContaining('EXCHANGE PARTITION')])
})
