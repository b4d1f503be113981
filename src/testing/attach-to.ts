import type { Config } from '../config/config.ts'
import { writeServerUrl } from '../config/server-url.ts'
import { takeSnapshot } from '../provision/named-snapshot.ts'
import type { Provision } from '../provision/provision-context.ts'
import { openReset } from '../provision/reset-environment.ts'
import { openRestores } from '../provision/restore-environment.ts'
import { databasesOf, type EnvironmentFacts, variablesOf } from '../provision/variables.ts'
import { neverStopped } from './library-context.ts'
import type { AttachedEnvironment } from './types.ts'
import { withWwdbErrors } from './with-wwdb-errors.ts'

/** Does some work with the registry open, for an environment that does not keep it. */
export type WithProvision = <T>(work: (open: Provision) => Promise<T>) => Promise<T>

/** A test environment by its name; connections are opened by its first reset, and by the first restore of each snapshot. */
export async function attachTo(
  { config, servers, registry }: Provision,
  name: string,
  { owner, withOpen }: { readonly owner: string; readonly withOpen: WithProvision },
): Promise<AttachedEnvironment> {
  const { prefix, reset, close } = await openReset({ config, servers, registry, name })
  const stores = (await registry.find(name))?.stores ?? []
  const restores = openRestores({
    config,
    servers,
    environment: { name, prefix },
    withRegistry: (work) => withOpen((open) => work(open.registry)),
  })
  return {
    ...describe(config, { name, prefix, stores }),
    reset: () => withWwdbErrors(reset),
    snapshot: (snapshot) =>
      withWwdbErrors(async () => {
        await withOpen((open) => takeSnapshot({ ...open, environment: name, snapshot, owner, stop: neverStopped.stop }))
      }),
    restore: (snapshot) => withWwdbErrors(() => restores.restore(snapshot)),
    close: () =>
      withWwdbErrors(async () => {
        await restores.close()
        await close()
      }),
  }
}

/** What programs need to know to use a test environment. */
export function describe(
  config: Config,
  facts: EnvironmentFacts,
): Pick<AttachedEnvironment, 'name' | 'prefix' | 'urls' | 'environment'> {
  const { name, prefix } = facts
  return {
    name,
    prefix,
    urls: Object.fromEntries(
      databasesOf(config.databases, prefix).map((one) => [one.name, writeServerUrl(one.server, one.schema, true)]),
    ),
    environment: Object.fromEntries(variablesOf(config, facts, true).map((one) => [one.name, one.value])),
  }
}
