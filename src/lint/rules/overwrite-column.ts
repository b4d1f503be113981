import { type ColumnChange, readColumnChanges } from '../column-changes.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/**
 * Only one direction loses values: a stored generated column that becomes a plain one keeps its values, another expression
 * computes from columns that stay, and the server refuses to change VIRTUAL to any other kind or back (measured on 8.0.12 and 9.7).
 */
export const overwriteColumn: HazardRule = {
  code: 'OVERWRITE_COLUMN',
  kind: 'destructive',
  title: '`MODIFY` or `CHANGE` of a plain column to `GENERATED ALWAYS AS ...`, which replaces every value',
  find: (tokens, statement, context) => {
    if (!firstTableMayHaveData(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables)
      .filter((change) => !change.made && becomesGenerated(change))
      .map(({ column }) => ({
        why: `It overwrites the values of ${column} in every row with the result of the expression.`,
        instead: 'Add the generated column under a new name, compare both, and drop the old one in a later migration.',
      }))
  },
}

/** A column that was not read may be a plain one. */
function becomesGenerated({ attributesBefore, attributes }: ColumnChange): boolean {
  return attributes.generated !== null && (attributesBefore === null || attributesBefore.generated === null)
}
