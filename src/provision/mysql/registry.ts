import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { environmentsSchema } from '../../core/environments-schema.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Formatted, refuseNewerFormat } from '../../migrations/journal/journal-format.ts'
import { translatingErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Answer, Connection, Row } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { tryLock } from '../../mysql/lock.ts'
import { placeOf } from '../../mysql/place.ts'
import { toInstant } from '../../shards/registry/registry-format.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { EnvironmentRecord, EnvironmentSchema, NewEnvironment, ProvisionRegistry } from '../ports.ts'
import type { EnvironmentScope, EnvironmentState } from '../provision.ts'

const duplicateKey = 1062
const registryFormat = { number: 1 }
const formatted: Formatted = {
  code: 'REGISTRY_NEWER',
  subject: 'The registry of provisioned test environments',
  danger: 'this version could misread which databases are in use.',
}
const unknownSchema = [serverErrors.unknownDatabase, serverErrors.unknownTable]

/** Opens the registry on a database's server. It is made when something is first written to it. */
export async function openRegistry(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
): Promise<ProvisionRegistry> {
  const place = placeOf({ ...database, schema: environmentsSchema }, timeouts, null)
  const { target } = place
  const connection = await door.open(place, { writable: true, purpose: 'environments' })
  await translatingErrors(target, () => connection.ask("SET SESSION transaction_isolation='READ-COMMITTED'"))
  return new MysqlRegistry(connection, target, connection.facts.version)
}

class MysqlRegistry implements ProvisionRegistry {
  readonly #connection: Connection
  readonly #target: Target
  readonly serverVersion: string

  constructor(connection: Connection, target: Target, serverVersion: string) {
    this.#connection = connection
    this.#target = target
    this.serverVersion = serverVersion
  }

