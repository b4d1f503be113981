import {
  type Authorization,
  AuthorizationsAPI,
  type Bucket,
  BucketsAPI,
  type DBRP,
  DbrpsAPI,
  OrgsAPI,
  type Resource,
  type Task,
  TasksAPI,
} from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../core/tool-error.ts'
import type { Declaration } from './declaration.ts'
import { hasDigests, readAlerts } from './driver-alerts.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { labelIds, readLabels } from './driver-labels.ts'
import { statusOf } from './errors.ts'
import type {
  ObservedBucket,
  ObservedContent,
  ObservedMapping,
  ObservedOrganization,
  ObservedTask,
  ObservedToken,
  ServerState,
} from './ports.ts'

export interface ObserveRequest {
  readonly declaration: Declaration
  /** The kinds that the token must be able to see. */
  readonly needs: 'declared' | 'all'
  readonly version: string
}

/** The content of the declared organization. Only reads. */
export async function observeOrganization(
  place: InfluxPlace,
  { declaration, needs, version }: ObserveRequest,
): Promise<ServerState> {
  const { name } = declaration.organization
  const visibility = await refuseBlindToken(place, name, needs === 'all' ? allKinds : neededKinds(declaration))
  const organization = await findOrganization(place, name)
  if (organization === null && visibility === 'own') throw unseenOrganization(place.server, name)
  if (organization === null) return { type: 'absent' }
  const orgID = organization.id
  const [buckets, tasks, alerts, labels, tokens, mappings] = await Promise.all([
    readBuckets(place, orgID),
    readTasks(place, orgID),
    readAlerts(place, orgID, hasDigests(version) ? declaration.endpoints : []),
    readLabels(place, orgID),
    readTokens(place, orgID),
    readMappings(place, orgID),
  ])
  const content: ObservedContent = { organization, buckets, tasks, ...alerts, labels, tokens, mappings }
  return { type: 'content', content }
}

