import { openProvision, type Provision, withProvision } from '../provision/provision-context.ts'
import { provisionEnvironment, templateNow } from '../provision/provision-environment.ts'
import { removeEnvironment } from '../provision/remove-environment.ts'
import type { WithProvision } from './attach-to.ts'
import { createLibraryContext } from './library-context.ts'
import type { ProvisionOptions } from './types.ts'

/** A test environment of this process, whose name is held until it is disposed of. */
export interface CreatedEnvironment {
  /** Holds its name by a connection that stays open. */
  readonly open: Provision
  /** On connections of its own: the one that stays open may be lost in a long run. */
  readonly withOpen: WithProvision
  readonly name: string
  readonly owner: string
  readonly refresh: () => Promise<boolean>
  readonly dispose: () => Promise<void>
}

/** @param prepare is called before the test environment is created */
export async function createOn(
  url: string | null,
  options: ProvisionOptions,
  prepare: (open: Provision, owner: string) => Promise<void> = async () => undefined,
): Promise<CreatedEnvironment> {
  const context = createLibraryContext(options, url)
  const open = await openProvision(context)
  const create = (name: string | undefined) => {
    const request = { name, expires: options.expires, with: options.stores }
    return provisionEnvironment(context, open, request, 'process')
  }
  try {
    await prepare(open, context.process.person)
    const { name } = await create(options.name)
    return {
      open,
      withOpen: (work) => withProvision(context, work),
      name,
      owner: context.process.person,
      refresh: async () => {
        if ((await open.registry.find(name))?.template === (await templateNow(context, open))) return false
        await create(name)
        return true
      },
      dispose: async () => {
        try {
          await removeEnvironment(open, name, context.process.person)
        } finally {
          await open.registry.close()
        }
      },
    }
  } catch (error) {
    await open.registry.close()
    throw error
  }
}
