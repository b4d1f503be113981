import type { StatementOutcome } from '../../engine/ports.ts'
import type { Answer, Connection } from './connection.ts'
import { closingMark } from './journal-writing.ts'

const mostKinds = 5

/** 1681: display width is deprecated. MySQL 9 says so of every TINYINT(1), which drivers read as a flag; nothing is stored otherwise. */
const withoutMeaning: ReadonlySet<number> = new Set([1681])

/** Warnings of a statement, equal ones counted together; notes are left out. */
async function readWarnings(connection: Connection, count: number): Promise<readonly string[]> {
  if (count === 0) return []
  const { rows } = await connection.ask('SHOW WARNINGS')
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (row[0] === 'Note' || withoutMeaning.has(Number(row[1]))) continue
    const text = `${row[2]} (${row[1]})`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const warnings = [...counts].map(([text, times]) => (times === 1 ? text : `${text}, ${times} times`))
  return warnings.length > mostKinds
    ? [...warnings.slice(0, mostKinds), `and ${warnings.length - mostKinds} other warnings`]
    : warnings
}

/** A procedure, called by itself or by a prepared CALL, may answer with several results. */
const mayRunProcedure = /^\s*(?:CALL|EXECUTE)\b/i

/**
 * What the answers to one statement of a user come to. The text was split and classified before; if the server
 * nevertheless found several statements in it, that is a defect of the scanner and stops the run.
 */
export async function describeAnswers(
  connection: Connection,
  answers: readonly Answer[],
  text: string,
): Promise<StatementOutcome> {
  const isCall = mayRunProcedure.test(text)
  if (answers.length > 1 && !isCall) {
    throw new Error(`the server found ${answers.length} statements where the scanner found one: ${text.slice(0, 200)}`)
  }
  const last = answers.at(-1)
  return {
    rows: last?.affected ?? null,
    warnings: await readWarnings(connection, last?.warningCount ?? 0),
    // What a procedure inserted stays in LAST_INSERT_ID(), and the answer does not say so.
    lastInsertId: last?.insertId ?? (isCall ? '0' : null),
  }
}

/** Runs one statement of a user. */
export async function runStatement(connection: Connection, text: string): Promise<StatementOutcome> {
  return describeAnswers(connection, await connection.askAll(text), text)
}

/** The server's message quotes the text behind the fault, up to what wwdb added: that part is nobody's business. */
export function withoutClosing(error: unknown): unknown {
  if (error instanceof Error) {
    const at = error.message.indexOf(closingMark)
    const end = error.message.indexOf("' at line", at)
    if (at >= 0) error.message = error.message.slice(0, at) + (end < 0 ? "'" : error.message.slice(end))
  }
  return error
}
