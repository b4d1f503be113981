import { closestName } from '../core/closest-name.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'

/**
 * The families of these names, in the order of the templates; all where there is no name. Throws ToolError `UNKNOWN_FAMILY` (64).
 * @param given where the names come from
 */
export function selectFamilies(
  families: readonly ShardFamily[],
  names: readonly string[],
  given = 'it was given with --family',
): readonly ShardFamily[] {
  const known = families.map((family) => family.name)
  const faults = names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closestName(name, known)
      const list = known.length === 0 ? 'There is no shard template.' : `Known are: ${known.join(', ')}.`
      return {
        what: `There is no shard family ${JSON.stringify(name)}.`,
        why: given,
        next: meant === null ? list : `Did you mean "${meant}"?`,
      }
    })
  if (faults.length > 0) throw new ToolError('UNKNOWN_FAMILY', faults, { exitCode: exitCodes.usage })
  return names.length === 0 ? families : families.filter((family) => names.includes(family.name))
}
