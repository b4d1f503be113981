import type { Attempt, LockLevel } from '../../domain/algorithm-question.ts'
import type { Algorithm } from '../../domain/plan.ts'
import {
  type Clause,
  findWords,
  hasWords,
  indexOptions,
  isMark,
  isWord,
  readAlterations,
  readOption,
  skipName,
} from '../hazards/clauses.ts'
import { tokenize } from '../tokens.ts'
import { applyEdits } from './rewrite.ts'

/** What to ask for, from the kindest to the harshest. COPY leaves reads at best. */
const ladder: readonly (readonly [Algorithm, LockLevel])[] = [
  ['INSTANT', 'NONE'],
  ['INPLACE', 'NONE'],
  ['INPLACE', 'SHARED'],
  ['INPLACE', 'EXCLUSIVE'],
  ['COPY', 'SHARED'],
  ['COPY', 'EXCLUSIVE'],
]

/** The statement with each ALGORITHM and LOCK it could run under; what it asks for itself is not asked differently. */
export function makeAttempts(text: string): readonly Attempt[] {
  const tokens = tokenize(text)
  const asked = { algorithm: readOption(tokens, 'ALGORITHM'), lock: readOption(tokens, 'LOCK') }
  const write = hasWords(tokens, 0, 'ALTER', 'TABLE') ? alterWriter(text, tokens) : indexWriter(text, tokens)
  return ladder
    .filter(
      ([algorithm, lock]) =>
        matches(asked.algorithm, algorithm) && (algorithm === 'INSTANT' || matches(asked.lock, lock)),
    )
    .map(([algorithm, lock]) => ({ algorithm, lock, text: write(options(algorithm, lock)) }))
}

function matches(asked: string | null, value: string): boolean {
  return asked === null || asked === 'DEFAULT' || asked === value
}

/** INSTANT takes no LOCK besides the default (error 1221). */
function options(algorithm: Algorithm, lock: LockLevel): readonly string[] {
  return [`ALGORITHM=${algorithm}`, ...(algorithm === 'INSTANT' ? [] : [`LOCK=${lock}`])]
}

type Write = (options: readonly string[]) => string

/** Behind the table's name, where both stand in front of every other change, PARTITION BY included. */
function alterWriter(text: string, tokens: Clause): Write {
  const clauses = readAlterations(tokens)
  const kept = clauses.filter((clause) => !isOption(clause))
  const name = tokens[skipName(tokens, 2) - 1]
  const head = text.slice(0, name?.end)
  // Executable comments would lose their ends if clauses were cut out: then the options simply come first, and lose.
  const body = text.includes('/*') ? text.slice(name?.end) : kept.map((clause) => sliceClause(text, clause)).join(', ')
  const first = kept[0]
  const comma = first === undefined || startsPartitioning(first) ? '' : ','
  return (added) => `${head} ${added.join(', ')}${comma} ${body}`
}

function isOption(clause: Clause): boolean {
  return clause.length <= 3 && isWord(clause[0], 'ALGORITHM', 'LOCK')
}

/** These follow the last change without a comma. */
function startsPartitioning(clause: Clause): boolean {
  return findWords(clause, 'PARTITION', 'BY') === 0 || findWords(clause, 'REMOVE', 'PARTITIONING') === 0
}

function sliceClause(text: string, clause: Clause): string {
  const last = clause[clause.length - 1]
  const closing = last === undefined ? 0 : last.end
  return text.slice(clause[0]?.start, closing)
}

/** At the end of CREATE INDEX and DROP INDEX, each at most once. */
function indexWriter(text: string, tokens: Clause): Write {
  const written = (['ALGORITHM', 'LOCK'] as const).flatMap((name) => {
    const found = indexOptions(tokens, name)
    const [first, last] = [found?.[0], found?.[found.length - 1]]
    return first === undefined || last === undefined || isMark(last, '=')
      ? []
      : [{ start: first.start, end: last.end, text: '' }]
  })
  const bare = applyEdits(text, written)
  return (added) => `${bare}\n${added.join(' ')}`
}
