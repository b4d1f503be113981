import { hasWords, isIndexStatement, isWord, readAlterations, readOption } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

/** Guesses from the text; where the server was asked, its answer is used instead (`explainHazards`). */
export const lock: HazardRule = {
  code: 'BLOCKING_LOCK',
  kind: 'blocking',
  title:
    'Other sessions cannot write (`LOCK=SHARED`) or not even read (`LOCK=EXCLUSIVE`) the table while it is changed in place',
  find: (tokens) => {
    const cause = findCause(tokens)
    return cause === null ? [] : [{ why: `${cause}.`, instead: insteadOfLock }]
  },
}

export const insteadOfLock = 'Run it when no session writes to the table, or use an online schema change tool.'

function findCause(tokens: readonly Token[]): string | null {
  const asked = readOption(tokens, 'LOCK')
  if (asked === 'SHARED') return 'It requests LOCK=SHARED: other sessions cannot write to the table meanwhile'
  if (asked === 'EXCLUSIVE')
    return 'It requests LOCK=EXCLUSIVE: other sessions can neither read nor write the table meanwhile'
  const kind = addedIndexKind(tokens)
  if (kind !== null) return `Other sessions cannot write to the table while the ${kind} index is built`
  const moves = readAlterations(tokens).some((clause) => movesPartitions(clause))
  return moves ? 'Other sessions cannot write to the table while rows move between partitions' : null
}

function addedIndexKind(tokens: readonly Token[]): string | null {
  if (isIndexStatement(tokens) && isWord(tokens[1], 'FULLTEXT', 'SPATIAL')) return tokens[1]?.text.toUpperCase() ?? null
  const adds = readAlterations(tokens).find(
    (clause) => isWord(clause[0], 'ADD') && isWord(clause[1], 'FULLTEXT', 'SPATIAL'),
  )
  return adds?.[1]?.text.toUpperCase() ?? null
}

function movesPartitions(clause: readonly Token[]): boolean {
  return hasWords(clause, 0, 'REORGANIZE', 'PARTITION') || hasWords(clause, 0, 'COALESCE', 'PARTITION')
}
