import { ToolError } from '../core/tool-error.ts'
import { collectAbandoned } from '../provision/collect-garbage.ts'
import type { Provision } from '../provision/provision-context.ts'
import { makeUpName, nameInPool, prefixOf, serverVariables } from '../provision/variables.ts'
import { describe } from './attach-to.ts'
import { type CreatedEnvironment, createOn } from './create.ts'
import { findServer } from './library-context.ts'
import type { ProvisionedPool, ProvisionOptions } from './types.ts'
import { withWwdbErrors } from './with-wwdb-errors.ts'

/** More clones at a time than this only wait for each other's definitions. */
const atOnce = 4

/** Creates a test environment for each worker: the first one makes the template that the others wait for. */
export async function createPool(workers: number, options: ProvisionOptions): Promise<ProvisionedPool> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new ToolError('USAGE', {
      what: `\`provisionPool\` was given ${workers} as the number of workers.`,
      next: 'Give a whole number from 1 on: as many workers as the test runner has.',
    })
  const base = options.name ?? makeUpName()
  const url = await findServer(options)
  const created: CreatedEnvironment[] = []
  const disposeAll = async (): Promise<void> => {
    const ends = await Promise.allSettled(created.splice(0).map(({ dispose }) => dispose()))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  const prepare = (open: Provision, owner: string): Promise<void> => collectAbandoned(open, { owner, pool: base })
  const create = async (number: number): Promise<void> => {
    const named = { ...options, name: nameInPool(base, number) }
    created[number - 1] = await createOn(url, named, number === 1 ? prepare : undefined)
  }
  try {
    await create(1)
    for (let next = 2; next <= workers; next += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, workers - next + 1) }, (_, index) => next + index)
      const ends = await Promise.allSettled(numbers.map(create))
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    }
  } catch (error) {
    await disposeAll().catch(() => undefined)
    throw error
  }
  return describePool(created, options, disposeAll)
}

function describePool(
  created: readonly CreatedEnvironment[],
  { stores = [] }: ProvisionOptions,
  disposeAll: () => Promise<void>,
): ProvisionedPool {
  const environments = created.map(({ open, name }) => describe(open.config, { name, prefix: prefixOf(name), stores }))
  const servers = serverVariables(created[0]?.open.config.databases ?? [], true)
  return {
    environments,
    environment: {
      ...Object.fromEntries(servers.map(({ name, value }) => [name, value])),
      WWDB_SETS: environments.map(({ name }) => name).join(','),
    },
    refresh: () =>
      withWwdbErrors(async () => {
        let isNew = false
        // One after another: the first makes the template of the others.
        for (const { refresh } of created) isNew = (await refresh()) || isNew
        return isNew
      }),
    dispose: () => withWwdbErrors(disposeAll),
  }
}
