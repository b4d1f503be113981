import type { Asker } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { isName, isWord } from '../../sql/clauses.ts'
import { findLasting } from '../../sql/lasting-effects.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { tokenize } from '../../sql/tokens.ts'

/** Why a sample is not tried, as a clause; null where it may be. */
type ExplainUntried = (text: string) => string | null

/** Reads what samples could run in a scratch schema: its triggers and routines, and functions of libraries, may do what no rollback takes back. */
export async function readSampleEffects(connection: Asker, schema: string): Promise<ExplainUntried> {
  const loadable = await readLoadable(connection)
  if (loadable === null) return () => 'the account may not read which functions of libraries the server has'
  const own = quoteString(schema)
  const routines = await connection.ask(
    `SELECT ROUTINE_NAME,ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=${own}`,
  )
  const views = await connection.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${own} AND TABLE_TYPE='VIEW'`,
  )
  const triggers = await connection.ask(
    `SELECT TRIGGER_NAME,ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${own}`,
  )
  const isLasting = ([, body]: readonly unknown[]): boolean =>
    typeof body !== 'string' || findLasting(tokenize(body), loadable) !== null
  const [routine, trigger] = [routines.rows.find(isLasting), triggers.rows.find(isLasting)]
  const { rows } = await connection.ask('SELECT @@SESSION.sql_mode')
  // A view may call a routine.
  const calling = new Set([...views.rows, ...routines.rows].map(([name]) => String(name).toLowerCase()))
  const takesBackslash = String(rows[0]?.[0]).includes('NO_BACKSLASH_ESCAPES')
  const explainCode = (kind: string, name: unknown): string =>
    `the ${kind} \`${String(name)}\` does what is not taken back`
  return (text) => {
    // Where texts end, and so which names are outside of them, depends on it.
    if (takesBackslash && text.includes('\\')) return 'it has a backslash, which is no escape in the session'
    const tokens = tokenize(text)
    if (findLasting(tokens, loadable) !== null) return 'it calls a function of a library, which may do anything'
    const mayCall = tokens.some((token) => isName(token) && calling.has(token.text.toLowerCase()))
    const isWrite = tokens.some((token) => isWord(token, ...writing))
    if (routine !== undefined && (mayCall || (isWrite && triggers.rows.length > 0)))
      return explainCode('routine', routine[0])
    const mayWrite = mayCall || isWrite
    return trigger !== undefined && mayWrite ? explainCode('trigger', trigger[0]) : null
  }
}

const writing = ['INSERT', 'UPDATE', 'DELETE', 'REPLACE'] as const

/** Names in lower case; null where the account may not read them. */
async function readLoadable(connection: Asker): Promise<ReadonlySet<string> | null> {
  try {
    const { rows } = await connection.ask('SELECT UDF_NAME FROM performance_schema.user_defined_functions')
    return new Set(rows.map(([name]) => String(name).toLowerCase()))
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return null
  }
}
