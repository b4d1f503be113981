import type { Algorithm } from '../../migrations/plan.ts'
import type { Attempt, LockLevel } from '../../sql/algorithm-question.ts'
import {
  type Clause,
  findOption,
  findWords,
  hasWords,
  readAlterations,
  readOption,
  skipName,
} from '../../sql/clauses.ts'
import { applyEdits, type Edit, replaceToken } from '../../sql/rewrite.ts'
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
