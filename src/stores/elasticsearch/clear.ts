import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { type ElasticsearchDriver, resourceKinds } from './ports.ts'

/** Removes everything whose name begins with the prefix, users before what they use, and names it: `data stream pr_1_logs`. */
export async function clear({
  driver,
  prefix,
}: StoreContext<Declaration, ElasticsearchDriver>): Promise<readonly string[]> {
  const removed: string[] = []
  for (const kind of resourceKinds) {
    for (const name of await driver.list(kind, prefix)) {
      await driver.remove(kind, name)
      removed.push(`${kind} ${name}`)
    }
  }
  return removed
}