  read(): ReturnType<ProvisionRegistry['read']> {
    return this.#translate(async () => {
      const texts = [`SELECT UTC_TIMESTAMP(3)`, `${selectEnvironments} ORDER BY s.created_at,s.name`, selectSchemas]
      const [clock, environments, schemas] = await this.#ask(texts)
      const records = (environments?.rows ?? []).map((row) => toRecord(row, schemas?.rows ?? []))
      return { now: toInstant(clock?.rows[0]?.[0]) ?? 0, records }
    })
  }

  find(name: string): Promise<EnvironmentRecord | null> {
    return this.#translate(async () => {
      const named = quoteString(name)
      const texts = [`${selectEnvironments} WHERE s.name=${named}`, `${selectSchemas} WHERE set_name=${named}`]
      const [environments, schemas] = await this.#ask(texts)
      const row = environments?.rows[0]
      return row === undefined ? null : toRecord(row, schemas?.rows ?? [])
    })
  }

  /** No rows, and no answers, where no registry exists. Throws ToolError `REGISTRY_NEWER`. */
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
    return this.#translate(() => tryLock(this.#connection, nameEnvironmentLock(name), milliseconds / 1000))
  }

  async release(name: string): Promise<void> {
    await this.#translate(() => this.#connection.ask(`DO RELEASE_LOCK('${nameEnvironmentLock(name)}')`))
  }

  register(environment: NewEnvironment): Promise<void> {
    return this.#translate(async () => {
      try {
        await this.#write(renderRegistration(environment))
      } catch (error) {
        await this.#connection.ask('ROLLBACK')
        throw hasNumber(error, duplicateKey) ? await this.#explainTaken(environment) : error
      }
    })
  }

  async #explainTaken(environment: NewEnvironment): Promise<ToolError> {
    const names = environment.schemas.map(({ schema }) => quoteString(schema)).join(',')
    const { rows } = await this.#connection.ask(`${selectSchemas} WHERE schema_name IN (${names})`)
    const [other, , schema] = rows[0] ?? []
    return new ToolError('PROVISION_TAKEN', {
      what:
        schema === undefined
          ? `\`${environment.name}\` is already in the registry.`
          : `The schema \`${schema}\` already belongs to the test environment \`${other}\`.`,
      where: { server: this.#target.server },
      next: 'Choose another name.',
    })
  }

  async finishTemplate(name: string, recipe: string): Promise<void> {
    const values = `state='ready',used_at=UTC_TIMESTAMP(3),recipe=${quoteString(recipe)}`
    await this.#translate(() => this.#write(`UPDATE wwdb_provision.sets SET ${values} WHERE name=${quoteString(name)}`))
  }

  readRecipe(name: string): Promise<string | null> {
    return this.#translate(async () => {
      const { rows } = await this.#connection.ask(
        `SELECT recipe FROM wwdb_provision.sets WHERE name=${quoteString(name)}`,
      )
      const recipe = rows[0]?.[0]
      return recipe === null || recipe === undefined ? null : String(recipe)
    })
  }

  async setState(name: string, state: EnvironmentRecord['state']): Promise<void> {
    await this.#translate(() =>
      this.#write(
        `UPDATE wwdb_provision.sets SET state='${state}',used_at=UTC_TIMESTAMP(3) WHERE name=${quoteString(name)}`,
      ),
    )
  }

  async forget(name: string): Promise<void> {
    const named = quoteString(name)
    await this.#translate(() =>
      this.#write(
        `START TRANSACTION;DELETE FROM wwdb_provision.\`schemas\` WHERE set_name=${named};DELETE FROM wwdb_provision.sets WHERE name=${named};COMMIT`,
      ),
    )
  }

  isShared(): Promise<boolean> {
    return this.#translate(async () => {
      const { rows } = await this.#connection.ask(
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('group_replication_group_name','gtid_executed','server_uuid')",
      )
      const values = new Map(rows.map(([name, value]) => [String(name).toLowerCase(), String(value ?? '')]))
      if ((values.get('group_replication_group_name') ?? '') !== '') return true
      // A replica that was promoted has the rows of its former source, and none of the locks that are held there.
      const sources = (values.get('gtid_executed') ?? '').match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi) ?? []
      return sources.some((uuid) => uuid.toLowerCase() !== values.get('server_uuid')?.toLowerCase())
    })
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

  #translate<T>(work: () => Promise<T>): Promise<T> {
    return translatingErrors(this.#target, work)
  }
}

/** GET_LOCK allows 64 characters, and names of test environments are short: nothing is hashed, so a DBA can read the name. */
function nameEnvironmentLock(name: string): string {
  return `wwdb:set:${name}`
}

const lockOf = `CONCAT('wwdb:set:',s.name)`

/** Columns of a test environment, and whether another connection holds its name. */
const selectEnvironments = `SELECT s.name,s.kind,s.prefix,s.owner,s.lease,s.state,s.template,CAST(s.stores AS CHAR),s.created_at,s.used_at,s.expires_at,
COALESCE(IS_USED_LOCK(${lockOf})<>CONNECTION_ID(),0) FROM wwdb_provision.sets s`

/** The format of the registry is in the comment of its table, where a newer wwdb writes `format 2`; no row without a registry. */
const selectFormat = `SELECT REGEXP_SUBSTR(TABLE_COMMENT,'(?<=format )[0-9]+') FROM information_schema.TABLES WHERE TABLE_SCHEMA='wwdb_provision' AND TABLE_NAME='sets'`

const selectSchemas = 'SELECT set_name,logical,schema_name,server FROM wwdb_provision.`schemas`'

function readStores(text: unknown): readonly string[] {
  const value: unknown = JSON.parse(String(text))
  return Array.isArray(value) ? value.map(String) : []
}

