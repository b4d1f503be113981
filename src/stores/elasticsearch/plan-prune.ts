import type { PlanOptions } from '../contract.ts'
import type { StoreLoss } from '../store-plan.ts'
import type { ObservedAccess } from './access-ports.ts'
import type { ElasticsearchChange } from './apply.ts'
import type { DesiredState } from './bodies.ts'
import type { JsonObject } from './declaration.ts'
import { isPrunable } from './leftovers.ts'
import { isSealed } from './mark.ts'
import { isEmpty, roleContent, userContent } from './plan-access.ts'
import { givesOwnRole, mappingContent } from './plan-mappings.ts'
import type { ResourceKind, ServerState } from './ports.ts'

export interface PruneInput {
  readonly desired: Pick<DesiredState, 'access'>
  readonly observed: Pick<ServerState, 'access' | 'leftovers'>
  readonly options: PlanOptions
  /** The user that the configuration names. */
  readonly self?: string | null
}

/**
 * Removes what wwdb made and no file declares any more, a resource before those that it uses. What somebody else made, changed or still needs stays, and so does
 * everything that has documents.
 */
export function planPrune(input: PruneInput): readonly ElasticsearchChange[] {
  if (!input.options.prune) return []
  const { users, roles, mappings } = planAccess(input)
  return [
    ...input.observed.leftovers.filter(isPrunable).map(({ kind, name }) => remove(kind, name, lossOf(kind))),
    ...users.map((name) => remove('user', name, userLoss)),
    ...mappings.map((name) => remove('role mapping', name, mappingLoss)),
    ...roles.map((name) => remove('role', name, roleLoss)),
  ]
}

/** Roles and users that stay because nobody can say whether they are needed. */
export function notePrune(input: PruneInput): readonly string[] {
  if (!input.options.prune) return []
  const { unsure } = planAccess(input)
  return unsure === null ? [] : [unsure]
}

const definitionLoss: StoreLoss = {
  code: 'removed-resource',
  why: 'No document is removed, and new indices are made without it.',
  affected: [],
}

const pipelineLoss: StoreLoss = {
  code: 'removed-resource',
  why: 'Documents that are written through it are refused from then on.',
  affected: [],
}

const snapshotLoss: StoreLoss = {
  code: 'removed-resource',
  why: 'No further snapshot is taken by it, and none that it took is removed any more.',
  affected: [],
}

function lossOf(kind: ResourceKind): StoreLoss {
  if (kind === 'ingest pipeline') return pipelineLoss
  return kind === 'snapshot policy' ? snapshotLoss : definitionLoss
}

const userLoss: StoreLoss = {
  code: 'removed-access',
  why: 'Logins with it are refused from then on.',
  affected: [],
}

const mappingLoss: StoreLoss = {
  code: 'removed-access',
  why: 'Whoever has roles through it alone loses them with the next request.',
  affected: [],
}

const roleLoss: StoreLoss = {
  code: 'removed-access',
  why: 'Anyone who has it through an API key, or in any way other than a user or a role mapping, loses its privileges.',
  affected: [],
}

function remove(kind: ResourceKind, name: string, loss: StoreLoss): ElasticsearchChange {
  return {
    change: {
      resource: { kind, name },
      action: 'remove',
      summary: `remove ${kind} ${name}, which no file declares any more`,
      differences: [],
      loss,
    },
    operation: { write: { type: 'remove-resource', kind, name }, affected: [] },
  }
}

interface AccessPrune {
  readonly users: readonly string[]
  readonly roles: readonly string[]
  readonly mappings: readonly string[]
  /** Why some stay, as a sentence. */
  readonly unsure: string | null
}

const nothing: AccessPrune = { users: [], roles: [], mappings: [], unsure: null }

/** Never the user of the run, nor a role that it, another user who stays or a role mapping has. */
function planAccess({ desired, observed: { access }, self = null }: PruneInput): AccessPrune {
  if (access?.type !== 'on') return nothing
  const { own, mapped } = access
  const ours = findOurs(access, desired.access)
  if (ours.users.length + ours.roles.length + ours.mappings.length === 0) return nothing
  if (own === null)
    return {
      ...nothing,
      unsure: 'No role and no user is removed: Elasticsearch does not say which roles the login of this run has.',
    }
  const users = ours.users.filter((name) => name !== self && name !== own.name)
  // The roles of a mapping that goes are removed by the next run.
  const mappings = ours.mappings.filter((name) => !givesOwnRole(name, access))
  if (mapped === null)
    return { users, mappings, roles: [], unsure: 'No role is removed: a role mapping names its roles by a template.' }
  const staying = [...access.users].filter(([name]) => !users.includes(name)).flatMap(([, one]) => one.roles)
  const needed = new Set([...own.roles, ...mapped, ...staying])
  return { users, mappings, roles: ours.roles.filter((name) => !needed.has(name)), unsure: null }
}

/** Roles and users that are what wwdb wrote, and that no file declares. */
function findOurs(
  access: Extract<ObservedAccess, { readonly type: 'on' }>,
  declared: DesiredState['access'],
): Omit<AccessPrune, 'unsure'> {
  const isOurs = (kind: ResourceKind, name: string, content: JsonObject, metadata: JsonObject): boolean =>
    metadata['managed_by'] === 'wwdb' &&
    (metadata['prefix'] ?? '') === declared.prefix &&
    isSealed(kind, name, content, metadata)
  return {
    users: [...access.users]
      .filter(([name, user]) => isOurs('user', name, userContent(user), user.metadata))
      .flatMap(([name]) => (declared.users.some((one) => one.name === name) ? [] : [name])),
    mappings: [...access.mappings]
      .filter(([name, one]) => isOurs('role mapping', name, mappingContent(one), one.metadata))
      .filter(([, { templates }]) => templates.length === 0)
      .flatMap(([name]) => (declared.mappings.some((one) => one.name === name) ? [] : [name])),
    roles: [...access.roles]
      .filter(([name, role]) => isOurs('role', name, roleContent(role), role.metadata))
      .filter(([, { rest }]) => Object.values(rest).every(isEmpty))
      .flatMap(([name]) => (declared.roles.some((one) => one.name === name) ? [] : [name])),
  }
}
