import { exitCodes } from '../../../domain/exit-code.ts'
import type { StoreFinding } from '../../../domain/stores/finding.ts'
import type { MongodbDeclaration, UserDeclaration } from '../../../domain/stores/mongodb/declaration.ts'
import type { MongodbCatalogue, ObservedMember } from '../../../domain/stores/mongodb/observation.ts'
import type { StorePlan } from '../../../domain/stores/store.ts'
import { ToolError } from '../../../domain/tool-error.ts'
import { noteUndeclared, toErrorFindings, toNotComparedFinding, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreSession, StoreSurroundings } from '../ports.ts'
import { carryOut } from './carry-out.ts'
import { type CatalogueComparison, compareCatalogue } from './compare-catalogue.ts'
import { findMember } from './configuration.ts'
import { observeSet } from './judge-members.ts'
import { awaitWriter, defineMembers, type Members } from './members.ts'
import { declaredResources, planCatalogue, unchangedResources } from './plan.ts'
import { catalogueQuestions } from './plan-collections.ts'
import { questionKey } from './plan-indexes.ts'
import { planSet } from './plan-set.ts'
import type { PlannedChange } from './planned.ts'
import type { MongodbDriver } from './ports.ts'
import { withPrefix } from './prefixed.ts'
import { findUndeclared } from './undeclared.ts'
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
      const made = makePlan(making, await planParts(making))
      planned = made.planned
      return made.plan
    },
    compare: async () => {
      const now = { ...making, waiting: { ...waiting, patience: 0 } }
      return makePlan(now, await compareParts(now)).plan
    },
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

interface PlanMaking {
  readonly declaration: MongodbDeclaration
  /** Users that are declared with an empty password: its variable is not set where this runs. */
  readonly passwordless: readonly UserDeclaration[]
  readonly members: Members
  readonly driver: MongodbDriver
  readonly waiting: Waiting
  readonly user: string | null
  readonly server: string
  readonly prefix: string
}

/** What a plan is made of. */
interface Parts {
  readonly seen: readonly ObservedMember[]
  readonly planned: readonly PlannedChange[]
  readonly catalogue: MongodbCatalogue
  readonly findings: readonly StoreFinding[]
}

async function planParts(making: PlanMaking): Promise<Parts> {
  const { declaration, members, user } = making
  const seen = await members.look()
  const setChanges = members.wanted === null ? [] : planSet(members.wanted, observeSet(seen), user)
  if (isUnborn(setChanges)) return planUnseen(declaration, seen, setChanges)
  const { catalogue, counts } = await readSeen(making)
  return { seen, planned: [...setChanges, ...planCatalogue(declaration, catalogue, counts)], catalogue, findings: [] }
}

/** The same, where what a plan refuses is a finding among the others. */
async function compareParts(making: PlanMaking): Promise<Parts> {
  const { declaration, members, user, server } = making
  const seen = await members.look()
  const set = attemptSet(members, seen, user, server)
  if (isUnborn(set.changes)) return planUnseen(declaration, seen, set.changes)
  const { catalogue, counts } = await readSeen(making)
  const { changes, findings } = compareCatalogue(declaration, catalogue, counts, server)
  return { seen, planned: [...set.changes, ...changes], catalogue, findings: [...set.findings, ...findings] }
}

function attemptSet(
  { wanted }: Members,
  seen: readonly ObservedMember[],
  user: string | null,
  server: string,
): CatalogueComparison {
  try {
    return { changes: wanted === null ? [] : planSet(wanted, observeSet(seen), user), findings: [] }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { changes: [], findings: toErrorFindings({ store: 'mongodb', server }, error) }
  }
}

