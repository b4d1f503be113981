import type { Config } from '../config/config.ts'
import { writeServerUrl } from '../config/server-url.ts'
import { ToolError } from '../core/tool-error.ts'
import { openProvision, type Provision } from '../provision/provision-context.ts'
import { provisionEnvironment } from '../provision/provision-environment.ts'
import { removeEnvironment } from '../provision/remove-environment.ts'
import { openReset } from '../provision/reset-environment.ts'
import { databasesOf, type EnvironmentFacts, variablesOf } from '../provision/variables.ts'
import { createLibraryContext, findServer } from './library-context.ts'
import type { AttachedEnvironment, ProvisionedEnvironment, ProvisionOptions } from './types.ts'
import { withWwdbErrors } from './with-wwdb-errors.ts'

export { type Failure, WwdbError } from '../library/wwdb-error.ts'
export type {
  AttachedEnvironment,
  ProvisionedEnvironment,
  ProvisionOptions,
  ResetReport,
  ServerSource,
} from './types.ts'

/**
 * Creates a complete test environment for this process: for the global set-up of vitest or jest. It lives until `dispose`, or until
 * the process ends and `wwdb provision gc` runs. Rejected with WwdbError, as all functions here are.
 */
export function provision(options: ProvisionOptions = {}): Promise<ProvisionedEnvironment> {
  return withWwdbErrors(() => createFor(options))
}

async function createFor(options: ProvisionOptions): Promise<ProvisionedEnvironment> {
  const context = createLibraryContext(options, await findServer(options))
  const open = await openProvision(context)
  try {
    const request = { name: options.name, expires: options.expires, with: options.stores }
    const { name } = await provisionEnvironment(context, open, request, 'process')
    const { close, ...environment } = await attachTo(open, name)
    const dispose = async (): Promise<void> => {
      await close()
      try {
        await removeEnvironment(open, name, context.process.person)
      } finally {
        await open.registry.close()
      }
    }
    return { ...environment, dispose: () => withWwdbErrors(dispose) }
  } catch (error) {
    await open.registry.close()
    throw error
  }
}

/**
 * Attaches to a test environment that another process created, to reset it between tests: in a worker of the test runner whose global setup called `provision`, or under `wwdb provision exec`.
 * @param name of the test environment; default: the variable WWDB_SET
 */
export function attach(
  name: string = process.env['WWDB_SET'] ?? '',
  options: Omit<ProvisionOptions, 'name' | 'server'> = {},
): Promise<AttachedEnvironment> {
  return withWwdbErrors(() => attachWith(name, options))
}

async function attachWith(
  name: string,
  options: Omit<ProvisionOptions, 'name' | 'server'>,
): Promise<AttachedEnvironment> {
  if (name === '')
    throw new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
      what: 'There is no test environment to attach to: WWDB_SET is not set.',
      next: 'Give the name, or run under `wwdb provision exec`, or pass the variables of `provision()` to the tests.',
    })
  // The variables of the test environment name its own schemas; the registry lists it under the project's databases.
  const open = await openProvision(createLibraryContext(options, options.url ?? null))
  try {
    return await attachTo(open, name)
  } finally {
    await open.registry.close()
  }
}

async function attachTo({ config, servers, registry }: Provision, name: string): Promise<AttachedEnvironment> {
  const { prefix, reset, close } = await openReset({ config, servers, registry, name })
  const stores = (await registry.find(name))?.stores ?? []
  const environment = environmentOf(config, { name, prefix, stores })
  return {
    name,
    prefix,
    urls: urlsOf(config, prefix),
    environment,
    reset: () => withWwdbErrors(reset),
    close: () => withWwdbErrors(close),
  }
}

function urlsOf(config: Config, prefix: string): Readonly<Record<string, string>> {
  const databases = databasesOf(config.databases, prefix)
  return Object.fromEntries(databases.map(({ name, schema, server }) => [name, writeServerUrl(server, schema, true)]))
}

function environmentOf(config: Config, environment: EnvironmentFacts): Readonly<Record<string, string>> {
  const variables = variablesOf(config, environment, true)
  return Object.fromEntries(variables.map((one) => [one.name, one.value]))
}
