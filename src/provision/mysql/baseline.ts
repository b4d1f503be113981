import type { Connection } from '../../mysql/connection.ts'
import { readRowColumns, rowText } from '../../shards/mysql/row-text.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RecipeProgram, RecipeTable, ResetRequest } from '../ports.ts'
import type { Connections } from './connections.ts'
import { isMissing, type PreparedDigests } from './prepared-digests.ts'
import { counterOf, readTableTexts, selectRows, withoutCounter } from './table-text.ts'
import { noTriggers, readTriggers, type TableTriggers } from './table-triggers.ts'

/** A table as it was when its test environment was created. */
export interface BaselineTable {
  readonly source: RecipeTable
  readonly schema: string
  readonly table: string
  /** Its CREATE TABLE, as `readTableTexts` gives it, the counter included. */
  readonly text: string
  /** An SQL expression that equals `digest` while the rows are the same, in any order. */
  readonly expression: string
  readonly digest: string
  readonly triggers: readonly RecipeProgram[]
  /** As `readTriggers` gives it of the table itself. */
  readonly triggersText: string
}

/** Reads the baseline from the template's rows, not from the test environment, which may have changed since. */
export async function readBaseline(
  connection: Connection,
  { recipe, from, to }: ResetRequest,
): Promise<readonly BaselineTable[]> {
  const rename = (text: string): string => text.replaceAll(from, to)
  const schemas = recipe.schemas.map(({ schema }) => schema)
  const triggers = await readTriggers(connection, schemas)
  const programs = new Map(
    recipe.watchers.flatMap((one) => (one.kind === 'trigger' ? [[`${one.schema}.${one.name}`, one] as const] : [])),
  )
  const tables: (Omit<BaselineTable, 'digest'> & { readonly original: string })[] = []
  for (const source of recipe.tables) {
    const schema = rename(source.schema)
    const { expression, original } = await makeExpressions(connection, source, schema, { from, to })
    const own = triggers.get(`${source.schema}.${source.table}`)
    tables.push({
      source,
      schema,
      table: source.table,
      text: rename(source.text),
      expression,
      original,
      triggers: (own?.names ?? []).flatMap((name) => programs.get(`${source.schema}.${name}`) ?? []),
      triggersText: rename(own?.text ?? noTriggers),
    })
  }
  const { rows } = await connection.ask(`SELECT ${tables.map(({ original }) => original).join(',')}`)
  return tables.map((table, index) => ({ ...table, digest: String(rows[0]?.[index]) }))
}

/** Nothing is read of an empty table: it is unchanged while it has no row. */
async function makeExpressions(
  connection: Connection,
  source: RecipeTable,
  schema: string,
  { from, to }: Pick<ResetRequest, 'from' | 'to'>,
): Promise<{ readonly expression: string; readonly original: string }> {
  const { columns, table } = source
  if (columns === null) return { expression: `EXISTS(SELECT 1 FROM ${quoteQualified(schema, table)})`, original: '0' }
  const text = rowText(await readRowColumns(connection, source.schema, table), false)
  return {
    expression: digestOf(text, quoteQualified(schema, table)),
    original: digestOf(text, `(${selectRows({ ...source, columns }, from, to)}) AS source`),
  }
}

/** 2^65, which is above all numbers of rows that have a text. */
const ofRowsWithoutText = '36893488147419103232'

/**
 * The number of rows, and the sum of 64 bits of the SHA-256 of each row's text. CHECKSUM TABLE adds CRC-32s: two rows that exchange a
 * flag can have the same sum.
 */
function digestOf(text: string, from: string): string {
  const number = `CAST(CONV(LEFT(SHA2(${text},256),16),16,10) AS DECIMAL(20,0))`
  return `(SELECT CONCAT(COUNT(*),':',COALESCE(SUM(COALESCE(${number},${ofRowsWithoutText})),0)) FROM ${from})`
}

/** A table that differs from the baseline. */
export interface ChangedTable {
  readonly baseline: BaselineTable
  /** True where its definition differs, or it no longer exists. */
  readonly isRedefined: boolean
  /** The value of AUTO_INCREMENT, in decimal. */
  readonly counter: string
  /** True where rows differ. */
  readonly rows: boolean
  /** True where it has other triggers. */
  readonly triggers: boolean
}

/** What one question tells of a table or a view. */
interface Listed {
  readonly schema: string
  readonly name: string
  readonly isView: boolean
  /** As the storage engine has it; `1` where there is none. */
  readonly counter: string
}