/** A row of `selectEnvironments`, with the rows of `selectSchemas`. */
function toRecord(row: Row, schemas: readonly Row[]): EnvironmentRecord {
  const name = String(row[0])
  return {
    name,
    kind: row[1] === 'template' ? 'template' : 'environment',
    prefix: String(row[2]),
    owner: String(row[3]),
    scope: String(row[4]) as EnvironmentScope,
    state: String(row[5]) as EnvironmentState,
    template: row[6] === null || row[6] === undefined ? null : String(row[6]),
    stores: readStores(row[7]),
    createdAt: toInstant(row[8]) ?? 0,
    usedAt: toInstant(row[9]) ?? 0,
    expiresAt: toInstant(row[10]),
    held: Number(row[11]) === 1,
    schemas: schemas.filter((one) => one[0] === name).map(toSchema),
  }
}

function toSchema([, database, schema, server]: Row): EnvironmentSchema {
  return { database: String(database), schema: String(schema), server: String(server) }
}

/** The writes that register a test environment: all of them, or none. */
function renderRegistration(environment: NewEnvironment): string {
  const { name, kind, prefix, owner, scope, template, stores, schemas, lifetime } = environment
  const end = lifetime === null ? 'NULL' : `UTC_TIMESTAMP(3)+INTERVAL ${Math.round(lifetime * 1000)} MICROSECOND`
  const values = [
    ...[name, kind === 'template' ? kind : 'set', prefix, owner.slice(0, 255), scope, 'making'].map(quoteString),
    template === null ? 'NULL' : quoteString(template),
    quoteString(JSON.stringify(stores)),
    'UTC_TIMESTAMP(3)',
    'UTC_TIMESTAMP(3)',
    end,
  ]
  const rows = schemas.map((one) => `(${[one.server, one.schema, name, one.database].map(quoteString).join(',')})`)
  return [
    'START TRANSACTION',
    `INSERT INTO wwdb_provision.sets(name,kind,prefix,owner,lease,state,template,stores,created_at,used_at,expires_at) VALUES (${values.join(',')})`,
    `INSERT INTO wwdb_provision.\`schemas\`(server,schema_name,set_name,logical) VALUES ${rows.join(',')}`,
    'COMMIT',
  ].join(';')
}

const environments = `CREATE TABLE IF NOT EXISTS \`wwdb_provision\`.\`sets\` (
  \`name\` VARCHAR(64) NOT NULL COMMENT 'of a template: template/ and its checksum',
  \`kind\` VARCHAR(8) NOT NULL COMMENT 'set (a test environment) or template',
  \`prefix\` VARCHAR(64) NOT NULL COMMENT 'what the names of its schemas begin with',
  \`owner\` VARCHAR(255) NOT NULL,
  \`lease\` VARCHAR(8) NOT NULL COMMENT 'kept, or process: it ends with the connection that holds its name',
  \`state\` VARCHAR(8) NOT NULL COMMENT 'making, ready or removing',
  \`template\` VARCHAR(64) NULL COMMENT 'name of the one that it is cloned from',
  \`stores\` JSON NOT NULL COMMENT 'names of stores that hold something under its prefix',
  \`recipe\` LONGTEXT NULL COMMENT 'of a template: what clones are made by',
  \`created_at\` DATETIME(3) NOT NULL COMMENT 'UTC, as all instants',
  \`used_at\` DATETIME(3) NOT NULL,
  \`expires_at\` DATETIME(3) NULL,
  PRIMARY KEY (\`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: test environments and their templates'`

/** A schema belongs to one test environment: the primary key refuses a second one with the same schema. */
const schemas = `CREATE TABLE IF NOT EXISTS \`wwdb_provision\`.\`schemas\` (
  \`server\` VARCHAR(255) NOT NULL COMMENT 'host:port; empty for the server of this registry',
  \`schema_name\` VARCHAR(64) NOT NULL,
  \`set_name\` VARCHAR(64) NOT NULL,
  \`logical\` VARCHAR(64) NOT NULL COMMENT 'the logical database',
  PRIMARY KEY (\`server\`, \`schema_name\`),
  KEY \`idx_set\` (\`set_name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: the schemas of each test environment'`

const registryDefinitions: readonly string[] = [
  'CREATE DATABASE IF NOT EXISTS `wwdb_provision` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  environments,
  schemas,
]
