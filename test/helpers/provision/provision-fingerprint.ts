import type { Connection } from 'mysql2/promise'

/** What is never the same twice in tables of wwdb's own: who ran it when, on which connection, over which definitions. */
const ofTheRun = new Set(['run_id', 'connection_id', 'runner', 'milliseconds', 'fingerprint', 'affected'])

export interface FingerprintOptions {
  /** True leaves out instants and what a run records of itself: for two test environments that were created at different times. */
  readonly timeless: boolean
}

type Rows = readonly (readonly unknown[])[]

/** All that is in the schemas of a prefix, as texts that do not name it: definitions, counters and rows of every object. */
export async function fingerprint(
  connection: Connection,
  prefix: string,
  { timeless }: FingerprintOptions,
): Promise<Readonly<Record<string, string>>> {
  const neutral = (text: unknown): string => String(text).replaceAll(prefix, '~')
  const ask = async (sql: string): Promise<Rows> => {
    const [rows] = await connection.query({ sql, rowsAsArray: true })
    return rows as unknown as Rows
  }
  const like = `LIKE '${prefix.replaceAll('_', '\\_')}%'`
  const lines: Record<string, string> = {}
  for (const [schema, charset, collation] of await ask(
    `SELECT SCHEMA_NAME,DEFAULT_CHARACTER_SET_NAME,DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME ${like}`,
  ))
    lines[neutral(schema)] = `${charset} ${collation}`
  for (const [kind, list] of [
    [
      'TABLE',
      `SELECT TABLE_SCHEMA,TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA ${like}${timeless ? " AND TABLE_NAME<>'wwdb_runs'" : ''}`,
    ],
    ['VIEW', `SELECT TABLE_SCHEMA,TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA ${like}`],
    [
      'PROCEDURE',
      `SELECT ROUTINE_SCHEMA,ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE='PROCEDURE' AND ROUTINE_SCHEMA ${like}`,
    ],
    [
      'FUNCTION',
      `SELECT ROUTINE_SCHEMA,ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE='FUNCTION' AND ROUTINE_SCHEMA ${like}`,
    ],
    ['TRIGGER', `SELECT TRIGGER_SCHEMA,TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA ${like}`],
    ['EVENT', `SELECT EVENT_SCHEMA,EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA ${like}`],
  ] as const) {
    for (const [schema, name] of await ask(list)) {
      const quoted = `\`${schema}\`.\`${String(name).replaceAll('`', '``')}\``
      const key = `${kind} ${neutral(schema)}.${name}`
      const [definition = []] = await ask(`SHOW CREATE ${kind} ${quoted}`)
      // The last column of a trigger is the time of its creation.
      lines[key] = neutral((kind === 'TRIGGER' ? definition.slice(0, -1) : definition).join('\n'))
      if (kind === 'TABLE')
        lines[`rows of ${key}`] = neutral(await readRows(ask, String(schema), String(name), quoted, timeless))
    }
  }
  return lines
}

async function readRows(
  ask: (sql: string) => Promise<Rows>,
  schema: string,
  table: string,
  quoted: string,
  timeless: boolean,
): Promise<string> {
  const columns = await ask(
    `SELECT COLUMN_NAME,DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='${schema}' AND TABLE_NAME='${table.replaceAll("'", "''")}' ORDER BY ORDINAL_POSITION`,
  )
  const kept = columns.filter(([name, type]) => {
    if (!timeless) return true
    if (table.startsWith('wwdb_') && ofTheRun.has(String(name))) return false
    return !['datetime', 'timestamp'].includes(String(type))
  })
  const list = kept.map(([name]) => `\`${String(name).replaceAll('`', '``')}\``)
  // A copy of a pass has the instants of its statements.
  const which = timeless && table === 'wwdb_schema' ? " WHERE kind<>'pass'" : ''
  const rows = await ask(`SELECT ${list.join(',')} FROM ${quoted}${which}`)
  const texts = rows.map((row) =>
    JSON.stringify(row.map((cell) => (Buffer.isBuffer(cell) ? cell.toString('hex') : cell))),
  )
  const all = texts.toSorted().join('\n')
  return timeless ? all.replaceAll(/"run":"[^"]*"/g, '"run":"~"') : all
}
