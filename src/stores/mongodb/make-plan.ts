import type { StorePlan } from '../../core/store.ts'
import { ToolError } from '../../core/tool-error.ts'
import { noteUndeclared, toErrorFindings, toNotComparedFinding, toUndeclaredFinding } from '../find-drift.ts'
import type { StoreFinding } from '../finding.ts'
import { type CatalogueComparison, compareCatalogue } from './compare-catalogue.ts'
import { findMember } from './configuration.ts'
import type { MongodbDeclaration, UserDeclaration } from './declaration.ts'
import { observeSet } from './judge-members.ts'
import { awaitWriter, type Members } from './members.ts'
import type { MongodbCatalogue, ObservedMember } from './observation.ts'
import { declaredResources, planCatalogue, unchangedResources } from './plan.ts'
import { catalogueQuestions } from './plan-collections.ts'
import { questionKey } from './plan-indexes.ts'
import { planSet } from './plan-set.ts'
import type { PlannedChange } from './planned.ts'
import type { MongodbDriver } from './ports.ts'
import { findUndeclared } from './undeclared.ts'
import type { Waiting } from './waiting.ts'

/** What a plan of MongoDB is made from. */
export interface PlanMaking {
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

export interface MongodbPlan {
  readonly plan: StorePlan
  readonly planned: readonly PlannedChange[]
}

/** What a plan is made of. */
interface Parts {
  readonly seen: readonly ObservedMember[]
  readonly planned: readonly PlannedChange[]
  /** Null where nobody can look: nothing is known of collections, roles and users then. */
  readonly catalogue: MongodbCatalogue | null
  readonly findings: readonly StoreFinding[]
}

/** What a plan says, and what carries its changes out, in their order. */
export async function planMongodb(making: PlanMaking): Promise<MongodbPlan> {
  return makePlan(making, await planParts(making))
}

/** The same from one look: waits for nothing, and what a plan refuses is a finding among the others. */
export async function compareMongodb(making: PlanMaking): Promise<MongodbPlan> {
  const now = { ...making, waiting: { ...making.waiting, patience: 0 } }
  return makePlan(now, await compareParts(now))
}

async function planParts(making: PlanMaking): Promise<Parts> {
  const { declaration, members, user } = making
  const seen = await members.look()
  const setChanges = members.wanted === null ? [] : planSet(members.wanted, observeSet(seen), user)
  if (isUnborn(setChanges)) return planUnseen(declaration, seen, setChanges)
  const { catalogue, counts } = await readSeen(making)
  return { seen, planned: [...setChanges, ...planCatalogue(declaration, catalogue, counts)], catalogue, findings: [] }
}

async function compareParts(making: PlanMaking): Promise<Parts> {
  const { declaration, members, user, server } = making
  const seen = await members.look()
  const set = attemptSet(members, seen, user, server)
  if (isUnborn(set.changes)) {
    if (seen.every(({ sight }) => sight.type === 'fresh' && sight.collections === 0)) {
      return planUnseen(declaration, seen, set.changes)
    }
    const findings = [...set.findings, ...silentMembers(seen, server), unseenCatalogue(server)]
    return { seen, planned: set.changes, catalogue: null, findings }
  }
  const { catalogue, counts } = await readSeen(making)
  const { changes, findings } = compareCatalogue(declaration, catalogue, counts, server)
  const others = [...set.findings, ...silentMembers(seen, server)]
  return { seen, planned: [...set.changes, ...changes], catalogue, findings: [...others, ...findings] }
}

/** The set does without them for a while, so that a plan does, too; what they are is not known. */
function silentMembers(seen: readonly ObservedMember[], server: string): readonly StoreFinding[] {
  return seen.flatMap(({ host, sight }) => {
    if (sight.type !== 'unreachable') return []
    const why = `It was not reached: ${sight.why}`
    const next = 'Start it, and verify again.'
    return [
      toNotComparedFinding({ store: 'mongodb', server }, { kind: 'replica set member', name: host }, { why, next }),
    ]
  })
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

/** What a plan takes for missing, as it must, is not known to be: the localhost exception lets nobody read. */
function unseenCatalogue(server: string): StoreFinding {
  return toNotComparedFinding(
    { store: 'mongodb', server },
    { kind: 'catalogue', name: 'of collections, roles and users' },
    {
      why: 'Nobody can look into this set before it has a user.',
      next: 'Run `wwdb setup apply --only mongodb`: it makes the first user, and what is missing.',
    },
  )
}

function makePlan(
  { declaration, passwordless, members, user, server, prefix }: PlanMaking,
  { seen, planned, catalogue, findings }: Parts,
): MongodbPlan {
  const hosts = members.wanted?.members.map(({ host }) => host) ?? []
  const place = { store: 'mongodb', server } as const
  const compared = catalogue === null ? { ...declaration, databases: [], roles: [], users: [] } : declaration
  const whole = { ...declaration, users: [...declaration.users, ...passwordless] }
  const undeclared = findUndeclared({ declaration: whole, prefix, self: user }, catalogue ?? nothing).map((one) =>
    toUndeclaredFinding(place, one),
  )
  const plan: StorePlan = {
    store: 'mongodb',
    server,
    version: oldest(seen),
    changes: planned.map(({ change }, number) => ({ number, ...change })),
    unchanged: unchangedResources(declaredResources(compared, hosts), planned).filter(
      ({ kind, name }) => !findings.some(({ resource }) => resource.kind === kind && resource.name === name),
    ),
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