function makePlan(
  { declaration, passwordless, members, user, server, prefix }: PlanMaking,
  { seen, planned, catalogue, findings }: Parts,
): { readonly plan: StorePlan; readonly planned: readonly PlannedChange[] } {
  const hosts = members.wanted?.members.map(({ host }) => host) ?? []
  const place = { store: 'mongodb', server } as const
  const whole = { ...declaration, users: [...declaration.users, ...passwordless] }
  const undeclared = findUndeclared({ declaration: whole, prefix, self: user }, catalogue).map((one) =>
    toUndeclaredFinding(place, one),
  )
  const plan: StorePlan = {
    store: 'mongodb',
    server,
    version: oldest(seen),
    changes: planned.map(({ change }, number) => ({ number, ...change })),
    unchanged: unchangedResources(declaredResources(declaration, hosts), planned),
    notes: [
      ...describeUnseen(seen),
      ...describeAbsent(seen),
      ...noteUndeclared(undeclared),
      ...describePasswordless(passwordless.map(({ name }) => name)),
    ],
    findings: [...findings, ...undeclared, ...passwordless.map((one) => notCompared(place, one))],
  }
  return { plan, planned }
}

function notCompared(
  place: { readonly store: 'mongodb'; readonly server: string },
  { database, name }: UserDeclaration,
): StoreFinding {
  const why = 'No password is given for it here.'
  const next = 'Set the variable of its password, and run this again.'
  return toNotComparedFinding(place, { kind: 'user', name: `${database}.${name}` }, { why, next })
}

const nothing: MongodbCatalogue = { collections: [], roles: [], users: [], allRoles: [], allUsers: [] }

function isUnborn(setChanges: readonly PlannedChange[]): boolean {
  return setChanges.some(({ act }) => act.type === 'initiate' || act.type === 'create-administrator')
}

/** A set that is not there yet, or lets nobody in, holds nothing; what it should hold after all shows when it is made. */
function planUnseen(
  declaration: MongodbDeclaration,
  seen: readonly ObservedMember[],
  setChanges: readonly PlannedChange[],
): Parts {
  const planned = [...setChanges, ...planCatalogue(declaration, nothing, new Map())]
  return { seen, planned, catalogue: nothing, findings: [] }
}

async function readSeen({ declaration, members, driver, waiting }: PlanMaking): Promise<{
  readonly catalogue: MongodbCatalogue
  readonly counts: ReadonlyMap<string, number>
}> {
  const writer = await awaitWriter(members, waiting)
  const catalogue = await driver.readCatalogue(writer, declaration)
  const counts = new Map<string, number>()
  for (const question of catalogueQuestions(declaration, catalogue)) {
    counts.set(questionKey(question), await driver.count(writer, question))
  }
  return { catalogue, counts }
}

/** The oldest version among the members. */
function oldest(seen: readonly ObservedMember[]): string | null {
  const versions = seen.flatMap(({ version }) => (version === null ? [] : [version.replace(/[^\d.].*$/, '')]))
  const numbers = (version: string): readonly number[] => version.split('.').map(Number)
  const compare = (one: string, other: string): number => {
    const [left, right] = [numbers(one), numbers(other)]
    const at = left.findIndex((number, index) => number !== (right[index] ?? 0))
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
  }
  return [...versions].sort(compare)[0] ?? null
}

/** Behind the localhost exception nothing can be read, so that the plan cannot know what is there. */
function describeUnseen(seen: readonly ObservedMember[]): readonly string[] {
  if (!seen.some(({ sight }) => sight.type === 'member' && sight.withoutUsers)) return []
  return [
    'Nobody can look into this set before it has a user: what it has already is compared then, and not made again.',
  ]
}

/** The set does without a member for a while; what its own files say of it is compared when it is back. */
function describeAbsent(seen: readonly ObservedMember[]): readonly string[] {
  const { configuration } = observeSet(seen)
  return seen.flatMap(({ host, sight }) =>
    sight.type === 'unreachable' && configuration !== null && findMember(configuration, host) !== undefined
      ? [
          `${host} is not reached (${sight.why.replace(/\.$/, '')}); the set knows it, and takes it back when it is there.`,
        ]
      : [],
  )
}

function describePasswordless(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`Left alone, since no password is given for them: ${names.join(', ')}.`]
}

function prefixMissing(): ToolError {
  return new ToolError(
    'PREFIX_MISSING',
    {
      what: 'Nothing is cleared without a prefix.',
      why: 'All databases, users and roles would go that anybody made.',
      next: 'Set "prefix" in the configuration.',
    },
    { exitCode: exitCodes.configuration },
  )
}
