import type { Config } from '../config/config.ts'
import { writeServerUrl } from '../config/server-url.ts'
import type { Provision } from '../provision/provision-context.ts'
import { openReset } from '../provision/reset-environment.ts'
import { databasesOf, type EnvironmentFacts, variablesOf } from '../provision/variables.ts'
import type { AttachedEnvironment } from './types.ts'
import { withWwdbErrors } from './with-wwdb-errors.ts'

/** A test environment by its name; connections are opened by its first reset. */
export async function attachTo({ config, servers, registry }: Provision, name: string): Promise<AttachedEnvironment> {
  const { prefix, reset, close } = await openReset({ config, servers, registry, name })
  const stores = (await registry.find(name))?.stores ?? []
  return {
    ...describe(config, { name, prefix, stores }),
    reset: () => withWwdbErrors(reset),
    close: () => withWwdbErrors(close),
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
