import { ToolError } from '../../core/tool-error.ts'
import type { StoreSession } from '../contract.ts'
import type { StoreSurroundings } from '../ports.ts'
import { carryOut } from './carry-out.ts'
import type { MongodbDeclaration } from './declaration.ts'
import { compareMongodb, type PlanMaking, planMongodb } from './make-plan.ts'
import { awaitWriter, defineMembers } from './members.ts'
import type { PlannedChange } from './planned.ts'
import type { MongodbDriver } from './ports.ts'
import { withPrefix } from './prefixed.ts'
import { verifySet } from './verify.ts'
import type { Waiting } from './waiting.ts'

/** Milliseconds that a wait may take in which nothing gets better: an election takes 10 to 15 s with MongoDB's own settings. */
const usualPatience = 60_000

export interface MongodbSessionOptions {
  readonly declaration: MongodbDeclaration
  readonly prefix: string
  /** `host:port` of the URL. */
  readonly addresses: readonly string[]
  /** Who signs in; null for servers without access control. */
  readonly user: string | null
  readonly driver: MongodbDriver
  readonly patience?: number
}

/** MongoDB with what is declared for it. */
export function openMongodbSession(options: MongodbSessionOptions, surroundings: StoreSurroundings): StoreSession {
  const { driver, prefix, addresses, user } = options
  const named = withPrefix(options.declaration, prefix)
  const users = named.users.filter(({ password }) => password !== '')
  const passwordless = named.users.filter((user) => !users.includes(user))
  const declaration = { ...named, users }
  const members = defineMembers(declaration, addresses, driver)
  const waiting: Waiting = { ...surroundings, patience: options.patience ?? usualPatience }
  const server = addresses.join(',')
  const making: PlanMaking = { declaration, passwordless, members, driver, waiting, user, server, prefix }
  let planned: readonly PlannedChange[] = []
  return {
    store: 'mongodb',
    server,
    plan: async () => {
      const made = await planMongodb(making)
      planned = made.planned
      return made.plan
    },
    compare: async () => (await compareMongodb(making)).plan,
    apply: async (change) => {
      const found = planned[change.number]
      if (found === undefined) throw new Error(`no change ${change.number} in the plan`)
      await carryOut(found.act, members, driver, waiting)
    },
    verify: () => verifySet(declaration, members, driver, prefix),
    clear: async () => {
      if (prefix === '') throw prefixMissing()
      return driver.clear(await awaitWriter(members, waiting), prefix)
    },
    close: driver.close,
  }
}

function prefixMissing(): ToolError {
  return new ToolError('STORE_PREFIX_MISSING', {
    what: 'Nothing is cleared without a prefix.',
    why: 'All databases, users and roles would go that anybody made.',
    next: 'Set "prefix" in the configuration.',
  })
}
