import type { Context } from '../core/context.ts'
import type { SeedTargetPlan } from './seed-plan.ts'

/** More names than this are counted. */
const mostNames = 10

/**
 * Asks before rows are removed: y/N where only they go, the database's name where others would go with them. Returns at once
 * where none are.
 */
export async function confirmPrune(context: Context, plans: readonly SeedTargetPlan[]): Promise<void> {
  const pruned = plans.filter(({ rows }) => rows.some(({ action }) => action === 'delete'))
  if (pruned.length === 0) return
  const cascades = pruned.some(({ dependents }) => dependents.some(({ effect }) => effect === 'delete'))
  const names = pruned.map(({ target }) => target.database)
  await context.confirm({
    what: pruned.map(describe).join('\n'),
    level: cascades ? 'severe' : 'moderate',
    name: names.length === 1 ? (names[0] ?? '') : `${names.length} databases`,
  })
}

function describe({ target, rows, dependents }: SeedTargetPlan): string {
  const doomed = rows.filter(({ action }) => action === 'delete')
  const named = doomed.map(({ table, key, changes }) => {
    const changed = changes.length > 0 ? ', changed by hand since' : ''
    return `${table} ${Object.values(key).join(' ')}${changed}`
  })
  const shown = named.slice(0, mostNames).join('; ')
  const more = named.length > mostNames ? `; and ${named.length - mostNames} more` : ''
  const hanging = dependents.map(({ table, rows: count, effect, constraint }) => {
    const what = effect === 'delete' ? 'goes with them' : 'loses its reference to them'
    return `${count} of ${table} ${count === 1 ? what : what.replace('goes', 'go').replace('loses its', 'lose their')} (${constraint})`
  })
  const behind =
    hanging.length === 0 ? 'Nothing hangs on them by a foreign key.' : `What hangs on them: ${hanging.join('; ')}.`
  return `This removes ${doomed.length} seeded ${doomed.length === 1 ? 'row' : 'rows'} of ${target.database} (${target.schema}): ${shown}${more}. ${behind}`
}
