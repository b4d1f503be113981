import { createHash } from 'node:crypto'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { ArchivePort, WrittenArchive } from '../../../src/shards/ports.ts'
import type { RowCount, ShardRecord } from '../../../src/shards/shard.ts'
import { MemoryProcess, ProcessDied } from './process.ts'
import type { MemoryTable } from './shard-schema.ts'
import type { MemoryShardServer } from './shard-server.ts'
import { openMemoryShardStore } from './shard-store.ts'

interface ArchivedTable {
  readonly table: MemoryTable
  readonly count: RowCount
}

/** Files of a test's archive: they outlive every process. */
export class MemoryArchive {
  readonly files = new Map<string, ArchivedTable>()

  /** The archive as one process sees it: each of its calls may be its last. */
  port(server: MemoryShardServer, process: MemoryProcess): ArchivePort {
    return {
      write: async (request) => {
        const { name, schema } = request.database
        const store = openMemoryShardStore(new MemoryProcess(), server, { database: name, schema, server: 'memory' })
        return survive(process, async () => {
          const address = addressOf(request.shard, server.next())
          const archived = {
            table: server.schema(schema).table(request.table),
            count: await store.measure(request.table),
          }
          this.files.set(address, archived)
          return describe(address, archived)
        })
      },
      verify: (address) => survive(process, () => describe(address, this.#read(address))),
      isRemoved: async (address) => !this.files.has(address),
      describe: () => Promise.reject(new Error('archives in memory have no manifests')),
      list: async () => [],
      restore: (address, into) => {
        const archived = this.#read(address)
        const { table } = archived
        const schema = server.schema(into.database.schema)
        const load = (rows: readonly string[]): void => {
          schema.create({ ...withoutHoldNames(table), name: into.table })
          schema.change(into.table, () => ({ rows }))
        }
        const half = table.rows.slice(0, table.rows.length / 2)
        return survive(
          process,
          () => {
            load(table.rows)
            return describe(address, archived)
          },
          () => load(half),
        )
      },
    }
  }

  #read(address: string): ArchivedTable {
    const archived = this.files.get(address)
    if (archived === undefined) throw new ToolError('ARCHIVE_MISSING', { what: `There is no archive ${address}` })
    return archived
  }
}

const addressOf = ({ family, table }: ShardRecord, serial: number): string => `${family}/${table}-${serial}`

function describe(address: string, { table, count }: ArchivedTable): WrittenArchive {
  const text = table.rows.join('\n')
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { ...count, address, sha256, bytes: text.length }
}

/** A key to a parent that was on hold is a key to the parent. */
function withoutHoldNames(table: MemoryTable): MemoryTable {
  const own = (name: string): string => name.replace(/_hold_\d{8}_[0-9a-f]{8}_/g, '')
  return { ...table, items: table.items.map(own), references: table.references.map(own) }
}

/** @param half what is there when the process dies in the middle of the work */
async function survive<T>(process: MemoryProcess, work: () => T | Promise<T>, half: () => void = () => {}): Promise<T> {
  await Promise.resolve()
  if (process.dead) throw new ProcessDied('the process is dead')
  const mishap = process.nextMishap()
  if (mishap === null) return work()
  if (mishap.endsWith('after')) await work()
  if (mishap.endsWith('during')) half()
  if (!mishap.startsWith('die')) throw new ToolError('CONNECTION_LOST', { what: 'The connection was lost' })
  process.die()
  throw new ProcessDied('the process is dead')
}
