// What the newer of two servers no longer knows: functions are called, and statements parsed, on both. scripts/find-removed-syntax.mjs runs it.
import { readFileSync } from 'node:fs'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { statementForms } from './statement-forms.ts'

const unknownFunction = 1305
const syntaxError = 1064

/** The number of the server's error; 0 where it takes the statement. */
async function numberOf(connection: Connection, sql: string): Promise<number> {
  try {
    await connection.query(sql)
    return 0
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') throw error
    if ('fatal' in error && error.fatal === true) throw error
    return error.errno
  }
}

/** Words of a program that may be names of functions. */
export function readWords(program: string): readonly string[] {
  const text = readFileSync(program).toString('latin1')
  return [
    ...new Set([...text.matchAll(/(?<![\w.])[A-Za-z][A-Za-z0-9_]{1,49}(?=\0)/g)].map(([word]) => word.toUpperCase())),
  ].sort()
}

/** Whether the server knows a function: it says so only where the number of arguments is one that its grammar has. */
export async function knowsFunction(connection: Connection, name: string): Promise<boolean> {
  for (const values of ['', '1', '1, 2', '1, 2, 3']) {
    const number = await numberOf(connection, `SELECT ${name}(${values})`)
    if (number !== unknownFunction && number !== syntaxError) return true
    // A name that the grammar does not have is unknown with any arguments.
    if (number === unknownFunction) return false
  }
  return false
}

export async function findRemovedFunctions(
  before: Connection,
  after: Connection,
  words: readonly string[],
): Promise<readonly string[]> {
  const removed: string[] = []
  for (const word of words)
    if ((await knowsFunction(before, word)) && !(await knowsFunction(after, word))) removed.push(word)
  return removed
}

const asProcedure = (form: string): string =>
  `CREATE PROCEDURE removed_syntax() ${form.replace(' | ', ' ').replace(' |', '')}`

export async function parses(connection: Connection, form: string): Promise<boolean> {
  const number = await numberOf(connection, asProcedure(form))
  if (number === 0) await connection.query('DROP PROCEDURE removed_syntax')
  return number !== syntaxError
}

/** Heads of statements of which the new server parses no form that the old one does. */
export async function findRemovedStatements(
  before: Connection,
  after: Connection,
): Promise<{ readonly removed: readonly string[]; readonly parts: readonly string[] }> {
  const heads = new Map<string, { lost: string[]; kept: number }>()
  for (const form of Object.values(statementForms).flat()) {
    const head = (form.split('|')[0] ?? '').trim()
    const [old, now] = [await parses(before, form), await parses(after, form)]
    if (!old) continue
    const known = heads.get(head) ?? { lost: [], kept: 0 }
    if (now) known.kept += 1
    else known.lost.push(form)
    heads.set(head, known)
  }
  const removed = [...heads].filter(([, { kept, lost }]) => kept === 0 && lost.length > 0).map(([head]) => head)
  const parts = [...heads.values()].filter(({ kept }) => kept > 0).flatMap(({ lost }) => lost)
  return { removed: removed.sort(), parts }
}

/** Counters of the old server that have no entry. */
export async function findUntriedCounters(before: Connection): Promise<readonly string[]> {
  const [rows] = await before.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Com\\_%'")
  return rows.map((row) => String(row['Variable_name']).slice(4)).filter((name) => !(name in statementForms))
}

export function renderTable(functions: readonly string[], statements: readonly string[]): string {
  const list = (names: readonly string[]): string => names.map((name) => `  '${name}',\n`).join('')
  return `// Written by scripts/find-removed-syntax.mjs, which tried them on MySQL 8.0.12 and on 9.7. Do not edit.

/** Functions of 8.0.12 that 9.7 does not know. */
export const lostFunctions: readonly string[] = [
${list(functions)}]

/** What statements of 8.0.12 begin with that 9.7 refuses as a syntax error. */
export const lostStatements: readonly string[] = [
${list(statements)}]
`
}
