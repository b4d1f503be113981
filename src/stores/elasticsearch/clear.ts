import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { type ElasticsearchDriver, resourceKinds } from './ports.ts'

/**
 * Removes everything whose name begins with the prefix, users before what they use, and returns the names: `data stream pr_1_logs`. Roles and users
 * are read only where some are declared: listing them requires a privilege that nothing else needs.
 */
export async function clear({
  declaration,
  driver,
  prefix,
}: StoreContext<Declaration, ElasticsearchDriver>): Promise<readonly string[]> {
  const removed: string[] = []
  const withAccess = declaration.roles.length + declaration.users.length > 0
  for (const kind of resourceKinds.filter((one) => withAccess || (one !== 'user' && one !== 'role'))) {
    for (const name of await driver.list(kind, prefix)) {
      await driver.remove(kind, name)
      removed.push(`${kind} ${name}`)
    }
  }
  return removed
}
