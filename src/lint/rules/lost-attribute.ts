import { listNames } from '../../sql/clauses.ts'
import { type ColumnChange, readColumnChanges } from '../column-changes.ts'
import { columnMayHaveData, isFirstTableOccupied } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const lostAttribute: HazardRule = {
  code: 'LOST_ATTRIBUTE',
  kind: 'advisory',
  title:
    '`MODIFY` or `CHANGE` that does not repeat `AUTO_INCREMENT`, `DEFAULT`, `ON UPDATE`, `NOT NULL` or `COMMENT`, or the expression of a generated column',
  find: (tokens, statement, context) => {
    if (!isFirstTableOccupied(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables)
      .filter(({ column }) => columnMayHaveData(column, statement, context))
      .flatMap((change) => {
        const lost = listLost(change)
        if (lost.length === 0) return []
        return [
          {
            why: `Column ${change.column} loses its ${listNames(lost)}: a definition that does not repeat them drops them.`,
            instead: 'Write the whole definition, as SHOW CREATE TABLE prints it, with the change.',
          },
        ]
      })
  },
}

function listLost({ before, attributesBefore, after, attributes }: ColumnChange): readonly string[] {
  if (before === null || attributesBefore === null) return []
  const becomesGenerated = attributes.generated !== null
  const facts: readonly (readonly [name: string, lost: boolean])[] = [
    ['AUTO_INCREMENT', attributesBefore.autoIncrement && !attributes.autoIncrement],
    ['DEFAULT', attributesBefore.hasDefault && !attributes.hasDefault && !becomesGenerated],
    ['ON UPDATE', attributesBefore.onUpdate && !attributes.onUpdate],
    ['NOT NULL', !before.nullable && after.nullable && !attributesBefore.primary && !becomesGenerated],
    ['COMMENT', attributesBefore.hasComment && !attributes.hasComment],
    ['expression', attributesBefore.generated !== null && !becomesGenerated],
  ]
  return facts.flatMap(([name, lost]) => (lost ? [name] : []))
}
