import type { DatabaseConfig } from '../../config/config.ts'
import type { InBoth } from '../../core/in-both.ts'
import type { Asker } from '../../mysql/connection.ts'
import { readLeftovers } from '../../operate/mysql/online-leftovers.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { SchemaFacts } from '../facts.ts'

/** Reads one part of the facts; null where it is left out, and reported. */
export type Attempt = <Value>(what: InBoth, read: () => Promise<Value>) => Promise<Value | null>

/** The schemas of logical databases. One that the account may not see counts as absent. */
export async function readSchemas(
  connection: Asker,
  databases: readonly DatabaseConfig[],
  encryption: boolean,
  attempt: Attempt,
): Promise<readonly SchemaFacts[]> {
  const schemas: SchemaFacts[] = []
  for (const { name: database, schema } of databases) {
    const charset = await readCharset(connection, schema)
    schemas.push({
      database,
      schema,
      exists: charset !== null,
      charset,
      plainTables: encryption
        ? await ofTables(attempt, { en: 'Encryption', zh: '加密状态' }, schema, () =>
            readPlainTables(connection, schema),
          )
        : [],
      // The server opens each table for its counter: of many thousands that takes longer than the doctor waits.
      counters: await ofTables(attempt, { en: 'AUTO_INCREMENT counters', zh: ' AUTO_INCREMENT 计数器' }, schema, () =>
        readCounters(connection, schema),
      ),
      leftovers: await ofTables(attempt, { en: 'Leftovers', zh: '在线变更残留' }, schema, () =>
        readLeftovers(connection, schema, Date.now()),
      ),
    })
  }
  return schemas
}

async function ofTables<Value>(
  attempt: Attempt,
  what: InBoth,
  schema: string,
  read: () => Promise<readonly Value[]>,
): Promise<readonly Value[]> {
  const part = { en: `${what.en} of the tables of \`${schema}\``, zh: `库 \`${schema}\` 中各表的${what.zh}` }
  return (await attempt(part, read)) ?? []
}

async function readCharset(connection: Asker, schema: string): Promise<string | null> {
  const { rows } = await connection.ask(
    `SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME=${quoteString(schema)}`,
  )
  return rows[0] === undefined ? null : String(rows[0][0])
}

async function readPlainTables(connection: Asker, schema: string): Promise<readonly string[]> {
  const { rows } = await connection.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_TYPE='BASE TABLE' AND COALESCE(CREATE_OPTIONS,'') NOT REGEXP 'ENCRYPTION=.Y' ORDER BY TABLE_NAME`,
  )
  return rows.map(([name]) => String(name))
}

/** The largest number of each type (manual, "Integer Types"); the unsigned one is twice as large. */
const largest =
  "ELT(FIELD(c.DATA_TYPE,'tinyint','smallint','mediumint','int','bigint'),127,32767,8388607,2147483647,9223372036854775807)"

/** Counters that have used more than a tenth of their column's range. */
async function readCounters(connection: Asker, schema: string): Promise<SchemaFacts['counters']> {
  const used = `t.AUTO_INCREMENT/(${largest}*IF(c.COLUMN_TYPE LIKE '%unsigned%',2,1))`
  const { rows } = await connection.ask(
    `SELECT t.TABLE_NAME,c.COLUMN_NAME,${used} FROM information_schema.TABLES t JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA=t.TABLE_SCHEMA AND c.TABLE_NAME=t.TABLE_NAME AND c.EXTRA LIKE '%auto_increment%' WHERE t.TABLE_SCHEMA=${quoteString(schema)} AND t.AUTO_INCREMENT IS NOT NULL AND ${used}>0.1 ORDER BY 3 DESC`,
  )
  return rows.map(([table, column, share]) => ({ table: String(table), column: String(column), used: Number(share) }))
}

/** Tables of the whole server that the account can see. */
export async function countTables(connection: Asker): Promise<number> {
  const { rows } = await connection.ask("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE'")
  return Number(rows[0]?.[0])
}

/** False also without performance_schema, which has its own finding. Needs SELECT on performance_schema. */
export async function readStages(connection: Asker): Promise<boolean> {
  const { rows } = await connection.ask(
    "SELECT ENABLED FROM performance_schema.setup_consumers WHERE NAME='events_stages_current'",
  )
  return rows[0]?.[0] === 'YES'
}
