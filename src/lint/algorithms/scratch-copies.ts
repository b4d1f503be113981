import type { Algorithm, Attempt, LockLevel } from '../../sql/algorithm-question.ts'
import { classifyStatement } from '../../sql/classify.ts'
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
} from '../../sql/clauses.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { applyEdits, type Edit, replaceToken } from '../../sql/rewrite.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What to ask for, from the kindest to the harshest. COPY leaves reads at best. */
const ladder: readonly (readonly [Algorithm, LockLevel])[] = [
  ['INSTANT', 'NONE'],
  ['INPLACE', 'NONE'],
  ['INPLACE', 'SHARED'],
  ['INPLACE', 'EXCLUSIVE'],
  ['COPY', 'SHARED'],
  ['COPY', 'EXCLUSIVE'],
]

/**
 * The statement with each ALGORITHM and LOCK it could run under; what it asks for itself is not asked differently. A LOCK of its
 * own does not keep the server from doing it instantly, although ALGORITHM=INSTANT beside it is refused (error 1221).
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

/** Changes the options that are written, and adds those that are not. */
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
  // Right behind the table's name: in front of every change, PARTITION BY included, which must come last.
  const at = tokens[skipName(tokens, 2) - 1]?.end ?? text.length
  return [{ start: at, end: at, text: ` ${options.join(', ')}${comma}` }]
}

/** These follow the change before them without a comma. */
function startsPartitioning(clause: Clause): boolean {
  return findWords(clause, 'PARTITION', 'BY') === 0 || findWords(clause, 'REMOVE', 'PARTITIONING') === 0
}

/**
 * Makes the text of SHOW CREATE TABLE create an empty copy in a scratch schema: under another name, with foreign keys
 * that cross schemas pointed at scratch schemas (the real parent would be locked), and without places on the disk.
 * Null for anything but an InnoDB table: other engines only copy.
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
 * Names the scratch schema that stands for each schema of the server: the first is `prefix` itself, others get a number.
 * The same schema always gets the same one.
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

/** Points every `schema.table` that the statement names at its scratch schema. */
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
 * True when every table that a rewritten text names is in a scratch schema: looked up there because it is not qualified, or
 * qualified with one. The last look before a text is run that would otherwise change an original.
 */
export function isConfined(text: string, prefix: string): boolean {
  const facts = classifyStatement(text)
  return [...facts.objects, ...facts.references].every(({ schema }) => schema === null || schema.startsWith(prefix))
}
