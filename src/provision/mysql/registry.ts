import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Formatted, refuseNewerFormat } from '../../migrations/journal/journal-format.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { ServerFacts } from '../../migrations/ports.ts'
import { type Answer, type Connection, connect } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { tryLock } from '../../mysql/lock.ts'
import { openSession } from '../../mysql/server-facts.ts'
import { toInstant } from '../../shards/registry/registry-format.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { ProvisionRegistry, SetRecord, SetToRegister } from '../ports.ts'
import { nameSetLock, renderRegistration, selectFormat, selectSchemas, selectSets, toRecord } from './registry-rows.ts'
import { registryDefinitions, registrySchema } from './registry-tables.ts'

const duplicateKey = 1062
const registryFormat = { number: 1 }
const formatted: Formatted = {
  code: 'REGISTRY_NEWER',
  name: 'The registry of provisioned sets',
  danger: 'this one could misread which databases are in use',
}
const unknownSchema = [serverErrors.unknownDatabase, serverErrors.unknownTable]

/** Opens the registry on a database's server. It is made when something is first written to it. */
export async function openRegistry(database: DatabaseConfig, timeouts: Timeouts): Promise<ProvisionRegistry> {
  const target: Target = { database: database.name, schema: registrySchema, server: database.server.label }
  const connection = await connect(database.server, null, timeouts.connect)
  return translatingErrors(target, async () => {
    const facts = await openSession(connection, target, { server: database.server, timeouts }, true)
    await connection.ask("SET SESSION autocommit=1, transaction_isolation='READ-COMMITTED'")
    return new MysqlRegistry(connection, target, facts)
  }).catch((error: unknown) => {
    connection.destroy()
    throw error
  })
}

class MysqlRegistry implements ProvisionRegistry {
  readonly #connection: Connection
  readonly #target: Target
  readonly serverVersion: string
  readonly notices: readonly string[]

  constructor(connection: Connection, target: Target, facts: ServerFacts) {
    this.#connection = connection
    this.#target = target
    this.serverVersion = facts.version
    this.notices = facts.notices
  }

  read(): ReturnType<ProvisionRegistry['read']> {
    return this.#told(async () => {
      const texts = [`SELECT UTC_TIMESTAMP(3)`, `${selectSets} ORDER BY s.created_at,s.name`, selectSchemas]
      const [clock, sets, schemas] = await this.#ask(texts)
      const records = (sets?.rows ?? []).map((row) => toRecord(row, schemas?.rows ?? []))
      return { now: toInstant(clock?.rows[0]?.[0]) ?? 0, records }
    })
  }

  find(name: string): Promise<SetRecord | null> {
    return this.#told(async () => {
      const named = quoteString(name)
      const texts = [`${selectSets} WHERE s.name=${named}`, `${selectSchemas} WHERE set_name=${named}`]
      const [sets, schemas] = await this.#ask(texts)
      const row = sets?.rows[0]
      return row === undefined ? null : toRecord(row, schemas?.rows ?? [])
    })
  }

  /** No rows, and no answers, where there is no registry. Throws ToolError `REGISTRY_NEWER`. */
  async #ask(texts: readonly string[]) {
    try {
      const [format, ...answers] = await this.#connection.askAll([selectFormat, ...texts].join(';'))
      this.#refuseNewer(format)
      return answers
    } catch (error) {
      if (hasNumber(error, ...unknownSchema)) return []
      // A newer one may have other columns.
      if (hasNumber(error, serverErrors.unknownColumn)) this.#refuseNewer(await this.#connection.ask(selectFormat))
      throw error
    }
  }

  #refuseNewer(answer: Answer | undefined): void {
    const value = answer?.rows[0]?.[0]
    if (value === undefined || value === null) return
    refuseNewerFormat({ value: String(value), toolVersion: '' }, this.#target, registryFormat, formatted)
  }

  hold(name: string, milliseconds: number): Promise<boolean> {
    return this.#told(() => tryLock(this.#connection, nameSetLock(name), milliseconds / 1000))
  }

  async release(name: string): Promise<void> {
    await this.#told(() => this.#connection.ask(`DO RELEASE_LOCK('${nameSetLock(name)}')`))
  }

  register(set: SetToRegister): Promise<void> {
    return this.#told(async () => {
      try {
        await this.#write(renderRegistration(set))
      } catch (error) {
        await this.#connection.ask('ROLLBACK')
        throw hasNumber(error, duplicateKey) ? await this.#explainTaken(set) : error
      }
    })
  }

  async #explainTaken(set: SetToRegister): Promise<ToolError> {
    const names = set.schemas.map(({ schema }) => quoteString(schema)).join(',')
    const { rows } = await this.#connection.ask(`${selectSchemas} WHERE schema_name IN (${names})`)
    const [other, , schema] = rows[0] ?? []
    return new ToolError('PROVISION_TAKEN', {
      what:
        schema === undefined
          ? `"${set.name}" is in the registry already`
          : `The schema '${schema}' belongs to the set "${other}" already`,
      where: { server: this.#target.server },
      next: 'Take another name.',
    })
  }

  async finishTemplate(name: string, recipe: string): Promise<void> {
    const set = `state='ready',used_at=UTC_TIMESTAMP(3),recipe=${quoteString(recipe)}`
    await this.#told(() => this.#write(`UPDATE wwdb_provision.sets SET ${set} WHERE name=${quoteString(name)}`))
  }

  readRecipe(name: string): Promise<string | null> {
    return this.#told(async () => {
      const { rows } = await this.#connection.ask(
        `SELECT recipe FROM wwdb_provision.sets WHERE name=${quoteString(name)}`,
      )
      const recipe = rows[0]?.[0]
      return recipe === null || recipe === undefined ? null : String(recipe)
    })
  }

  async setState(name: string, state: SetRecord['state']): Promise<void> {
    await this.#told(() =>
      this.#write(
        `UPDATE wwdb_provision.sets SET state='${state}',used_at=UTC_TIMESTAMP(3) WHERE name=${quoteString(name)}`,
      ),
    )
  }

  async forget(name: string): Promise<void> {
    const named = quoteString(name)
    await this.#told(() =>
      this.#write(
        `START TRANSACTION;DELETE FROM wwdb_provision.\`schemas\` WHERE set_name=${named};DELETE FROM wwdb_provision.sets WHERE name=${named};COMMIT`,
      ),
    )
  }

  /** Makes the registry where a write finds none. */
  async #write(text: string): Promise<void> {
    try {
      await this.#connection.askAll(text)
    } catch (error) {
      if (!hasNumber(error, ...unknownSchema)) throw error
      await this.#connection.askAll(`ROLLBACK;${registryDefinitions.join(';')}`)
      await this.#connection.askAll(text)
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  #told<T>(work: () => Promise<T>): Promise<T> {
    return translatingErrors(this.#target, work)
  }
}
