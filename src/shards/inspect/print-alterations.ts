import type { ShardFamily } from '../../core/shard-family.ts'
import { describeDifference } from '../../sql/definitions/difference.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { ShapeAlteration } from '../alteration.ts'
import { renderShardText } from '../fan-out/render-statement.ts'
import { namesOf } from '../fan-out/select-shards.ts'
import type { AlteredFamily } from './inspect-alterations.ts'

/**
 * The ALTER TABLEs of a family as a script for the mysql client: every table by itself and with its schema, what is
 * dangerous as a comment before it.
 */
export function printAlterations({ viewed, alterations }: AlteredFamily, families: readonly ShardFamily[]): string {
  const { family, target } = viewed.view
  return alterations.groups
    .map((group) => {
      const heading = `-- ${family.name} in ${target.schema} at ${target.server}: ${group.differences.map((one) => describeDifference(one, group.tables.length > 1)).join('; ')}`
      const tables = group.tables.flatMap((table) => printTable(viewed, families, table, group))
      return `${toComment([heading, ...group.hazards.map(({ code, why }) => `-- HAZARD ${code}: ${why}`)])}${tables.join('')}`
    })
    .join('\n')
}

function printTable(
  { view }: AlteredFamily['viewed'],
  families: readonly ShardFamily[],
  table: string,
  { statements }: ShapeAlteration,
): readonly string[] {
  const key = view.naming.parse(table)
  if (key === null) return []
  const names = namesOf(view.family, families, key)
  return statements.map((text) => {
    const filled = renderShardText(text, names)
    // Alone the statement would mean a table of whatever schema is selected.
    const place = `ALTER TABLE ${quoteName(view.target.schema)}.${quoteName(table)}`
    return `${filled.replace(`ALTER TABLE ${quoteName(table)}`, () => place)};\n`
  })
}

/** Definitions may hold line ends (in comments, for instance), which must not end ours. */
function toComment(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('')
}
