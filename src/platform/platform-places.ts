import { selectDatabases } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import { readFamilies } from '../shards/templates/read-families.ts'
import type { StoreOutcome } from '../stores/outcome.ts'
import type { PlatformPlace, PlatformStep } from './platform.ts'
import { storeStates } from './platform-summary.ts'

/**
 * What is where: the databases with their families from the configuration, then the stores, each as this run left it.
 * @param outcomes of the stores; empty where setting up ended before any of them had one.
 */
export async function describePlaces(
  context: Context,
  wanted: ReadonlyMap<PlatformStep, boolean>,
  outcomes: readonly StoreOutcome[],
): Promise<readonly PlatformPlace[]> {
  const config = await context.config()
  const families = await readFamilies(config)
  const databases = selectDatabases(config, context.targets).map(({ name, schema, server }) => {
    const own = families.filter(({ database }) => database === name).map((family) => family.name)
    const sharded = own.length === 0 ? '' : `; sharded: ${own.join(', ')}`
    return { name, server: server.label, holds: `schema ${schema}${sharded}` }
  })
  if (wanted.get('setup') !== true) return databases
  const stores = config.stores.map(({ store, label, prefix }) => ({
    name: store,
    server: label,
    holds: `${describeStore(outcomes.find((one) => one.store === store))}${prefix === '' ? '' : `, names begin with ${prefix}`}`,
  }))
  return [...databases, ...stores]
}

/** After its changes a store was read back, so that it is as declared, too. */
function describeStore(outcome: StoreOutcome | undefined): string {
  if (outcome === undefined) return 'not set up'
  return outcome.state === 'done' ? 'as declared' : storeStates[outcome.state]
}
