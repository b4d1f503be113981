import { randomUUID } from 'node:crypto'
import type { Target } from '../../core/target.ts'
import type { Asker, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RegistryChange } from '../ports.ts'
import type { FamilyTemplate, Registry } from '../shard.ts'
import { noRegistry, selectRegistry, toRegistry } from './registry.ts'
import { createEventsTable, createRegistryTables, registryFormat } from './registry-format.ts'
import type { RegistryPlace } from './registry-place.ts'
import { countChange, renderChange } from './render-change.ts'
import { readAllTraces, selectTraces } from './traces.ts'

const templates = ({ templates: table }: KeyspaceRegistryPlace): string =>
  `CREATE TABLE IF NOT EXISTS ${table} (family VARCHAR(64) NOT NULL,version INT UNSIGNED NOT NULL,template MEDIUMTEXT NOT NULL,checksum VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the text',PRIMARY KEY (family,version)) ` +
  `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: texts of templates'`

/** One transaction, behind the fence of the lease. */
type Write = (statements: readonly string[]) => Promise<void>

/** Also where the texts are that templates had: a table that a killed run made is known by the text that it was made from, and an older checkout by its text. */
export interface KeyspaceRegistryPlace extends RegistryPlace {
  readonly templates: string
}

/** The registry of a keyspace, beside its journal: the tables of a registry in a keyspace with one shard, whose writes are fenced by the lease. */
export class KeyspaceRegistry {
  readonly #connection: Asker
  readonly #place: KeyspaceRegistryPlace
  readonly #write: Write

  /** @param connection on which nothing is committed by itself */
  constructor(connection: Asker, place: KeyspaceRegistryPlace, write: Write) {
    this.#connection = connection
    this.#place = place
    this.#write = write
  }

  /** Its tables as of one instant. Throws ToolError `REGISTRY_NEWER`. */
  async read(target: Target): Promise<Registry> {
    await this.#connection.ask('ROLLBACK')
    try {
      const [families, shards, found] = await this.#askAll(selectRegistry(this.#place))
      const [last] = await this.#askAll([selectTraces('protected_reason', this.#place)])
      return toRegistry(
        { families: families ?? [], shards: shards ?? [], found: found ?? [], last: last ?? [] },
        target,
      )
    } catch (error) {
      if (!hasNumber(error, serverErrors.unknownTable)) throw error
      return { ...noRegistry, traces: await readAllTraces(this.#connection, this.#place) }
    } finally {
      await this.#connection.ask('ROLLBACK')
    }
  }

  async #askAll(questions: readonly string[]): Promise<readonly (readonly Row[])[]> {
    const answers: (readonly Row[])[] = []
    for (const question of questions) answers.push((await this.#connection.ask(question)).rows)
    return answers
  }

  /** Makes the tables that do not exist, and gives the registry the name that tells it from every other one. */
  async create(): Promise<void> {
    for (const text of [...createRegistryTables(this.#place), createEventsTable(this.#place), templates(this.#place)])
      await this.#connection.ask(text)
    if ((await this.#readId()) !== null) return
    await this.#write([
      `INSERT INTO ${this.#place.families}(family,version,template,checksum) VALUES ('',${registryFormat.number},'',${quoteString(randomUUID())}) ` +
        'ON DUPLICATE KEY UPDATE checksum=VALUES(checksum)',
    ])
  }

  /** What contexts of Vitess begin with: the registry's own row has it as its checksum. */
  async id(): Promise<string> {
    const id = await this.#readId()
    if (id === null) throw new Error('a registry is used that was not created')
    return id
  }

  async #readId(): Promise<string | null> {
    const { rows } = await this.#connection.ask(`SELECT checksum FROM ${this.#place.families} WHERE family=''`)
    await this.#connection.ask('ROLLBACK')
    const id = String(rows[0]?.[0] ?? '')
    return id === '' ? null : id
  }

  /** Throws ToolError `LOCK_LOST`, with nothing written. */
  write(change: RegistryChange, runId: string | null): Promise<void> {
    const texts = change.families.map(
      ({ family, version, template, checksum }) =>
        `(${quoteString(family)},${version},${quoteString(template)},${quoteString(checksum)})`,
    )
    const kept = `INSERT INTO ${this.#place.templates}(family,version,template,checksum) VALUES ${texts.join(',')} ON DUPLICATE KEY UPDATE version=VALUES(version)`
    return this.#write([
      countChange('1', change, this.#place),
      ...renderChange(this.#place, change, runId),
      ...(texts.length === 0 ? [] : [kept]),
    ])
  }

  /** Every text that a family's template had; none before the registry was written. */
  async readTemplates(): Promise<readonly FamilyTemplate[]> {
    const rows = await this.#askIfThere(`SELECT family,version,template,checksum FROM ${this.#place.templates}`)
    return rows.map(([family, version, template, checksum]) => ({
      family: String(family),
      version: Number(version),
      template: String(template),
      checksum: String(checksum),
    }))
  }

  /**
   * The numbers of the last events of shards, by table, whatever their states are: a shard on which a run has begun, or that was dropped and has come back, may be in use again, and be put on hold,
   * before this is read again.
   */
  async lastEvents(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#askIfThere(
      `SELECT table_name,CAST(MAX(id) AS CHAR) FROM ${this.#place.events} GROUP BY table_name`,
    )
    return new Map(rows.map(([table, last]) => [String(table), String(last)]))
  }

  async #askIfThere(question: string): Promise<readonly Row[]> {
    try {
      return (await this.#connection.ask(question)).rows
    } catch (error) {
      if (hasNumber(error, serverErrors.unknownTable)) return []
      throw error
    } finally {
      await this.#connection.ask('ROLLBACK')
    }
  }

  /** The number of the last event of a table; 0 without any. What is done to the table next is told by it from what was done to it before. */
  async lastEventOf(table: string): Promise<string> {
    const text = `SELECT CAST(COALESCE(MAX(id),0) AS CHAR) FROM ${this.#place.events} WHERE table_name=${quoteString(table)}`
    const { rows } = await this.#connection.ask(text)
    await this.#connection.ask('ROLLBACK')
    return String(rows[0]?.[0] ?? '0')
  }
}
