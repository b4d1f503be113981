import { isMark, isWord } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { BatchTable, BatchTrigger } from './batch-table.ts'
import type { Walk } from './read-walk.ts'

/**
 * Why what a statement writes keeps its table from being walked; null where it does not.
 * @param into the table that an INSERT fills; null for all others, and where it does not exist
 */
export function refuseWritten(
  table: BatchTable,
  walk: Pick<Walk, 'verb' | 'after' | 'into'>,
  into: BatchTable | null,
): string | null {
  const { name } = table
  if (into?.isView === true)
    return `It inserts into the view \`${into.name}\`, which may show \`${name}\`: later chunks would read what earlier ones inserted.`
  // A table that an INSERT fills and that is not known has no triggers that are.
  if (walk.into !== undefined && into === null) return null
  const written = into ?? table
  const fired = firedBy(walk)
  const trigger = written.triggers.find(({ event, body }) => fired.includes(event) && writesTable(body, table))
  if (trigger === undefined) return null
  return `The trigger \`${trigger.name}\` of \`${written.name}\` writes \`${name}\`, the table that is walked: MySQL refuses that for each row.`
}

/** The events of a statement: no other trigger of its table runs. */
function firedBy({ verb, after }: Pick<Walk, 'verb' | 'after'>): readonly BatchTrigger['event'][] {
  if (verb === 'REPLACE') return ['INSERT', 'DELETE']
  if (verb !== 'INSERT') return [verb]
  return after === '' ? ['INSERT'] : ['INSERT', 'UPDATE']
}

const modifiers = ['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE'] as const

/** True where the body of a trigger inserts into the table, or changes or deletes rows of it. */
function writesTable(body: string, { schema, name }: BatchTable): boolean {
  const tokens = tokenize(body)
  return tokens.some((token, at) => {
    if (token.text.toLowerCase() !== name.toLowerCase()) return false
    const isQualified = isMark(tokens[at - 1], '.')
    if (isQualified && tokens[at - 2]?.text.toLowerCase() !== schema.toLowerCase()) return false
    let before = at - (isQualified ? 3 : 1)
    while (isWord(tokens[before], ...modifiers)) before -= 1
    if (isWord(tokens[before], 'INTO', 'INSERT', 'REPLACE', 'UPDATE')) return true
    if (!isWord(tokens[before], 'FROM')) return false
    before -= 1
    while (isWord(tokens[before], ...modifiers)) before -= 1
    return isWord(tokens[before], 'DELETE')
  })
}
