import type { Algorithm, LockLevel } from '../ddl/server-answer.ts'
import { classifyStatement } from '../sql/classify.ts'
import {
  type Clause,
  findOption,
  findWords,
  hasWords,
  isMark,
  isName,
  isWord,
  readAlterations,
  readOption,
  skipName,
} from '../sql/clauses.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { applyEdits, type Edit, replaceToken, tokenize } from '../sql/tokens.ts'
import type { Attempt } from './algorithm-question.ts'

/** The variants from the least to the most disruptive. COPY allows reads at best. */
const ladder: readonly (readonly [Algorithm, LockLevel])[] = [
  ['INSTANT', 'NONE'],
  ['INPLACE', 'NONE'],
  ['INPLACE', 'SHARED'],
  ['INPLACE', 'EXCLUSIVE'],
  ['COPY', 'SHARED'],
  ['COPY', 'EXCLUSIVE'],
]

/**
 * The statement with each ALGORITHM and LOCK that it could run with; a clause that it already has is kept. With such a LOCK clause
 * the server may still use INSTANT, although it refuses ALGORITHM=INSTANT next to a LOCK clause (error 1221).
 */
export function makeAttempts(text: string): readonly Attempt[] {
  const tokens = tokenize(text)
  const asked = { algorithm: readOption(tokens, 'ALGORITHM'), lock: readOption(tokens, 'LOCK') }
  return ladder
    .filter(
      ([algorithm, lock]) =>
        matches(asked.algorithm, algorithm) && (algorithm === 'INSTANT' || matches(asked.lock, lock)),
    )
    .map(([algorithm, lock]) => ({ algorithm, lock, text: writeAttempt(text, tokens, algorithm, lock) }))
}

function matches(asked: string | null, value: string): boolean {
  return asked === null || asked === 'DEFAULT' || asked === value
}

/** Changes the options that the statement has, and adds the others. */
function writeAttempt(text: string, tokens: Clause, algorithm: Algorithm, lock: LockLevel): string {
  const wanted = { ALGORITHM: algorithm, LOCK: algorithm === 'INSTANT' ? 'DEFAULT' : lock } as const
  const edits: Edit[] = []
  const missing: string[] = []
  for (const name of ['ALGORITHM', 'LOCK'] as const) {
    const written = findOption(tokens, name)
    if (written === null) missing.push(`${name}=${wanted[name]}`)
    else edits.push(replaceToken(written, wanted[name]))
  }
  return applyEdits(text, [...edits, ...addOptions(text, tokens, missing)])
}

function addOptions(text: string, tokens: Clause, options: readonly string[]): readonly Edit[] {
  if (options.length === 0) return []
  if (!hasWords(tokens, 0, 'ALTER', 'TABLE'))
    return [{ start: text.length, end: text.length, text: `\n${options.join(' ')}` }]
  const first = readAlterations(tokens)[0]
  const comma = first === undefined || startsPartitioning(first) ? '' : ','
  // Right after the table's name: before every change, and before PARTITION BY, which must come last.
  const at = tokens[skipName(tokens, 2) - 1]?.end ?? text.length
  return [{ start: at, end: at, text: ` ${options.join(', ')}${comma}` }]
}

/** True for the clauses that follow the previous one without a comma. */
function startsPartitioning(clause: Clause): boolean {
  return findWords(clause, 'PARTITION', 'BY') === 0 || findWords(clause, 'REMOVE', 'PARTITIONING') === 0
}

/**
 * Changes the text of SHOW CREATE TABLE so that it creates an empty copy in a scratch schema: under another name, with foreign keys
 * to other schemas redirected to scratch schemas (the real parent would be locked), and without directories and tablespaces. Null
 * for tables that are not InnoDB: those are always copied.
 */
export function adaptCopy(createTable: string, name: string, scratchOf: (schema: string) => string): string | null {
  const tokens = tokenize(createTable)
  const own = tokens[2]
  if (!isWord(tokens[0], 'CREATE') || !isWord(tokens[1], 'TABLE') || !isName(own)) return null
  if (!isInnoDb(tokens)) return null
  return applyEdits(createTable, [
    replaceToken(own, quoteName(name)),
    ...redirectParents(tokens, scratchOf),
    ...dropPlaces(tokens),
  ])
}

/** Partitions repeat the engine; the table's own comes first. */
function isInnoDb(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex((token, index) => isWord(token, 'ENGINE') && isMark(tokens[index + 1], '='))
  return at >= 0 && tokens[at + 2]?.text.toUpperCase() === 'INNODB'
}

function redirectParents(tokens: readonly Token[], scratchOf: (schema: string) => string): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const schema = tokens[at + 1]
    if (!isWord(token, 'REFERENCES') || !isName(schema) || !isMark(tokens[at + 2], '.')) return []
    return [replaceToken(schema, quoteName(scratchOf(schema.text)))]
  })
}

/** DATA DIRECTORY, INDEX DIRECTORY and TABLESPACE with their values. */
function dropPlaces(tokens: readonly Token[]): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const words =
      isWord(token, 'DATA', 'INDEX') && isWord(tokens[at + 1], 'DIRECTORY') ? 2 : isWord(token, 'TABLESPACE') ? 1 : 0
    if (words === 0) return []
    const last = tokens[isMark(tokens[at + words], '=') ? at + words + 1 : at + words]
    return last === undefined ? [] : [{ start: token.start, end: last.end, text: '' }]
  })
}

/**
 * Assigns a scratch schema to each schema of the server: the first is `prefix` itself, the others get a number.
 * A schema always gets the same one.
 */
export function nameScratchSchemas(prefix: string, own: string): (schema: string) => string {
  const names = new Map([[own.toLowerCase(), prefix]])
  return (schema) => {
    const key = schema.toLowerCase()
    const name = names.get(key) ?? `${prefix}_${names.size + 1}`
    names.set(key, name)
    return name
  }
}

/** Replaces the schema of every `schema.table` in the statement by its scratch schema. */
export function redirectSchemas(
  tokens: readonly Token[],
  names: readonly ObjectName[],
  scratchOf: (schema: string) => string,
): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    const table = tokens[at + 2]
    if (!isName(token) || !isMark(tokens[at + 1], '.') || !isName(table)) return []
    const isNamed = names.some((name) => name.schema === token.text && name.name === table.text)
    return isNamed ? [replaceToken(token, quoteName(scratchOf(token.text)))] : []
  })
}

/**
 * True when every table that a rewritten text names is in a scratch schema: its name is not qualified, or is qualified
 * with one. This is the last check before the text runs, which would otherwise change an original table.
 */
export function isConfined(text: string, prefix: string): boolean {
  const facts = classifyStatement(text)
  return [...facts.objects, ...facts.references].every(({ schema }) => schema === null || schema.startsWith(prefix))
}