interface Changes {
  readonly changed: readonly ChangedTable[]
  /** Triggers of tables that have others than before, which would act on rows that are put back. */
  readonly otherTriggers: readonly TableTriggers[]
  /** What did not exist before. */
  readonly added: readonly { readonly schema: string; readonly name: string; readonly isView: boolean }[]
  /** Views that were dropped, as `schema.view`. */
  readonly missing: readonly string[]
}

/**
 * Compares definitions, triggers, counters and rows of every table with the baseline: by content, since no change
 * counter of a table is exact. Its update times have whole seconds and are forgotten when a table leaves the cache;
 * performance_schema misses rows that foreign keys cascade to; both may be turned off.
 * @param definitionsAreKnown true where no definition can have changed since they were last the baseline's: they are not read then
 */
export async function findChanges(
  connections: Connections,
  tables: readonly BaselineTable[],
  views: ReadonlySet<string>,
  schemas: readonly string[],
  prepared: PreparedDigests,
  definitionsAreKnown: boolean,
): Promise<Changes> {
  const [first, second = first] = connections
  const [listed, all] = await Promise.all([listAll(second, schemas), prepared.read(first, tables)])
  const listing = new Map(listed.map((one) => [`${one.schema}.${one.name}`, one]))
  const known = new Set(tables.map(nameOf))
  const present = tables.filter((table) => listing.has(nameOf(table)))
  const [texts, triggers, digests] = await Promise.all([
    definitionsAreKnown ? null : readTexts(connections, present),
    definitionsAreKnown ? null : readTriggers(second, schemas),
    all !== null && present.length === tables.length ? all : readDigests(first, present),
  ])
  const hasOthers = (table: BaselineTable): boolean =>
    triggers !== null && (triggers.get(nameOf(table))?.text ?? noTriggers) !== table.triggersText
  const indexes = new Map(present.map((table, index) => [table, index]))
  const changed = tables.flatMap((baseline): readonly ChangedTable[] => {
    const index = indexes.get(baseline)
    if (index === undefined) return [{ baseline, isRedefined: true, counter: '1', rows: true, triggers: true }]
    const text = texts?.[index] ?? null
    const counter = text === null ? (listing.get(nameOf(baseline))?.counter ?? '1') : counterOf(text)
    const isRedefined = text !== null && withoutCounter(text) !== withoutCounter(baseline.text)
    const rows = digests[index] !== baseline.digest
    const change = { baseline, isRedefined, counter, rows, triggers: hasOthers(baseline) }
    const isChanged = rows || change.triggers || isRedefined || counter !== counterOf(baseline.text)
    return isChanged ? [change] : []
  })
  const added = [...listing].flatMap(([name, one]) => (known.has(name) || views.has(name) ? [] : [one]))
  const expected = new Map(tables.map((table) => [nameOf(table), table.triggersText]))
  const otherTriggers = [...(triggers ?? [])].flatMap(([name, own]) => (own.text === expected.get(name) ? [] : [own]))
  return { changed, otherTriggers, added, missing: [...views].filter((name) => !listing.has(name)) }
}

const nameOf = ({ schema, table }: BaselineTable): string => `${schema}.${table}`

async function listAll(connection: Connection, schemas: readonly string[]): Promise<readonly Listed[]> {
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${schemas.map(quoteString).join(',')})`,
  )
  return rows.map(([schema, name, type, counter]) => ({
    schema: String(schema),
    name: String(name),
    isView: type === 'VIEW',
    counter: String(counter ?? 1),
  }))
}

/** The first connection digests rows meanwhile: the others share the definitions. */
async function readTexts(connections: Connections, tables: readonly BaselineTable[]): Promise<readonly string[]> {
  const [first, ...others] = connections
  const readers = others.length === 0 ? [first] : others
  const size = Math.ceil(tables.length / readers.length)
  const parts = await Promise.all(
    readers.map((reader, index) =>
      readTableTexts(
        reader,
        tables.slice(index * size, (index + 1) * size).map(({ schema, table }) => [schema, table] as const),
      ),
    ),
  )
  return parts.flat()
}

/** Null for a table whose baseline columns cannot be read: one was dropped. */
async function readDigests(
  connection: Connection,
  tables: readonly BaselineTable[],
): Promise<readonly (string | null)[]> {
  if (tables.length === 0) return []
  try {
    const { rows } = await connection.ask(`SELECT ${tables.map(({ expression }) => expression).join(',')}`)
    return tables.map((_, index) => String(rows[0]?.[index]))
  } catch (error) {
    if (!isMissing(error)) throw error
    if (tables.length === 1) return [null]
    const half = Math.ceil(tables.length / 2)
    const before = await readDigests(connection, tables.slice(0, half))
    return [...before, ...(await readDigests(connection, tables.slice(half)))]
  }
}
