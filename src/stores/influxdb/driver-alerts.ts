import {
  type Check,
  ChecksAPI,
  type NotificationEndpoint,
  NotificationEndpointsAPI,
  type NotificationRule,
  NotificationRulesAPI,
  type PostCheck,
  type PostNotificationEndpoint,
  type PostNotificationRule,
} from '@influxdata/influxdb-client-apis'
import { assertNever } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { hideOpaque } from '../hide-secrets.ts'
import { type AlertDeclaration, type AlertKind, type AlertValues, hasItsSecrets, normalValues } from './alerts.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { labelIds } from './driver-labels.ts'
import { statusOf } from './errors.ts'
import { fluxString as quote } from './plan-tasks.ts'
import type { AlertWrite, ObservedAlert, ObservedContent } from './ports.ts'

/** The server returns at most this many at once. */
const page = 100

/** `contrib/qxip/hash` came with Flux 0.192, which is in InfluxDB 2.7: a script that imports it is refused before. */
export function hasDigests(version: string): boolean {
  return isAtLeast(version, '2.7')
}

/** @param declared endpoints: the secrets of these are compared, and no others. */
export async function readAlerts(
  place: InfluxPlace,
  orgID: string,
  declared: readonly AlertDeclaration[],
): Promise<Pick<ObservedContent, 'checks' | 'endpoints' | 'rules'>> {
  const { ask } = place
  const checks = await readPages((offset) =>
    ask('Listing the checks', async (client) => {
      const { checks: found = [] } = await new ChecksAPI(client).getChecks({ orgID, limit: page, offset })
      return found
    }),
  )
  const endpoints = await readPages((offset) =>
    ask('Listing the notification endpoints', async (client) => {
      const request = { orgID, limit: page, offset }
      const answer = await new NotificationEndpointsAPI(client).getNotificationEndpoints(request)
      return answer.notificationEndpoints ?? []
    }),
  )
  const rules = await readPages((offset) =>
    ask('Listing the notification rules', async (client) => {
      const answer = await new NotificationRulesAPI(client).getNotificationRules({ orgID, limit: page, offset })
      return answer.notificationRules ?? []
    }),
  )
  const known = new Set(declared.filter(hasItsSecrets).map(({ name }) => name))
  const read: ObservedAlert[] = []
  for (const endpoint of endpoints) {
    const keys = secretKeysOf(endpoint)
    const secrets = known.has(endpoint.name) ? await readDigests(place, orgID, keys) : withoutDigests(keys)
    read.push({ ...toAlert('notification endpoint', endpoint), secrets })
  }
  return {
    checks: checks.map((check) => toAlert('check', check)),
    endpoints: read,
    rules: rules.map((rule) => ({ ...toAlert('notification rule', rule), endpointId: rule.endpointID })),
  }
}

async function readPages<One>(read: (offset: number) => Promise<readonly One[]>): Promise<readonly One[]> {
  const found: One[] = []
  for (;;) {
    const some = await read(found.length)
    found.push(...some)
    if (some.length < page) return found
  }
}

function toAlert(kind: AlertKind, source: Check | NotificationEndpoint | NotificationRule): ObservedAlert {
  const { id = '', name, description = '', status, createdAt, updatedAt } = source
  const made = createdAt === undefined ? 0 : Date.parse(createdAt)
  const { lastRunStatus = null, latestCompleted } = 'taskID' in source ? source : {}
  return {
    id,
    name,
    description,
    active: status !== 'inactive',
    values: normalValues(kind, fromApi({ ...source })),
    secrets: {},
    endpointId: null,
    createdAt: made,
    updatedAt: updatedAt === undefined ? made : Date.parse(updatedAt),
    latestCompleted: latestCompleted === undefined ? made : Date.parse(latestCompleted),
    lastRun: lastRunStatus,
    failure:
      kind === 'check' && 'lastRunError' in source && lastRunStatus === 'failed'
        ? hideOpaque(source.lastRunError ?? '')
        : null,
    taskId: 'taskID' in source ? (source.taskID ?? null) : null,
    labels: labelIds(source),
  }
}

/** A check has its script in an object, and its tags in a list. */
function fromApi(source: AlertValues): AlertValues {
  const { query, tags, ...rest } = source
  const script = typeof query === 'object' && query !== null && 'text' in query ? { query: query.text } : {}
  const pairs = Array.isArray(tags) ? tags.map(({ key, value }) => [String(key), String(value)]) : []
  return { ...rest, ...script, tags: Object.fromEntries(pairs) }
}

