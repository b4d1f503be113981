import { createHash } from 'node:crypto'
import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import { digestDefinitions } from '../../../migrations/execute/recover.ts'
import { isLeftOpen, leftOpen, reasonOf } from '../../../migrations/mysql/vitess/errors.ts'
import type { InsideKeyspace } from '../../../migrations/mysql/vitess/inside-keyspace.ts'
import { readMigrations, readOnShards } from '../../../migrations/mysql/vitess/keyspace.ts'
import { atShard } from '../../../mysql/keyspace-schema.ts'
import { readIsSharded, readVschemaTable } from '../../../mysql/vschema.ts'
import { quoteName } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import type { TableToCreate } from '../../ports.ts'
import type { KeyspaceRegistry } from '../../registry/keyspace-registry.ts'
import { dropTable, renameTable } from '../../step-statements.ts'
import { changingShards, notDropped } from './differing.ts'

/** How often Vitess may have run a statement on a table that was made, or removed, by hand again. */
const mostContexts = 100

/** The shards that have a table, and those that do not. */
interface Places {
  readonly having: readonly string[]
  readonly lacking: readonly string[]
}

const tableOf = (name: string): ObjectName => ({ type: 'table', schema: null, name })

/** Changes of shards' tables in a keyspace, each complete only when every shard of Vitess says so. */
export class KeyspaceChanges {
  readonly #inside: InsideKeyspace
  readonly #registry: KeyspaceRegistry
  readonly #target: Target

  constructor(inside: InsideKeyspace, registry: KeyspaceRegistry, target: Target) {
    this.#inside = inside
    this.#registry = registry
    this.#target = target
  }

