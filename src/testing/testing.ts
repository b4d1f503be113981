import { ToolError } from '../core/tool-error.ts'
import { collectAbandoned } from '../provision/collect-garbage.ts'
import { withProvision } from '../provision/provision-context.ts'
import { attachTo, type WithProvision } from './attach-to.ts'
import { type CreatedEnvironment, createOn } from './create.ts'
import { createLibraryContext, findServer } from './library-context.ts'
import { createPool } from './pool.ts'
import type { AttachedEnvironment, ProvisionedEnvironment, ProvisionedPool, ProvisionOptions } from './types.ts'
import { withWwdbErrors } from './with-wwdb-errors.ts'

export { type Failure, WwdbError } from '../library/wwdb-error.ts'
export type {
  AttachedEnvironment,
  ProvisionedEnvironment,
  ProvisionedPool,
  ProvisionOptions,
  ResetReport,
  ServerSource,
} from './types.ts'

/**
 * Creates a complete test environment for this process: for the global set-up of vitest or jest. It lives until `dispose`, or until
 * the process ends: what a killed one left, the next call drops. Rejected with WwdbError, as all functions here are.
 */
export function provision(options: ProvisionOptions = {}): Promise<ProvisionedEnvironment> {
  return withWwdbErrors(async () => {
    const created = await createOn(await findServer(options), options, (open, owner) =>
      collectAbandoned(open, { owner, pool: null }),
    )
    try {
      return await describeCreated(created)
    } catch (error) {
      await created.dispose().catch(() => undefined)
      throw error
    }
  })
}

/** The same for a test runner with several workers: a test environment for each, all cloned from one template. In a worker, `attach()` finds its own. */
export function provisionPool(workers: number, options: ProvisionOptions = {}): Promise<ProvisionedPool> {
  return withWwdbErrors(() => createPool(workers, options))
}

async function describeCreated({
  open,
  withOpen,
  name,
  owner,
  refresh,
  dispose,
}: CreatedEnvironment): Promise<ProvisionedEnvironment> {
  let attached = await attachTo(open, name, { owner, withOpen })
  return {
    ...attached,
    reset: () => attached.reset(),
    snapshot: (snapshot) => attached.snapshot(snapshot),
    restore: (snapshot) => attached.restore(snapshot),
    refresh: () =>
      withWwdbErrors(async () => {
        if (!(await refresh())) return false
        await attached.close()
        attached = await attachTo(open, name, { owner, withOpen })
        return true
      }),
    dispose: () =>
      withWwdbErrors(async () => {
        await attached.close()
        await dispose()
      }),
  }
}

/**
 * Attaches to a test environment that another process created, to reset it between tests: in a worker of the test runner whose global setup called `provision` or `provisionPool`, or
 * under `wwdb provision exec`.
 * @param name of the test environment; default: that of this worker in WWDB_SETS, else WWDB_SET
 */
export function attach(
  name: string | undefined = undefined,
  options: Omit<ProvisionOptions, 'name' | 'server'> = {},
): Promise<AttachedEnvironment> {
  return withWwdbErrors(() => attachWith(name ?? ownName(process.env), options))
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
  const context = createLibraryContext(options, options.url ?? null)
  const withOpen: WithProvision = (work) => withProvision(context, work)
  return withOpen((open) => attachTo(open, name, { owner: context.process.person, withOpen }))
}

/** Runners count their workers from 1. Where there is no runner, it is the first of a pool. */
function ownName(variables: NodeJS.ProcessEnv): string {
  const names = (variables['WWDB_SETS'] ?? '').split(',').filter((name) => name !== '')
  if (names.length === 0) return variables['WWDB_SET'] ?? ''
  const worker = Number(variables['VITEST_POOL_ID'] ?? variables['JEST_WORKER_ID'] ?? '1')
  const name = names[worker - 1]
  if (name !== undefined) return name
  throw new ToolError('TEST_ENVIRONMENT_UNKNOWN', {
    what: `There is no test environment for worker ${worker}: the pool has ${names.length}.`,
    next: 'Give `provisionPool` as many workers as the test runner has.',
  })
}
