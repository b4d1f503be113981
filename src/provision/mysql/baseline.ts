import type { Connection } from '../../mysql/connection.ts'
import { readRowColumns, rowText } from '../../shards/mysql/row-text.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RecipeProgram, RecipeTable, ResetRequest } from '../ports.ts'
import { selectRows } from './render-rows.ts'

/** A table as it was when its set was made. */
export interface BaselineTable {
  readonly source: RecipeTable
  readonly schema: string
  readonly table: string
  /** Its CREATE TABLE, as `readTableTexts` gives it, the counter included. */
  readonly text: string
  /** An SQL expression that is `digest` while the rows are the same, whatever their order. */
  readonly expression: string
  readonly digest: string
  readonly triggers: readonly RecipeProgram[]
}

/** Reads what the template's rows are, as the set has them. Nothing is read of the set, which may have changed by now. */
export async function readBaseline(
  connection: Connection,
  { recipe, from, to }: ResetRequest,
): Promise<readonly BaselineTable[]> {
  const rename = (text: string): string => text.replaceAll(from, to)
  const triggers = await readTriggers(
    connection,
    recipe.schemas.map(({ schema }) => schema),
    recipe.watchers,
  )
  const tables: (Omit<BaselineTable, 'digest'> & { readonly original: string })[] = []
  for (const source of recipe.tables) {
    const schema = rename(source.schema)
    const { expression, original } = await makeExpressions(connection, source, schema, { from, to })
    const own = triggers.get(`${source.schema}.${source.table}`) ?? []
    tables.push({ source, schema, table: source.table, text: rename(source.text), expression, original, triggers: own })
  }
  const { rows } = await connection.ask(`SELECT ${tables.map(({ original }) => original).join(',')}`)
  return tables.map((table, index) => ({ ...table, digest: String(rows[0]?.[index]) }))
}

/** Of an empty table nothing needs to be read: it is as it was while there is no row. */
async function makeExpressions(
  connection: Connection,
  source: RecipeTable,
  schema: string,
  { from, to }: Pick<ResetRequest, 'from' | 'to'>,
): Promise<{ readonly expression: string; readonly original: string }> {
  const { columns, table } = source
  if (columns === null) return { expression: `EXISTS(SELECT 1 FROM ${quoteQualified(schema, table)})`, original: '0' }
  const text = rowText(await readRowColumns(connection, source.schema, table))
  return {
    expression: digestOf(text, quoteQualified(schema, table)),
    original: digestOf(text, `(${selectRows({ ...source, columns }, from, to)}) AS source`),
  }
}

/**
 * How many rows, and the sum of 64 bits of the SHA-256 of each one's text. CHECKSUM TABLE adds CRC-32s: two rows that exchange a flag
 * can come to the same sum.
 */
function digestOf(text: string, from: string): string {
  const number = `CAST(CONV(LEFT(SHA2(${text},256),16),16,10) AS DECIMAL(20,0))`
  return `(SELECT CONCAT(COUNT(*),':',COUNT(number),':',COALESCE(SUM(number),0)) FROM (SELECT ${number} AS number FROM ${from} LIMIT 18446744073709551615) AS numbers)`
}

/** Triggers by `schema.table` of the template. */
async function readTriggers(
  connection: Connection,
  schemas: readonly string[],
  watchers: readonly RecipeProgram[],
): Promise<ReadonlyMap<string, readonly RecipeProgram[]>> {
  const { rows } = await connection.ask(
    `SELECT TRIGGER_SCHEMA,TRIGGER_NAME,EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${schemas.map(quoteString).join(',')})`,
  )
  const tableOf = new Map(rows.map(([schema, name, table]) => [`${schema}.${name}`, `${schema}.${table}`]))
  const groups = new Map<string, RecipeProgram[]>()
  for (const program of watchers.filter(({ kind }) => kind === 'trigger')) {
    const table = tableOf.get(`${program.schema}.${program.name}`)
    if (table !== undefined) groups.set(table, [...(groups.get(table) ?? []), program])
  }
  return groups
}