/** The organization of this name; null where there is none, or none that may be seen. */
export async function findOrganization({ ask }: InfluxPlace, name: string): Promise<ObservedOrganization | null> {
  return ask(`Looking for organization ${name}`, async (client) => {
    try {
      const { orgs = [] } = await new OrgsAPI(client).getOrgs({ org: name })
      const found = orgs.find((one) => one.name === name)
      return found?.id === undefined ? null : { id: found.id, name, description: found.description ?? '' }
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  })
}

/** The names of all organizations that may be seen. */
export async function listOrganizations({ ask }: InfluxPlace): Promise<readonly string[]> {
  return ask('Listing the organizations', async (client) => {
    const { orgs = [] } = await new OrgsAPI(client).getOrgs({ limit: page })
    return orgs.map(({ name }) => name)
  })
}

/** The server returns at most this many at once. */
const page = 100

async function readBuckets({ ask }: InfluxPlace, orgID: string): Promise<readonly ObservedBucket[]> {
  return ask('Listing the buckets', async (client) => {
    const found: Bucket[] = []
    for (let after: string | undefined; ; after = found.at(-1)?.id) {
      const from = after === undefined ? {} : { after }
      const { buckets = [] } = await new BucketsAPI(client).getBuckets({ orgID, limit: page, ...from })
      found.push(...buckets)
      if (buckets.length < page) return found.filter(({ type }) => type !== 'system').map(toBucket)
    }
  })
}

function toBucket(bucket: Bucket): ObservedBucket {
  const { id = '', name, description = '', retentionRules } = bucket
  const [rule] = retentionRules
  return {
    id,
    name,
    description,
    rule: { seconds: rule?.everySeconds ?? 0, shardGroupSeconds: rule?.shardGroupDurationSeconds ?? 0 },
    labels: labelIds(bucket),
  }
}

async function readTasks({ ask }: InfluxPlace, orgID: string): Promise<readonly ObservedTask[]> {
  return ask('Listing the tasks', async (client) => {
    const found: Task[] = []
    for (let after: string | undefined; ; after = found.at(-1)?.id) {
      const from = after === undefined ? {} : { after }
      const { tasks = [] } = await new TasksAPI(client).getTasks({ orgID, limit: page, ...from })
      found.push(...tasks)
      if (tasks.length < page) return found.map(toTask)
    }
  })
}

function toTask(task: Task): ObservedTask {
  return {
    id: task.id,
    name: task.name,
    description: task.description ?? '',
    flux: task.flux,
    active: task.status !== 'inactive',
    every: task.every ?? '',
    cron: task.cron ?? '',
    offset: task.offset ?? '',
    createdAt: toTime(task.createdAt),
    latestCompleted: toTime(task.latestCompleted ?? task.createdAt),
    lastRun: task.lastRunStatus ?? null,
    labels: labelIds(task),
  }
}

function toTime(text: string | undefined): number {
  return text === undefined ? 0 : Date.parse(text)
}

async function readTokens({ ask, access }: InfluxPlace, orgID: string): Promise<readonly ObservedToken[]> {
  const own = access.token?.reveal()
  return ask('Listing the tokens', async (client) => {
    const { authorizations = [] } = await new AuthorizationsAPI(client).getAuthorizations({ orgID })
    return authorizations.map((one) => toToken(one, own !== undefined && one.token === own))
  })
}

/** The secret is left out. */
function toToken(
  { id = '', description = '', status, permissions = [] }: Authorization,
  isOwn: boolean,
): ObservedToken {
  return {
    id,
    description,
    active: status !== 'inactive',
    isOwn,
    permissions: permissions.map(({ action, resource }) => ({
      action,
      kind: resource.type,
      id: resource.id ?? null,
      organizationId: resource.orgID ?? null,
    })),
  }
}

async function readMappings({ ask }: InfluxPlace, orgID: string): Promise<readonly ObservedMapping[]> {
  return ask('Listing the DBRP mappings', async (client) => {
    const { content = [] } = await new DbrpsAPI(client).getDBRPs({ orgID })
    return content.map(toMapping)
  })
}

function toMapping(mapping: DBRP): ObservedMapping {
  return {
    id: mapping.id,
    database: mapping.database,
    retentionPolicy: mapping.retention_policy,
    bucketId: mapping.bucketID,
    isDefault: mapping.default,
    isVirtual: mapping.virtual === true,
  }
}

/** What must be visible as a whole before anything can be called missing. */
const kinds = ['orgs', 'buckets', 'tasks', 'authorizations', 'dbrp'] as const

const allKinds = [...kinds, 'checks', 'notificationEndpoints', 'notificationRules', 'labels'] as const

/** Other kinds only where any are declared: a token of before they could be goes on working. */
function neededKinds({ checks, endpoints, rules, labels }: Declaration): readonly Resource['type'][] {
  return [
    ...kinds,
    ...(checks.length > 0 ? (['checks'] as const) : []),
    ...(endpoints.length > 0 ? (['notificationEndpoints'] as const) : []),
    ...(rules.length > 0 ? (['notificationRules'] as const) : []),
    ...(labels.length > 0 ? (['labels'] as const) : []),
  ]
}

/**
 * The server silently omits from its lists what a token may not read: to a token with few rights, everything seems to be missing.
 * So the token's own rights are read first. A user's session is not checked: it may see what the user may.
 * @returns whether it sees every organization, only its own, or whether that is unknown.
 * @throws ToolError STORE_ACCESS_DENIED.
 */
async function refuseBlindToken(
  place: InfluxPlace,
  organization: string,
  needed: readonly Resource['type'][],
): Promise<'every' | 'own' | 'unknown'> {
  const own = place.access.token?.reveal()
  if (own === undefined) return 'unknown'
  const { authorizations = [] } = await place.ask('Looking up the rights of the token', (client) =>
    new AuthorizationsAPI(client).getAuthorizations(),
  )
  if (authorizations.length === 0) throw blind(place.server, organization, 'read:authorizations or read:users')
  const found = authorizations.find(({ token }) => token === own)
  // Newer servers store no token that could be compared. Only the right to see all of them can be known there.
  if (found === undefined) return 'unknown'
  const readable = new Set(
    (found.permissions ?? [])
      .filter(({ action, resource }) => action === 'read' && resource.id === undefined)
      .map(({ resource }) => resource.type),
  )
  const orgs = (found.permissions ?? []).filter(({ action, resource }) => action === 'read' && resource.type === 'orgs')
  const missing = needed.filter((kind) => (kind === 'orgs' ? orgs.length === 0 : !readable.has(kind)))
  if (missing.length > 0) throw blind(place.server, organization, missing.map((kind) => `read:${kind}`).join(', '))
  return orgs.some(({ resource }) => resource.id === undefined && resource.orgID === undefined) ? 'every' : 'own'
}

/** To a token of another organization this one seems to be missing, with everything in it. */
function unseenOrganization(server: string, organization: string): ToolError {
  return new ToolError('STORE_ACCESS_DENIED', {
    what: `The token cannot see whether organization ${organization} exists.`,
    where: { server },
    why: 'It has permissions only in another organization.',
    next: `Use an operator token, or an all-access token of ${organization}.`,
  })
}

function blind(server: string, organization: string, rights: string): ToolError {
  return new ToolError('STORE_ACCESS_DENIED', {
    what: `The token cannot see everything in organization ${organization}.`,
    where: { server },
    why: `It lacks ${rights}; InfluxDB omits from its lists what a token cannot read, so all of that would seem to be missing.`,
    next: 'Use an operator token, or an all-access token of the organization.',
  })
}
