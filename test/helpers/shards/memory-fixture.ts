import type { ShardFamily } from '../../../src/core/shard-family.ts'
import { changeShards } from '../../../src/shards/rotation/run-rotation.ts'
import { MemoryProcess } from '../memory/process.ts'
import type { RotationFixture } from './rotation-fixture.ts'
import { RotationStage, schemaName } from './rotation-stage.ts'

/** Histories against the server in memory: thousands of runs a minute, and something may go wrong at any call. */
export function openMemoryFixture(start: string, families: readonly ShardFamily[]): RotationFixture {
  const stage = new RotationStage(start, families)
  let connections = 0
  const fixture: RotationFixture = {
    now: stage.now,
    skew: 0,
    families,
    rotate: async (mishaps = []) => {
      stage.now = fixture.now
      stage.skew = fixture.skew
      stage.families = fixture.families
      return stage.run({}, new MemoryProcess(mishaps))
    },
    change: async (family, work) => {
      stage.now = fixture.now
      stage.families = fixture.families
      const process = new MemoryProcess()
      const request = { ...stage.request(process), only: new Set([family]) }
      try {
        return await changeShards(request, (target, one) => work(target, one, request))
      } finally {
        stage.end(process)
      }
    },
    readRecords: async () => stage.records,
    readTables: async () => stage.schema.tables.flatMap(({ name, type }) => (type === 'table' ? [name] : [])),
    readRows: async (table) => stage.schema.table(table).rows,
    insert: async (table, row) => stage.server.insert(schemaName, table, row),
    create: async (text) => stage.server.create(schemaName, text),
    drop: async (table) => stage.schema.drop(table),
    addColumn: async (table, column) =>
      stage.schema.change(table, ({ items, columns }) => ({
        items: [...items, `column \`${column}\` INT`],
        columns: [...columns, column],
      })),
    setInstances: async (present, deleted) => stage.setInstances(present, deleted),
    read: async (table) => {
      connections += 1
      return stage.schema.read(table, connections)
    },
    readArchive: async (address) => stage.archive.files.get(address)?.table.rows.join('\n') ?? '',
    listArchives: async () => [...stage.archive.files.keys()],
  }
  return fixture
}
