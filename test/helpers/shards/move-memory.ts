import type { MoveRequest } from '../../../src/shards/move/move-request.ts'
import type { KeyedRow, RowPage } from '../../../src/shards/move/ports.ts'
import type { RegistryChange } from '../../../src/shards/ports.ts'
import type { ShardFinding } from '../../../src/shards/shard.ts'
import { keyFamily } from './families.ts'

const column = (name: string) => ({
  name,
  type: 'bigint',
  fullType: 'bigint unsigned',
  charset: null,
  collation: null,
  nullable: false,
  generated: false,
})

/** A row of `id`, `wxid` and `instance_id`; each `wxid` is taken once by a shard. */
interface MemoryRow {
  readonly id: bigint
  readonly wxid: string
}

export interface MemoryMove {
  readonly request: MoveRequest
  readonly shards: Map<string, Map<bigint, string>>
  readonly triggers: Map<string, { readonly table: string; readonly text: string }>
  /** All that was changed on the server of the shards. */
  readonly written: string[]
  readonly findings: ShardFinding[]
}

interface MemoryOptions {
  readonly shards: Readonly<Record<string, readonly MemoryRow[]>>
  readonly keyspace: Readonly<Record<string, readonly MemoryRow[]>>
  readonly sequence?: { readonly next: bigint; readonly cache: bigint; readonly taken: () => bigint }
  /** Throws where a definition is to fail. */
  readonly define?: (text: string) => void
  /** Throws where the registry is to fail. */
  readonly register?: (what: 'create' | 'write') => void
  readonly changes?: Partial<MoveRequest>
}

