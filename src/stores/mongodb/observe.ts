import { ToolError } from '../../core/tool-error.ts'
import type { Purpose } from '../contract.ts'
import { observeSet } from './check-members.ts'
import { splitUsers } from './declaration.ts'
import { type Counts, questionKey } from './index-losses.ts'
import { awaitWriter, defineMembers, type MongodbContext, waitingOf } from './members.ts'
import { catalogQuestions } from './plan-collections.ts'
import type { MemberOplog } from './plan-oplog.ts'
import { type MemberProfiling, profiledMembers } from './plan-profiling.ts'
import { type MongodbChange, planSet, type WantedSet } from './plan-set.ts'
import type { Catalog, ObservedMember } from './ports.ts'

/** What the members report, and the content of the primary. */
export interface Observation {
  readonly members: readonly ObservedMember[]
  /** Null where the set does not exist yet or has no user: then nothing can be read. */
  readonly catalog: Catalog | null
  /** Of the members that answer; empty where nothing is declared. */
  readonly profiling: readonly MemberProfiling[]
  /** Of the members that answer; empty where nothing is declared. */
  readonly oplogs: readonly MemberOplog[]
  /** Whether this run has initiated the set. */
  readonly isNew: boolean
  /** How many documents changes would affect. */
  readonly counts: Counts
}

/**
 * Reads every member, and the contents from the primary.
 * @throws ToolError of checkMembers and chooseInitiator, to apply; MONGODB_NO_PRIMARY where there is none in time.
 */
export async function observe(context: MongodbContext, purpose: Purpose): Promise<Observation> {
  const set = defineMembers(context)
  const members = await set.observe()
  const changes = () => planMembers(set.wanted, members, context.user)
  if (isUnborn(purpose === 'apply' ? changes() : quietly(changes)))
    return { members, catalog: null, profiling: [], oplogs: [], isNew: false, counts: new Map() }
  const waiting = waitingOf(context)
  const writer = await awaitWriter(set, purpose === 'apply' ? waiting : { ...waiting, timeout: 0 })
  const { compared } = splitUsers(context.declaration)
  const catalog = await context.driver.readCatalog(writer, compared)
  const counts = new Map<string, number>()
  for (const question of catalogQuestions(compared, catalog)) {
    counts.set(questionKey(question), await context.driver.count(writer, question))
  }
  const profiling = await observeProfiling(context, members)
  const oplogs = await observeOplogs(context, members)
  return { members, catalog, profiling, oplogs, isNew: context.driver.hasInitiated(), counts }
}

function observeProfiling(
  { declaration: { profiling }, driver }: MongodbContext,
  members: readonly ObservedMember[],
): Promise<readonly MemberProfiling[]> {
  if (profiling === null) return Promise.resolve([])
  const names = profiling.databases.map(({ name }) => name)
  return Promise.all(
    profiledMembers(members).map(async ({ host, address }) => ({
      host,
      address,
      ...(await driver.readProfiling(address, names)),
    })),
  )
}

function observeOplogs(
  { declaration: { oplog }, driver }: MongodbContext,
  members: readonly ObservedMember[],
): Promise<readonly MemberOplog[]> {
  if (oplog === null) return Promise.resolve([])
  return Promise.all(
    profiledMembers(members).map(async ({ host, address }) => ({
      host,
      address,
      ...(await driver.readOplog(address)),
    })),
  )
}

/** The changes that make the set as declared; none where no set is declared. */
export function planMembers(
  wanted: WantedSet | null,
  members: readonly ObservedMember[],
  user: string | null,
): readonly MongodbChange[] {
  return wanted === null ? [] : planSet(wanted, observeSet(members), user)
}

/** True for a set that does not exist yet, or has no user: nothing in it can be read. */
export function isUnborn(changes: readonly MongodbChange[]): boolean {
  return changes.some(({ operation: { type } }) => type === 'initiate' || type === 'create-administrator')
}

/** An empty catalog. */
export const nothing: Catalog = {
  collections: [],
  roles: [],
  users: [],
  allRoles: [],
  hiddenRoles: [],
  allUsers: [],
  defaults: null,
  compatibility: null,
}

function quietly(changes: () => readonly MongodbChange[]): readonly MongodbChange[] {
  try {
    return changes()
  } catch (error) {
    if (error instanceof ToolError) return []
    throw error
  }
}
