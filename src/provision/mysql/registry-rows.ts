import type { Row } from '../../mysql/connection.ts'
import { toInstant } from '../../shards/registry/registry-format.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { SetRecord, SetSchema, SetToRegister } from '../ports.ts'
import type { SetLease, SetState } from '../provision.ts'

/** GET_LOCK takes 64 characters, and names of sets are short: nothing is hashed, so that a DBA can read whose lock it is. */
export function nameSetLock(name: string): string {
  return `wwdb:set:${name}`
}

const lockOf = `CONCAT('wwdb:set:',s.name)`

/** Columns of a set, and whether another connection holds its name. */
export const selectSets = `SELECT s.name,s.kind,s.prefix,s.owner,s.lease,s.state,s.template,CAST(s.stores AS CHAR),s.created_at,s.used_at,s.expires_at,
COALESCE(IS_USED_LOCK(${lockOf})<>CONNECTION_ID(),0) FROM wwdb_provision.sets s`

/** The format of the registry stands in a comment of its table, where a newer wwdb writes `format 2`; no row where there is no registry. */
export const selectFormat = `SELECT REGEXP_SUBSTR(TABLE_COMMENT,'(?<=format )[0-9]+') FROM information_schema.TABLES WHERE TABLE_SCHEMA='wwdb_provision' AND TABLE_NAME='sets'`

export const selectSchemas = 'SELECT set_name,logical,schema_name,server FROM wwdb_provision.`schemas`'

function readStores(text: unknown): readonly string[] {
  const value: unknown = JSON.parse(String(text))
  return Array.isArray(value) ? value.map(String) : []
}

/** A row of `selectSets`, with the rows of `selectSchemas`. */
export function toRecord(row: Row, schemas: readonly Row[]): SetRecord {
  const name = String(row[0])
  return {
    name,
    kind: row[1] === 'template' ? 'template' : 'set',
    prefix: String(row[2]),
    owner: String(row[3]),
    lease: String(row[4]) as SetLease,
    state: String(row[5]) as SetState,
    template: row[6] === null || row[6] === undefined ? null : String(row[6]),
    stores: readStores(row[7]),
    createdAt: toInstant(row[8]) ?? 0,
    usedAt: toInstant(row[9]) ?? 0,
    expiresAt: toInstant(row[10]),
    held: Number(row[11]) === 1,
    schemas: schemas.filter((one) => one[0] === name).map(toSchema),
  }
}

function toSchema([, database, schema, server]: Row): SetSchema {
  return { database: String(database), schema: String(schema), server: String(server) }
}

/** The writes that register a set: all of them, or none. */
export function renderRegistration(set: SetToRegister): string {
  const { name, kind, prefix, owner, lease, template, stores, schemas, lifetime } = set
  const end = lifetime === null ? 'NULL' : `UTC_TIMESTAMP(3)+INTERVAL ${Math.round(lifetime * 1000)} MICROSECOND`
  const values = [
    ...[name, kind, prefix, owner.slice(0, 255), lease, 'making'].map(quoteString),
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
