import { groupBy } from '../../core/group-by.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { Recipe, RecipeProgram, RecipeSchema, RecipeTable } from '../ports.ts'
import { type NamedTable, readTableTexts } from './table-text.ts'

/** Reads all that is in some schemas as statements that make it again, each in its server's own words. */
export async function readRecipe(connection: Connection, schemas: readonly string[]): Promise<Recipe> {
  const within = schemas.map(quoteString).join(',')
  const programs = await readPrograms(connection, within)
  return {
    schemas: await readSchemas(connection, within),
    tables: await readTables(connection, within),
    programs: programs.filter(({ kind }) => kind !== 'trigger' && kind !== 'event'),
    watchers: programs.filter(({ kind }) => kind === 'trigger' || kind === 'event'),
  }
}

async function readSchemas(connection: Connection, within: string): Promise<readonly RecipeSchema[]> {
  const { rows } = await connection.ask(
    `SELECT SCHEMA_NAME,DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${within}) ORDER BY SCHEMA_NAME`,
  )
  return rows.map((row) => ({ schema: String(row[0]), charset: String(row[1]), collation: String(row[2]) }))
}

async function readTables(connection: Connection, within: string): Promise<readonly RecipeTable[]> {
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${within}) AND TABLE_TYPE='BASE TABLE' ORDER BY TABLE_SCHEMA,TABLE_NAME`,
  )
  const names = rows.map((row): NamedTable => [String(row[0]), String(row[1])])
  if (names.length === 0) return []
  const texts = await readTableTexts(connection, names)
  const filled = await readFilled(connection, names)
  const columns = groupBy(await readColumns(connection, within), ({ table }) => table)
  return names.map(([schema, table], index) => {
    const text = texts[index] ?? ''
    const own = columns.get(`${schema}.${table}`) ?? []
    return {
      schema,
      table,
      text,
      parents: parentsOf(schema, text),
      columns: filled[index] === true ? own.map(({ name }) => name) : null,
      naming: filled[index] === true && table.startsWith('wwdb_') ? namingOf(own) : {},
    }
  })
}

const reference = /^ {2}CONSTRAINT .* FOREIGN KEY \(.*?\) REFERENCES (?:(`(?:[^`]|``)+`)\.)?(`(?:[^`]|``)+`) \(/gm

function parentsOf(schema: string, text: string): readonly string[] {
  const parents = [...text.matchAll(reference)].map(([, other, table = '']) =>
    other === undefined ? `${schema}.${plain(table)}` : `${plain(other)}.${plain(table)}`,
  )
  return [...new Set(parents)]
}

function plain(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`')
}

/** Whether each has a row, in one question. */
async function readFilled(connection: Connection, names: readonly NamedTable[]): Promise<readonly boolean[]> {
  const parts = names.map(([schema, table]) => `EXISTS(SELECT 1 FROM ${quoteQualified(schema, table)})`)
  const { rows } = await connection.ask(`SELECT ${parts.join(',')}`)
  return parts.map((_, index) => Number(rows[0]?.[index]) === 1)
}

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
}

/** All writable columns: generated ones are computed again. */
async function readColumns(connection: Connection, within: string): Promise<readonly Column[]> {
  const { rows } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${within}) AND GENERATION_EXPRESSION='' ORDER BY TABLE_SCHEMA,TABLE_NAME,ORDINAL_POSITION`,
  )
  return rows.map((row: Row) => ({ table: `${row[0]}.${row[1]}`, name: String(row[2]), type: String(row[3]) }))
}

function namingOf(columns: readonly Column[]): RecipeTable['naming'] {
  const kindOf = (type: string): 'json' | 'text' => (type === 'json' ? 'json' : 'text')
  const texts = columns.filter(({ type }) => /json|char|text/.test(type))
  return Object.fromEntries(texts.map(({ name, type }) => [name, kindOf(type)]))
}

type Kind = RecipeProgram['kind']

/** Where each kind is listed, and which columns of SHOW CREATE say what: text, sql_mode, client's character set, its collation, time zone. */
const kinds: Readonly<
  Record<
    Kind,
    {
      readonly list: (within: string) => string
      readonly at: readonly [number, number | null, number, number, number | null]
    }
  >
> = {
  procedure: { list: (within) => listRoutines('PROCEDURE', within), at: [2, 1, 3, 4, null] },
  function: { list: (within) => listRoutines('FUNCTION', within), at: [2, 1, 3, 4, null] },
  view: {
    list: (within) =>
      `SELECT TABLE_SCHEMA,TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN (${within}) ORDER BY TABLE_SCHEMA,TABLE_NAME`,
    at: [1, null, 2, 3, null],
  },
  trigger: {
    // Triggers of one event fire in their order, which is that of their creation.
    list: (within) =>
      `SELECT TRIGGER_SCHEMA,TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${within}) ORDER BY TRIGGER_SCHEMA,EVENT_OBJECT_TABLE,ACTION_TIMING,EVENT_MANIPULATION,ACTION_ORDER`,
    at: [2, 1, 3, 4, null],
  },
  event: {
    list: (within) =>
      `SELECT EVENT_SCHEMA,EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${within}) ORDER BY EVENT_SCHEMA,EVENT_NAME`,
    at: [3, 1, 4, 5, 2],
  },
}

function listRoutines(type: string, within: string): string {
  return `SELECT ROUTINE_SCHEMA,ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE='${type}' AND ROUTINE_SCHEMA IN (${within}) ORDER BY ROUTINE_SCHEMA,ROUTINE_NAME`
}

/** Reads routines, views, triggers and events of some schemas. Throws ToolError `DEFINITION_UNREADABLE`. */
async function readPrograms(connection: Connection, within: string): Promise<readonly RecipeProgram[]> {
  const programs: RecipeProgram[] = []
  for (const kind of ['procedure', 'function', 'view', 'trigger', 'event'] as const) {
    const { rows } = await connection.ask(kinds[kind].list(within))
    for (const [schema, name] of rows) programs.push(await readProgram(connection, kind, String(schema), String(name)))
  }
  return programs
}

async function readProgram(connection: Connection, kind: Kind, schema: string, name: string): Promise<RecipeProgram> {
  const { rows } = await connection.ask(`SHOW CREATE ${kind.toUpperCase()} ${quoteQualified(schema, name)}`)
  const [row] = rows
  const [text, sqlMode, charset, collation, timeZone] = kinds[kind].at
  const read = (at: number | null): string | null => readCell(row, at)
  const definition = read(text)
  if (definition === null) throw unreadable(kind, schema, name)
  return {
    kind,
    schema,
    name,
    text: definition,
    sqlMode: read(sqlMode),
    charset: read(charset) ?? 'utf8mb4',
    collation: read(collation) ?? 'utf8mb4_0900_ai_ci',
    timeZone: read(timeZone),
  }
}

function readCell(row: Row | undefined, at: number | null): string | null {
  const cell = at === null ? null : row?.[at]
  return cell === null || cell === undefined ? null : String(cell)
}

function unreadable(kind: Kind, schema: string, name: string): ToolError {
  return new ToolError('DEFINITION_UNREADABLE', {
    what: `The ${kind} \`${name}\` in \`${schema}\` cannot be read.`,
    why: 'This user cannot see its definition.',
    next: 'GRANT SHOW_ROUTINE ON *.* and SHOW VIEW on the schemas to the user.',
  })
}
