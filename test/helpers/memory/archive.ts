import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ShardRecord } from '../../../src/domain/shards/shard.ts'
import { ToolError } from '../../../src/domain/tool-error.ts'
import { checksumOfRows } from '../../../src/drivers/mysql/shards/row-checksum.ts'
import type { ArchivePort, WrittenArchive } from '../../../src/engine/shards/ports.ts'
import type { MemoryProcess } from './process.ts'
import { ProcessDied } from './process.ts'
import type { MemoryTable } from './shard-schema.ts'
import type { MemoryShardServer } from './shard-server.ts'

/** Files of a test's archive: they outlive every process. */
export class MemoryArchive {
  readonly files = new Map<string, MemoryTable>()

  /** The archive as one process sees it: each of its calls may be its last. */
  port(server: MemoryShardServer, process: MemoryProcess): ArchivePort {
    return {
      write: (request) => {
        const address = addressOf(request.shard, server.next())
        const table = server.schema(request.database.schema).table(request.table)
        return survive(process, () => {
          this.files.set(address, table)
          return describe(address, table)
        })
      },
      verify: (address) => survive(process, () => describe(address, this.#read(address))),
      restore: (address, into) => {
        const table = this.#read(address)
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
            return describe(address, table)
          },
          () => load(half),
        )
      },
    }
  }

  #read(address: string): MemoryTable {
    const table = this.files.get(address)
    if (table === undefined) throw new ToolError('ARCHIVE_MISSING', { what: `There is no archive ${address}` })
    return table
  }
}

const addressOf = ({ family, table }: ShardRecord, serial: number): string => `${family}/${table}-${serial}`

function describe(address: string, { rows }: MemoryTable): WrittenArchive {
  const text = rows.join('\n')
  const sha256 = createHash('sha256').update(text).digest('hex')
  return {
    address,
    sha256,
    bytes: text.length,
    rows: rows.length,
    checksum: checksumOfRows(rows.map((row) => crc32(row))),
  }
}

/** A key to a parent that was on hold is a key to the parent. */
function withoutHoldNames(table: MemoryTable): MemoryTable {
  const own = (name: string): string => name.replace(/_hold_\d{8}_[0-9a-f]{8}_/g, '')
  return { ...table, items: table.items.map(own), references: table.references.map(own) }
}

/** @param half what is there when the process dies in the middle of the work */
async function survive<T>(process: MemoryProcess, work: () => T, half: () => void = () => {}): Promise<T> {
  await Promise.resolve()
  if (process.dead) throw new ProcessDied('the process is dead')
  const mishap = process.nextMishap()
  if (mishap === null) return work()
  if (mishap.endsWith('after')) work()
  if (mishap.endsWith('during')) half()
  if (!mishap.startsWith('die')) throw new ToolError('CONNECTION_LOST', { what: 'The connection was lost' })
  process.die()
  throw new ProcessDied('the process is dead')
}
