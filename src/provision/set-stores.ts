import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import { exitCodes } from '../core/exit-code.ts'
import { type StoreKind, storeKinds } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { chooseStores } from '../stores/chosen-stores.ts'
import { withStores } from '../stores/open-stores.ts'
import { setUpStores } from '../stores/set-up-stores.ts'
import { configOf } from './raise-set.ts'
import type { RemoveStores } from './remove-set.ts'

/**
 * Gives stores what is declared for them, under the prefix that the set's configuration has.
 * Throws the faults of all that failed, and `STOPPED` where a stop was requested: a set without its stores is not ready.
 */
export async function fillStores(context: Context, config: Config, stores: readonly StoreKind[]): Promise<void> {
  if (stores.length === 0) return
  const inside: Context = { ...context, config: async () => config }
  const { outcomes, error } = await setUpStores({
    stores: await chooseStores(inside, stores),
    permission: { allow: [], confirm: async () => undefined },
    emit: (event) => {
      if (event.type === 'warning') context.emit(event)
    },
    stop: context.stop,
  })
  const faults = outcomes.flatMap(({ fault }) => fault ?? [])
  if (error !== null) throw new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
  const stopped = outcomes.filter(({ state }) => state === 'stopped').map(({ store }) => store)
  if (stopped.length === 0) return
  throw new ToolError(
    'STOPPED',
    { what: `Stopped before ${stopped.join(', ')} had everything.`, next: 'Run it again.' },
    { exitCode: exitCodes.interrupted },
  )
}

/** Removes from stores all that carries a set's prefix. Throws where one cannot be reached: the set stays registered then. */
export function removeFromStores(context: Context, project: Config): RemoveStores {
  return async ({ prefix, stores }) => {
    const known = storeKinds.filter((store) => stores.includes(store))
    if (known.length === 0) return
    const inside: Context = { ...context, config: async () => configOf(project, prefix) }
    await withStores(await chooseStores(inside, known), async (opened) => {
      for (const one of opened) if (one.type === 'failed') throw one.error
      for (const one of opened) if (one.type === 'open') await one.session.clear()
    })
  }
}

/** Stores that the configuration does not name cannot hold anything of a set. Throws ToolError `UNKNOWN_STORE` (64). */
export function refuseUnknownStores(config: Config, stores: readonly StoreKind[]): void {
  const unknown = stores.filter((store) => !config.stores.some((one) => one.store === store))
  if (unknown.length === 0) return
  throw new ToolError('UNKNOWN_STORE', {
    what: `The configuration names no ${unknown.join(', ')}.`,
    next: 'Add it under `stores`, or leave it out of --with.',
  })
}
