import type { Asker, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { readLeftoverName } from '../online/leftover-names.ts'
import { findLeftovers, type Leftover, type ListedTable } from '../online/leftovers.ts'
import type { OnlineRecord } from '../online/record.ts'

/** As information_schema keeps times in the session's zone, ages are asked of the server. */
const columns = 'TABLE_NAME,COALESCE(DATA_LENGTH+INDEX_LENGTH,0),TIMESTAMPDIFF(SECOND,CREATE_TIME,NOW()),TABLE_COMMENT'

const selectTables = (schema: string): string =>
  `SELECT ${columns} FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_TYPE='BASE TABLE' AND LEFT(TABLE_NAME,1)='_'`

/** The tables of these names that are there. */
export async function readTables(
  connection: Asker,
  schema: string,
  names: readonly string[],
  now: number,
): Promise<readonly ListedTable[]> {
  if (names.length === 0) return []
  const { rows } = await connection.ask(
    `SELECT ${columns} FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME IN (${names.map(quoteString).join(',')})`,
  )
  return rows.map((row) => toTable(row, now))
}

/** The table as it was, under the name that its tool gave it: of spirit, `old` is its beginning, and the time of its start follows. */
export async function findOld(
  connection: Asker,
  schema: string,
  { tool, old }: Pick<OnlineRecord, 'tool' | 'old'>,
): Promise<ListedTable | null> {
  if (old === null) return null
  if (tool !== 'spirit') return (await readTables(connection, schema, [old], Date.now()))[0] ?? null
  const { rows } = await connection.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND LEFT(TABLE_NAME,${[...old].length})=${quoteString(old)} ORDER BY TABLE_NAME DESC`,
  )
  const name = rows.map(([one]) => String(one)).find((one) => /^\d{8}_\d{6}$/.test(one.slice(old.length)))
  return name === undefined ? null : ((await readTables(connection, schema, [name], Date.now()))[0] ?? null)
}

const selectTriggers = (schema: string): string =>
  `SELECT TRIGGER_NAME,EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${quoteString(schema)} AND (LEFT(TRIGGER_NAME,7)='pt_osc_' OR LEFT(TRIGGER_NAME,10) IN ('rt_pt_osc_','wwdb_back_')) ORDER BY TRIGGER_NAME`

/** Grants of others show as well to an account that reads the tables of grants. */
const isOwnGrant = `GRANTEE=CONCAT('''',REPLACE(CURRENT_USER(),'@','''@'''),'''')`

/** A trigger shows only to an account with the privilege TRIGGER on its table. Privileges that a role gives are not in these tables: then nothing is claimed. */
const selectPrivilege = (schema: string): string =>
  `SELECT (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND ${isOwnGrant})+(SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE='TRIGGER' AND ${isOwnGrant} AND ${quoteString(schema)} LIKE TABLE_SCHEMA)`

/** Of the names that are asked for, those that are tables; of one that was cut, all that begin with it. */
function selectOriginals(schema: string, names: readonly string[], cut: readonly string[]): string {
  const own = names.length === 0 ? [] : [`TABLE_NAME IN (${names.map(quoteString).join(',')})`]
  const longer = cut.map((name) => `LEFT(TABLE_NAME,${[...name].length})=${quoteString(name)}`)
  return `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_TYPE='BASE TABLE' AND (${[...own, ...longer].join(' OR ')})`
}

function toTable([name, bytes, age, comment]: Row, now: number): ListedTable {
  const createdAt = age === null || age === undefined ? null : now - Number(age) * 1000
  return { name: String(name), bytes: Number(bytes), createdAt, comment: String(comment ?? '') }
}

/** What tools of online schema changes have left in a schema. */
export async function readLeftovers(connection: Asker, schema: string, now: number): Promise<readonly Leftover[]> {
  const { rows } = await connection.ask(selectTables(schema))
  const tables = rows.map((row) => toTable(row, now)).filter(({ name }) => readLeftoverName(name) !== null)
  const triggers = (await connection.ask(selectTriggers(schema))).rows.map(([name, table]) => ({
    name: String(name),
    table: String(table),
  }))
  if (tables.length === 0 && triggers.length === 0) return []
  const seesTriggers = Number((await connection.ask(selectPrivilege(schema))).rows[0]?.[0]) > 0
  const names = tables.flatMap(({ name }) => readLeftoverName(name) ?? [])
  const whole = names.flatMap(({ table, isCut }) => (table === null || isCut ? [] : [table]))
  const cut = names.flatMap(({ table, isCut }) => (table !== null && isCut ? [table] : []))
  const originals =
    whole.length + cut.length === 0 ? [] : (await connection.ask(selectOriginals(schema, whole, cut))).rows
  return findLeftovers({
    schema,
    tables,
    triggers,
    seesTriggers,
    originals: originals.map(([name]) => String(name)),
  })
}