  /** On which shards a table exists. */
  async #readPlaces(table: string): Promise<Places> {
    const { reader, shards } = this.#inside
    const found = await reader.ask((one) => readOnShards(one, this.#target.schema, shards, tableOf(table)))
    const has = (at: number): boolean => found[at] !== null
    return { having: shards.filter((_, at) => has(at)), lacking: shards.filter((_, at) => !has(at)) }
  }

  /** Creates a table on each shard that lacks it: `completed` where some had it before. Its vindex comes first: no row of it would find its shard before. */
  async create(table: TableToCreate): Promise<'created' | 'completed' | 'exists'> {
    await this.requireShards()
    await this.#addToVschema(table)
    const { having, lacking } = await this.#readPlaces(table.table)
    if (lacking.length === 0) return 'exists'
    await this.#define(table.text, 'CREATE TABLE', table.table, table.table, ({ lacking: left }) => left.length === 0)
    return having.length > 0 ? 'completed' : 'created'
  }

  async #addToVschema({ vschema = [] }: TableToCreate): Promise<void> {
    if (vschema.length === 0 || !(await this.#isSharded())) return
    for (const { text, objects } of vschema) await this.#inside.vschemaTurns.run(text, objects)
  }

  #isSharded = async (): Promise<boolean> =>
    (await readIsSharded(this.#inside.connection, this.#target.schema)) === true

  /** Whether Vitess has made the table from this text for this registry, on every shard. */
  async hasMade({ table, text }: TableToCreate): Promise<boolean> {
    const context = await this.#contextOf(table, text)
    for (let attempt = 0; attempt < mostContexts; attempt += 1) {
      const state = await this.#inside.definitions.awaitEnd(
        { type: 'context', context: `${context}:${attempt}` },
        () => undefined,
      )
      if (state.type !== 'complete') return false
      const { lacking } = await this.#readPlaces(table)
      if (lacking.length === 0) return true
    }
    return false
  }

  /** DROP TABLE through Vitess, which keeps the table under another name for a day. What the VSchema says of the shard goes last. @param own the shard's own name, for a table on hold */
  async drop(table: string, own: string): Promise<void> {
    // Where no shard that serves has it, those of a Reshard may have copied it.
    await this.requireShards()
    const { having } = await this.#readPlaces(table)
    try {
      if (having.length > 0)
        await this.#define(dropTable(table), 'DROP TABLE', table, own, ({ having: left }) => left.length === 0)
      await this.removeFromVschema(own)
    } catch (error) {
      if (!isLeftOpen(error)) throw error
      const places = await this.#readPlaces(table)
      throw notDropped(this.#target, own, { table, why: reasonOf(error), ...places })
    }
  }

  /**
   * Cancels what Vitess has not done of the DROP that the shard's last event announces, and waits until nothing of it is pending. Returns the migration that has dropped the table on a shard; null
   * where none has.
   */
  async cancelDrop(table: string, own: string): Promise<string | null> {
    const { definitions, reader } = this.#inside
    const context = await this.#contextOf(own, dropTable(table))
    let isAsking = false
    // As long as it is pending: a shard may be given it after the others.
    const cancel = (): void => {
      if (isAsking) return
      isAsking = true
      void definitions
        .cancel()
        .catch(() => undefined)
        .finally(() => {
          isAsking = false
        })
    }
    let by: string | null = null
    for (let attempt = 0; attempt < mostContexts; attempt += 1) {
      const sought = { type: 'context', context: `${context}:${attempt}` } as const
      const state = await definitions.awaitEnd(sought, cancel)
      if (state.type === 'absent') break
      if (state.type === 'silent') throw leftOpen(state.why)
      const rows = await reader.ask((one) => readMigrations(one, this.#target.schema, sought))
      by = rows.find(({ status }) => status === 'complete')?.uuid ?? by
    }
    return by
  }

  /** Where no table of the name is left. */
  async removeFromVschema(own: string): Promise<void> {
    if (!(await this.#isSharded())) return
    const { having } = await this.#readPlaces(own)
    if (having.length > 0) return
    const { connection, vschemaTurns, renew } = this.#inside
    // A run that lost its lease would take the vindex of a shard that another one has brought back.
    await renew()
    const shown = await readVschemaTable(connection, this.#target.schema, own, true)
    const objects = [{ type: 'vschema', schema: null, name: own } as const]
    const on = `ALTER VSCHEMA ON ${quoteName(own)}`
    if (shown.autoIncrement !== null) await vschemaTurns.run(`${on} DROP AUTO_INCREMENT`, objects)
    // The primary one last: no other may take its place.
    for (const { name } of shown.vindexes.toReversed())
      await vschemaTurns.run(`${on} DROP VINDEX ${quoteName(name)}`, objects)
  }

  /**
   * Renames a table on each shard that has it under its old name. Vitess runs no RENAME as a migration, so it is sent to each shard by itself, under the lease: what one shard has is seen by
   * looking, and a run that was killed between two shards is finished by the next one.
   */
  async rename(table: string, to: string): Promise<void> {
    const { reader, renew } = this.#inside
    const before = await this.#readPlaces(table)
    const after = await this.#readPlaces(to)
    if (before.having.length === 0 && after.having.length === 0) throw this.#missing(table)
    const both = before.having.filter((shard) => after.having.includes(shard))
    if (both.length > 0)
      throw this.#differing(
        table,
        `\`${to}\` exists beside it on shard ${both.join(', ')}; \`${table}\` is on ${before.having.join(', ')}, \`${to}\` on ${after.having.join(', ')}.`,
      )
    for (const shard of before.having) {
      // The question is asked again where its connection was lost: then the lease may be, too, and the shard may have done it.
      await reader.ask(async (one) => {
        await renew()
        await this.requireShards()
        const [left] = await readOnShards(one, this.#target.schema, [shard], tableOf(table))
        if (left === null) return
        await atShard(one, this.#target.schema, shard, (there) =>
          there.ask(renameTable(table, to)).then(() => undefined),
        )
      })
    }
    // One that has begun meanwhile may have copied the table under its old name: what was intended stays in the registry, and the shards that serve then are looked at again.
    await this.requireShards()
  }

  #missing = (table: string): ToolError => this.#differing(table, 'No shard has it.')

  #differing(table: string, why: string): ToolError {
    const { database, server } = this.#target
    return new ToolError('SHARDS_DIFFER', {
      what: `\`${table}\` cannot be renamed on every shard of the keyspace.`,
      where: { database, server },
      why,
      next: 'Look what became of the rows on each shard. Where they are under another name, give the table its name back there with `RENAME TABLE`; then run the command again.',
    })
  }

  /** Looked at before each change: a Reshard may begin while a run works. Throws ToolError `SHARDS_CHANGING`. */
  async requireShards(): Promise<void> {
    const why = await this.findChanging()
    if (why !== null) throw changingShards(this.#target, why)
  }

  /** Why nothing may be done to tables of the keyspace now; null where it may. */
  findChanging = (): Promise<string | null> => this.#inside.definitions.findChanging()

  /** What the statement is told by: what was done to the shard before it, and its text. */
  async #contextOf(own: string, text: string): Promise<string> {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
    return `wwdb:${await this.#registry.id()}:shard:${await this.#registry.lastEventOf(own)}:${hash}`
  }

  /**
   * Gives a definition to Vitess in the context of the shard's last event. Where Vitess calls it complete there, and the tables say otherwise, somebody has undone it since, and it gets the
   * next context.
   */
  async #define(
    text: string,
    summary: string,
    table: string,
    own: string,
    isDone: (places: Places) => boolean,
  ): Promise<void> {
    const { definitions, renew } = this.#inside
    const context = await this.#contextOf(own, text)
    const objects = [tableOf(table)]
    for (let attempt = 0; attempt < mostContexts; attempt += 1) {
      const fingerprint = digestDefinitions(objects, await definitions.read(objects))
      await renew()
      await this.requireShards()
      await definitions.run(text, { summary, objects, fingerprint }, `${context}:${attempt}`)
      if (isDone(await this.#readPlaces(table))) return
    }
    throw new Error(`Vitess has called \`${summary}\` of ${table} complete ${mostContexts} times, and it is not`)
  }
}