/** The server refuses limits of nothing. */
function toApi(values: AlertValues): object {
  const { query, tags, limit, limitEvery, ...rest } = values
  const limits = limit === 0 || limit === undefined ? {} : { limit, limitEvery }
  if (query === undefined) return { ...rest, ...limits }
  const list = Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }))
  return { ...rest, query: { text: query, editMode: 'advanced', name: '' }, tags: list }
}

/** The server answers with the key of each secret, by the name of the API. */
function secretKeysOf(endpoint: NotificationEndpoint): Readonly<Record<string, string>> {
  const names = ['username', 'password', 'token', 'routingKey'] as const
  const given: AlertValues = { ...endpoint }
  return Object.fromEntries(
    names.flatMap((name) => {
      const [, key] = /^secret: (.+)$/.exec(String(given[name] ?? '')) ?? []
      return key === undefined ? [] : [[name, key] as const]
    }),
  )
}

function withoutDigests(keys: Readonly<Record<string, string>>): Readonly<Record<string, null>> {
  return Object.fromEntries(Object.keys(keys).map((name) => [name, null]))
}

/** The server never shows a secret, and a script may compute with it: what comes over the network is a digest. */
async function readDigests(
  { ask }: InfluxPlace,
  orgID: string,
  keys: Readonly<Record<string, string>>,
): Promise<ObservedAlert['secrets']> {
  if (Object.keys(keys).length === 0) return {}
  const rows = Object.entries(keys).map(
    ([name, key]) => `{name: ${quote(name)}, _value: hash.sha256(v: secrets.get(key: ${quote(key)}))}`,
  )
  const imports = ['array', 'contrib/qxip/hash', 'influxdata/influxdb/secrets'].map((name) => `import "${name}"`)
  const query = `${imports.join('\n')}\narray.from(rows: [${rows.join(', ')}])`
  return ask('Comparing the secrets of a notification endpoint', async (client) => {
    try {
      const found = await client
        .getQueryApi(orgID)
        .collectRows<{ readonly name: string; readonly _value: string }>(query)
      return Object.fromEntries(found.map(({ name, _value }) => [name, _value]))
    } catch (error) {
      // A secret that somebody removed is another one than declared.
      if (statusOf(error) === 404) return Object.fromEntries(Object.keys(keys).map((name) => [name, 'removed']))
      if (statusOf(error) === 401 || statusOf(error) === 403) return withoutDigests(keys)
      throw error
    }
  })
}

/** Creates it, or replaces everything about it. */
export async function writeAlert({ ask }: InfluxPlace, change: AlertWrite): Promise<void> {
  const { kind, organizationId, id, alert, endpointId } = change
  const { name, description, active, values, secrets } = alert
  const body = {
    orgID: organizationId,
    name,
    status: active ? 'active' : 'inactive',
    ...(description === null ? {} : { description }),
    ...toApi(values),
    ...secrets,
    ...(endpointId === null ? {} : { endpointID: endpointId }),
  }
  await ask(`Writing ${kind} ${name}`, async (client) => {
    switch (kind) {
      case 'check': {
        const api = new ChecksAPI(client)
        const check = body as unknown as PostCheck
        return id === null ? api.createCheck({ body: check }) : api.putChecksID({ checkID: id, body: check })
      }
      case 'notification endpoint': {
        const api = new NotificationEndpointsAPI(client)
        const endpoint = body as unknown as PostNotificationEndpoint
        if (id === null) return api.createNotificationEndpoint({ body: endpoint })
        return api.putNotificationEndpointsID({ endpointID: id, body: endpoint })
      }
      case 'notification rule': {
        const api = new NotificationRulesAPI(client)
        const rule = body as unknown as PostNotificationRule
        if (id === null) return api.createNotificationRule({ body: rule })
        return api.putNotificationRulesID({ ruleID: id, body: rule })
      }
      default:
        return assertNever(kind)
    }
  })
}

export async function removeAlert({ ask }: InfluxPlace, kind: AlertKind, id: string): Promise<void> {
  await ask(`Removing a ${kind}`, async (client) => {
    switch (kind) {
      case 'check':
        return new ChecksAPI(client).deleteChecksID({ checkID: id })
      case 'notification endpoint':
        return new NotificationEndpointsAPI(client).deleteNotificationEndpointsID({ endpointID: id })
      case 'notification rule':
        return new NotificationRulesAPI(client).deleteNotificationRulesID({ ruleID: id })
      default:
        return assertNever(kind)
    }
  })
}
