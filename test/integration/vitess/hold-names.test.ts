import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyspaceRegistry } from '../../../src/mysql/keyspace-tables.ts'
import { noRegistryChange } from '../../../src/shards/ports.ts'
import { KeyspaceRegistry } from '../../../src/shards/registry/keyspace-registry.ts'
import { holdName, nextHoldName, type ShardRecord, type ShardState } from '../../../src/shards/shard.ts'
import { createSchema, type TestSchema } from '../../helpers/servers/schema.ts'

/** What is sent to its tables is the same on MySQL. */
let schema: TestSchema
beforeAll(async () => {
  schema = await createSchema('holds')
})
afterAll(() => schema.drop())

async function openRegistry(): Promise<KeyspaceRegistry> {
  const connection = await createConnection({ uri: schema.url, rowsAsArray: true, dateStrings: true })
  const ask = async (text: string) => {
    const [rows] = await connection.query<RowDataPacket[]>(text)
    const read = Array.isArray(rows) ? (rows as unknown as readonly (readonly string[])[]) : []
    return { rows: read, affected: null, insertId: null, warningCount: 0 }
  }
  const write = async (texts: readonly string[]): Promise<void> => {
    for (const text of texts) await ask(text)
  }
  const registry = new KeyspaceRegistry({ ask }, keyspaceRegistry(schema.name, 'message_db'), write)
  await registry.create()
  return registry
}

const today = Date.UTC(2026, 11, 1)
const shard = { family: 'letters', key: '2026-01', table: 'letters_202601', from: 0, to: 1 }

const recordIn = (state: ShardState, hold: string | null): ShardRecord => ({
  ...shard,
  state,
  templateVersion: 1,
  fingerprint: null,
  goneAt: null,
  seal: null,
  hold: hold === null ? null : { table: hold, at: today, until: today },
  archive: null,
  protection: null,
})

describe('names of holds in a keyspace', () => {
  it('are others each time, also where a run finds in which state the shard is and puts it on hold at once', async () => {
    const registry = await openRegistry()
    const write = (state: ShardState, hold: string | null) =>
      registry.write({ ...noRegistryChange, shards: [recordIn(state, hold)] }, null)
    const names: string[] = []
    /** As a run does it: it reads, corrects what an earlier one has left, and holds. */
    const hold = async (correction: ShardState | null): Promise<void> => {
      const last = (await registry.lastEvents()).get(shard.table)
      if (correction !== null) await write(correction, null)
      const name = nextHoldName(holdName(shard, today), last ?? '0')
      names.push(name)
      await write('holding', name)
    }
    await write('sealed', null)
    await hold(null)
    await hold('sealed')
    await hold('sealed')
    await write('dropped', names.at(-1) ?? null)
    await hold('live')
    await write('dropped', names.at(-1) ?? null)
    await hold('live')
    expect(new Set(names).size, names.join(' ')).toBe(5)
  })
})
