import { type Clause, isWord, listNames, readAlterations } from '../clauses.ts'
import type { HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'

/** What else DROP can stand in front of in an ALTER TABLE; all of them are reserved words except CHECK's like. */
const otherParts = ['INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CONSTRAINT', 'CHECK', 'PARTITION'] as const

export const dropColumn: HazardRule = {
  code: 'DROP_COLUMN',
  kind: 'destructive',
  title: '`ALTER TABLE ... DROP [COLUMN]`',
  find: (tokens, statement, context) => {
    const columns = readAlterations(tokens).flatMap(droppedColumn)
    if (columns.length === 0 || !isFirstTableAtStake(statement, context)) return []
    return [
      {
        why: `It removes ${listNames(columns)} with the values of every row.`,
        instead: 'Stop using the column, make it INVISIBLE for a while, and drop it in a later migration.',
      },
    ]
  },
}

function droppedColumn(clause: Clause): readonly string[] {
  if (!isWord(clause[0], 'DROP') || isWord(clause[1], ...otherParts)) return []
  const name = isWord(clause[1], 'COLUMN') ? clause[2] : clause[1]
  return name === undefined ? [] : [name.text]
}
