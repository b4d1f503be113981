import { randomBytes } from 'node:crypto'
import type { Config } from '../../config/config.ts'
import type { Flag } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { type StoreKind, storeKinds } from '../../core/store.ts'
import { cloneBase } from '../clone-set.ts'
import { checksumDefinitions } from '../definitions-checksum.ts'
import { checkSetName } from '../name-set.ts'
import type { SetLease } from '../provision.ts'
import type { Provision } from '../provision-context.ts'
import { raiseSet } from '../raise-set.ts'
import { fillStores, refuseUnknownStores } from '../set-stores.ts'
import { fillFromDefinitions } from './fill-set.ts'

/** The flags that `up` and `exec` share. */
export const setFlags = {
  name: {
    value: 'NAME',
    description: 'what the set is called: its schemas are wwdb_NAME_DATABASE',
    otherwise: 'a new one',
  },
  expires: {
    value: 'DURATION',
    type: 'duration',
    description: 'when gc may drop it, for example 2h; none keeps it until somebody drops it',
    otherwise: '24h',
  },
  owner: { value: 'NAME', description: 'whose set it is', otherwise: 'user@host' },
  with: {
    value: 'STORE',
    description: 'also a store beside MySQL, with what is declared for it under the prefix; may be repeated',
    choices: storeKinds,
    repeatable: true,
  },
  fresh: { description: 'make it from the definitions, without the template that sets are cloned from' },
} as const satisfies Readonly<Record<string, Flag>>

export interface SetWish {
  readonly name?: string | undefined
  readonly expires?: string | undefined
  readonly owner?: string | undefined
  /** Made from the definitions, without a template. */
  readonly fresh?: boolean | undefined
  /** Stores beside MySQL that get what is declared for them, under the set's prefix. */
  readonly with?: readonly StoreKind[] | undefined
}

/** A set that is up: the project's configuration with the set's schemas, and how long it took. */
export interface RaisedSet {
  readonly name: string
  readonly config: Config
  readonly milliseconds: number
}

/** How long a set lives where nobody says. */
const usualLifetime = '24h'

/** Makes a set and calls it ready. Its name stays held until the registry is closed. */
export async function raise(
  context: Context,
  provision: Provision,
  wish: SetWish,
  lease: SetLease,
): Promise<RaisedSet> {
  const started = performance.now()
  const name = wish.name ?? `t${randomBytes(4).toString('hex')}`
  checkSetName(name, provision.config.databases)
  const stores = wish.with ?? []
  refuseUnknownStores(provision.config, stores)
  const owner = wish.owner ?? context.process.person
  const fill = (set: Config): Promise<void> => fillFromDefinitions(context, set)
  const config = await raiseSet({
    ...provision,
    name,
    owner,
    lease,
    lifetime: readDurationFlag('--expires', wish.expires ?? usualLifetime),
    stores,
    prepare: async () => {
      const base = wish.fresh === true ? { template: null, fill } : await cloneBase(await requestTemplate())
      return {
        template: base.template,
        fill: async (set) => {
          await base.fill(set)
          await fillStores(context, set, stores)
        },
      }
    },
  })
  return { name, config, milliseconds: performance.now() - started }

  async function requestTemplate() {
    const { emit, stop, now } = context
    const { toolVersion } = context.process
    const { serverVersion } = provision.registry
    const checksum = await checksumDefinitions(provision.config, { toolVersion, serverVersion, now: now() })
    return { ...provision, checksum, owner, emit, stop, fill }
  }
}
