import { type ColumnChange, readColumnChanges } from '../column-changes.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/**
 * Only one direction loses anything: a stored generated column that becomes a plain one keeps its values, another expression
 * computes from columns that stay, and the server refuses what turns VIRTUAL into anything else or back (measured on 8.0.12 and 9.7).
 */
export const overwriteColumn: HazardRule = {
  code: 'OVERWRITE_COLUMN',
  kind: 'destructive',
  title: '`MODIFY` or `CHANGE` of a plain column to `GENERATED ALWAYS AS ...`, which computes every value anew',
  find: (tokens, statement, context) => {
    if (!firstTableMayHaveData(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables)
      .filter((change) => !change.made && becomesGenerated(change))
      .map(({ column }) => ({
        why: `It overwrites the values of ${column} in every row with what the expression gives.`,
        instead: 'Add the generated column under a new name, compare both, and drop the old one in a later migration.',
      }))
  },
}

/** Where nobody looked at the column it may be a plain one. */
function becomesGenerated({ attributesBefore, attributes }: ColumnChange): boolean {
  return attributes.generated !== null && (attributesBefore === null || attributesBefore.generated === null)
}
