import type { Database } from './database.ts'

/** Everything a schema holds, as text that can be compared: every definition and every row. */
export type Picture = Readonly<Record<string, string>>

/** Rows of these are compared through what they mean: a rolled back INSERT uses up a number, on which no program may rely. */
const numbered: Readonly<Record<string, string>> = {
  parents: 'SELECT name FROM parents ORDER BY name',
  children: 'SELECT c.name, p.name FROM children c JOIN parents p ON p.id = c.parent_id ORDER BY c.name',
  // Another token in every run, but always the same one twice.
  tokens: 'SELECT COUNT(*), COUNT(DISTINCT token) FROM tokens',
}

/** The present state of the schema that `database` has selected, without the journal. */
export async function takePicture(database: Database): Promise<Picture> {
  const picture: Record<string, string> = {}
  const tables = await database.rows('SHOW FULL TABLES')
  for (const [name, type] of tables) {
    if (name === null || name === undefined || name.startsWith('wwdb_')) continue
    const [created] = await database.rows(`SHOW CREATE TABLE \`${name}\``)
    picture[`${type} ${name}`] = withoutCounter(created?.[1] ?? '')
    if (type === 'BASE TABLE') picture[`rows of ${name}`] = await describeRows(database, name)
  }
  const routines = await database.rows(
    'SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()',
  )
  for (const [type, name, ...rest] of routines) picture[`${type} ${name}`] = rest.join('\n')
  const triggers = await database.rows(
    'SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()',
  )
  for (const [name, ...rest] of triggers) picture[`TRIGGER ${name}`] = rest.join('\n')
  return picture
}

async function describeRows(database: Database, table: string): Promise<string> {
  if (table === 'big')
    return linesOf(await database.rows(`SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', b.id, b.word))) FROM big b`))
  const rows = await database.rows(numbered[table] ?? `SELECT * FROM \`${table}\``)
  return linesOf(rows)
}

function linesOf(rows: readonly (readonly (string | null)[])[]): string {
  return rows
    .map((row) => row.map((cell) => cell ?? 'NULL').join('|'))
    .sort()
    .join('\n')
}

function withoutCounter(definition: string): string {
  return definition.replace(/ AUTO_INCREMENT=\d+/, '')
}

/** The journal as far as it must not depend on interruptions: which statements ran, in which state, in which order. */
export async function readJournalLines(database: Database): Promise<readonly string[]> {
  const rows = await database.rows(
    'SELECT version, direction, statement, state, total, hash, class, summary FROM wwdb_journal WHERE pass > 0 ORDER BY pass, statement',
  )
  return rows.map((row) => row.join(' '))
}
