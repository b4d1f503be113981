import type { PlatformPlace, PlatformStep } from '../domain/platform.ts'
import { readFamilies } from '../sources/read-families.ts'
import type { Context } from './context.ts'
import { selectDatabases } from './selected-databases.ts'

/** What is where, from the configuration: the databases with their families, then the stores. */
export async function describePlaces(
  context: Context,
  wanted: ReadonlyMap<PlatformStep, boolean>,
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
    holds: prefix === '' ? 'as declared' : `as declared, names begin with ${prefix}`,
  }))
  return [...databases, ...stores]
}
