import { ToolError } from '../../core/tool-error.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import type { RecipeProgram } from '../ports.ts'

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
    // Those of one event act in their order, which is that of their creation.
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
export async function readPrograms(connection: Connection, within: string): Promise<readonly RecipeProgram[]> {
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
    what: `The ${kind} '${name}' in '${schema}' cannot be read`,
    why: 'this user may not see its text',
    next: 'GRANT SHOW_ROUTINE ON *.* and SHOW VIEW on the schemas to the user.',
  })
}