/** Both sides of a move in memory: the shards know only the statements that a move sends. */
export function memoryMove(options: MemoryOptions): MemoryMove {
  const shards = new Map(
    Object.entries(options.shards).map(([key, rows]) => [
      `contacts_${key}`,
      new Map(rows.map(({ id, wxid }) => [id, wxid])),
    ]),
  )
  const triggers: MemoryMove['triggers'] = new Map()
  const written: string[] = []
  const findings: ShardFinding[] = []
  const tableOf = (name: string): Map<bigint, string> => {
    const found = shards.get(name)
    if (found === undefined) throw new Error(`there is no ${name}`)
    return found
  }
  const keyOf = (table: string): string => table.replace('contacts_', '')
  const pageOf = (rows: readonly MemoryRow[], key: string, { after, size }: RowPage): readonly KeyedRow[] =>
    rows
      .filter(({ id }) => after === null || id > after)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, size)
      .map(({ id, wxid }) => ({ id, text: `${id},'${wxid}',${key}` }))
  const listOf = (table: string): readonly MemoryRow[] => [...tableOf(table)].map(([id, wxid]) => ({ id, wxid }))
  const countOf = (rows: readonly MemoryRow[]) => ({
    rows: rows.length,
    checksum: rows
      .map(({ id, wxid }) => `${id}/${wxid}`)
      .toSorted()
      .join(),
  })
  const keyspaceRows = (where: string | null): readonly MemoryRow[] => {
    const excluded = /NOT IN \((.*)\)/.exec(where ?? '')?.[1]?.split(',')
    if (excluded !== undefined)
      return Object.entries(options.keyspace).flatMap(([key, rows]) => (excluded.includes(key) ? [] : rows))
    return options.keyspace[/=(\d+)$/.exec(where ?? '')?.[1] ?? ''] ?? []
  }
  const columns = ['id', 'wxid', 'instance_id'].map(column)
  const unique = [
    { name: 'PRIMARY', columns: ['id'] },
    { name: 'by_wxid', columns: ['wxid'] },
  ]
  const write = async (texts: readonly string[]): Promise<void> => {
    for (const text of texts) {
      const [, from = '', gone] = /^DELETE FROM `(\w+)` WHERE `id`=(\d+)$/.exec(text) ?? []
      if (gone !== undefined) tableOf(from).delete(BigInt(gone))
      const [, into = '', id, wxid] = /^INSERT INTO `(\w+)`\(.*\) VALUES \((\d+),'(\w+)',\d+\)$/.exec(text) ?? []
      if (id !== undefined && wxid !== undefined) {
        if ([...tableOf(into)].some((row) => row[0] === BigInt(id) || row[1] === wxid))
          throw new Error(`Duplicate entry of ${text}`)
        tableOf(into).set(BigInt(id), wxid)
      }
      written.push(text)
    }
  }
  const define = async (text: string): Promise<number> => {
    options.define?.(text)
    const [, made, on] = /^CREATE TRIGGER `(\w+)` BEFORE \w+ ON `(\w+)`/.exec(text) ?? []
    if (made !== undefined && on !== undefined) triggers.set(made, { table: on, text })
    const [, dropped] = /^DROP TRIGGER .*`(\w+)`$/.exec(text) ?? []
    if (dropped !== undefined) triggers.delete(dropped)
    written.push(text)
    return 0
  }
  const ask = async (text: string): Promise<readonly (readonly unknown[])[]> => {
    const [, highest] = /MAX\(`id`\) AS CHAR\) FROM `(\w+)`/.exec(text) ?? []
    if (highest !== undefined)
      return [[listOf(highest).reduce<bigint | null>((most, { id }) => (most === null || id > most ? id : most), null)]]
    if (text === 'SELECT @@GLOBAL.gtid_executed') return [['a:1-9']]
    if (text.startsWith('SELECT GTID_SUBSET')) return [[text === "SELECT GTID_SUBSET('a:1-9','a:1-9')" ? 1 : 0]]
    if (text.includes('information_schema.TRIGGERS'))
      return [...triggers].map(([name, { table, text: own }]) => [table, own, name])
    return text.includes('COUNT(*) FROM') ? [[0]] : []
  }
  const { sequence } = options
  // Only what a move asks for.
  const request = {
    source: {
      ask,
      readLacking: async () => ({ account: "'w'@'%'", place: '`app`.*', rights: [], untrusted: false }),
      write,
      readColumns: async () => columns,
      readUniqueIndexes: async () => unique,
      measure: async (table: string) => countOf(listOf(table)),
      readPage: async (page: RowPage) => pageOf(listOf(page.table), keyOf(page.table), page),
    },
    keyspace: {
      shards: ['-80', '80-'],
      isSharded: true,
      readColumns: async () => columns,
      readUniqueIndexes: async () => [{ name: 'PRIMARY', columns: ['instance_id', 'id'] }],
      measure: async (_: string, __: unknown, where: string | null) => countOf(keyspaceRows(where)),
      readPage: async (page: RowPage) =>
        pageOf(keyspaceRows(page.where), /=(\d+)$/.exec(page.where ?? '')?.[1] ?? '', page),
      readCounted: async () => null,
      readVschemaTable: async () => ({
        name: 'contacts',
        vindexes: [{ name: 'by_instance', columns: 'instance_id' }],
        isSequence: false,
        takesRows: true,
        autoIncrement: sequence === undefined ? null : { column: 'id', sequence: { keyspace: 'user_db', name: 'ids' } },
      }),
      readSequence: async () => sequence ?? null,
      takeNext: async () => sequence?.taken() ?? 0n,
      findDuplicates: async (_: string, names: readonly string[], where: string) => {
        const values = keyspaceRows(where).map((row) => String(names[0] === 'id' ? row.id : row.wxid))
        return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))]
      },
    },
    server: {
      define,
      findTriggers: async (names: readonly string[]) =>
        new Map(names.flatMap((name) => (triggers.has(name) ? [[name, triggers.get(name)?.table] as const] : []))),
      readObstacles: async () => ({ triggers: [], foreignKeys: [], seesAll: true, checks: [], engine: 'InnoDB' }),
    },
    store: {
      readRegistry: async () => ({ findings }),
      createRegistry: async () => options.register?.('create'),
      readClock: async () => 1,
      writeRegistry: async (change: RegistryChange) => {
        options.register?.('write')
        findings.splice(0, findings.length, ...change.findings)
      },
      target: { database: 'app', schema: 'app', server: 'db' },
      listTables: async () => [...shards.keys()].map((name) => ({ name, type: 'table' })),
    },
    destination: { database: 'app', schema: 'contact_db', server: 'vtgate' },
    family: keyFamily('contacts'),
    table: 'contacts',
    column: 'instance_id',
    sourceKeyspace: 'mysql',
    tabletTypes: 'replica,primary',
    vtctld: null,
    shell: { program: 'vtctldclient', address: null },
    stop: { requested: false, killRequested: false, onStop: () => () => undefined, onKill: () => () => undefined },
    emit: () => undefined,
    patience: 60_000,
    confirm: async () => undefined,
    ...options.changes,
  } as unknown as MoveRequest
  return { request, shards, triggers, written, findings }
}
