import type { StatementOutcome } from '../../engine/ports.ts'
import type { Connection } from './connection.ts'

const mostKinds = 5

/** Warnings of a statement, equal ones counted together; notes are left out. */
async function readWarnings(connection: Connection, count: number): Promise<readonly string[]> {
  if (count === 0) return []
  const { rows } = await connection.ask('SHOW WARNINGS')
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (row[0] === 'Note') continue
    const text = `${row[2]} (${row[1]})`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const warnings = [...counts].map(([text, times]) => (times === 1 ? text : `${text}, ${times} times`))
  return warnings.length > mostKinds
    ? [...warnings.slice(0, mostKinds), `and ${warnings.length - mostKinds} other warnings`]
    : warnings
}

/**
 * Runs one statement of a user. The text was split and classified before; if the server nevertheless finds several
 * statements in it, that is a defect of the scanner and stops the run.
 */
export async function runStatement(
  connection: Connection,
  text: string,
  mayReturnSeveral: boolean,
): Promise<StatementOutcome> {
  const answers = await connection.askAll(text)
  if (answers.length > 1 && !mayReturnSeveral) {
    throw new Error(`the server found ${answers.length} statements where the scanner found one: ${text.slice(0, 200)}`)
  }
  const last = answers.at(-1)
  return {
    rows: last?.affected ?? null,
    warnings: await readWarnings(connection, last?.warningCount ?? 0),
    lastInsertId: last?.insertId ?? null,
  }
}
