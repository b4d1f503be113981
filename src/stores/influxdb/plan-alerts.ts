import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Addition, findAdditions, judgeAdditions } from '../find-additions.ts'
import { type SaidFinding, toNotComparedFinding, type Undeclared } from '../find-drift.ts'
import type { StoreDifference } from '../store-plan.ts'
import { type AlertDeclaration, type AlertKind, alertKinds, hasItsSecrets, isShown, neededSecrets } from './alerts.ts'
import type { Declaration } from './declaration.ts'
import type { LabeledKind } from './labels.ts'
import { asDeclared, change, difference, type Planned, together } from './plan-parts.ts'
import { sayStatus } from './plan-tasks.ts'
import type { ObservedAlert, ObservedContent } from './ports.ts'

const paths = {
  check: 'checks',
  'notification endpoint': 'notificationEndpoints',
  'notification rule': 'notificationRules',
}

export function declaredAlerts(declaration: Declaration, kind: AlertKind): readonly AlertDeclaration[] {
  const byKind = { check: 'checks', 'notification endpoint': 'endpoints', 'notification rule': 'rules' } as const
  return declaration[byKind[kind]]
}

export function alertsOf(content: ObservedContent, kind: AlertKind): readonly ObservedAlert[] {
  const byKind = { check: 'checks', 'notification endpoint': 'endpoints', 'notification rule': 'rules' } as const
  return content[byKind[kind]]
}

/** Endpoints first, as rules name them. */
export function planAlerts(declaration: Declaration, content: ObservedContent): Planned {
  return together(
    alertKinds.flatMap((kind) =>
      declaredAlerts(declaration, kind)
        .filter((alert) => whyNotCompared(kind, alert, declaration, content) === null)
        .map((alert) => planAlert(kind, alert, declaration, content)),
    ),
  )
}

/** Names of rules need not be unique in the store: the one that is as declared counts, else the oldest; the others are removed. */
function planAlert(
  kind: AlertKind,
  alert: AlertDeclaration,
  declaration: Declaration,
  content: ObservedContent,
): Planned {
  const named = alertsOf(content, kind).filter(({ name }) => name === alert.name)
  const [found, ...surplus] = named.toSorted(
    (one, other) =>
      differencesOf(kind, alert, one, content).length - differencesOf(kind, alert, other, content).length ||
      one.createdAt - other.createdAt,
  )
  const differences =
    found === undefined
      ? []
      : [...differencesOf(kind, alert, found, content), ...endpointDifference(alert, found, declaration, content)]
  const kept = planKept(kind, alert, content, found, differences)
  return together([kept, ...surplus.map((one) => removeSurplus(kind, one))])
}

function planKept(
  kind: AlertKind,
  alert: AlertDeclaration,
  content: ObservedContent,
  found: ObservedAlert | undefined,
  differences: readonly StoreDifference[],
): Planned {
  const { name, values, endpoint } = alert
  const resource = { kind, name }
  if (found !== undefined && differences.length === 0) return asDeclared(resource)
  const to = endpoint === null ? '' : ` to ${endpoint}`
  return change(
    {
      resource,
      action: found === undefined ? 'create' : 'update',
      summary: `${found === undefined ? 'create' : 'update'} ${kind} ${name}${to} (${String(values['type'])})`,
      differences,
      loss: found === undefined ? null : judgeAdditions(additionsTo(kind, alert, found)),
    },
    {
      type: 'write-alert',
      kind,
      organizationId: content.organization.id,
      id: found?.id ?? null,
      // Everything is replaced: a description that is not sent would be gone.
      alert: { ...alert, description: alert.description ?? found?.description ?? null },
      endpointId: endpoint === null ? null : (endpointNamed(endpoint, content)?.id ?? ''),
    },
  )
}

/** Whatever a write leaves out is gone, and nothing has a place for a mark. What may be a secret is not shown. */
function additionsTo(kind: AlertKind, alert: AlertDeclaration, found: ObservedAlert): readonly Addition[] {
  const isOfType = found.values['type'] === alert.values['type']
  // What only the other type has goes with the type: most of it are values that the server fills in.
  const shared = Object.entries(found.values).filter(([key]) => isOfType || key in alert.values)
  const values = findAdditions(alert.values, Object.fromEntries(shared)).map(({ path, value }) => {
    const [key = ''] = path.split('.')
    if (isShown(kind, key)) return { path, value }
    return { path, value: 'set' }
  })
  const ofOtherType = isOfType ? [] : neededSecrets(found.values)
  const secrets = Object.keys(found.secrets).filter((key) => !(key in alert.secrets) && !ofOtherType.includes(key))
  return [...values, ...secrets.map((path) => ({ path, value: 'set' }))]
}

function removeSurplus(kind: AlertKind, { id, name }: ObservedAlert): Planned {
  const why = `There is more than one ${kind} named \`${name}\`; this one (${id}) is removed.`
  return change(
    {
      resource: { kind, name: `${name} (${id})` },
      action: 'remove',
      summary: `remove the surplus ${kind} ${name} (${id})`,
      loss: { code: 'surplus-task', why, affected: [`${kind} ${id}`] },
    },
    { type: 'remove-alert', kind, id },
  )
}

function differencesOf(
  kind: AlertKind,
  alert: AlertDeclaration,
  found: ObservedAlert,
  content: ObservedContent,
): readonly StoreDifference[] {
  const keys = [...new Set([...Object.keys(found.values), ...Object.keys(alert.values)])]
  const endpoint = content.endpoints.find(({ id }) => id === found.endpointId)?.name ?? found.endpointId ?? ''
  return [
    ...difference('status', sayStatus(found.active), sayStatus(alert.active)),
    ...difference('description', found.description, alert.description),
    ...difference('endpoint', endpoint, alert.endpoint),
    ...keys
      .filter((key) => !isDeepStrictEqual(found.values[key], alert.values[key]))
      .map((key) =>
        isShown(kind, key)
          ? { path: key, actual: sayValue(found.values[key]), declared: sayValue(alert.values[key]) }
          : { path: key, actual: 'another', declared: 'as declared' },
      ),
    ...secretDifferences(alert, found),
  ]
}

/**
 * InfluxDB copies address, login and headers of an endpoint into the script of a rule, and only when the rule is written (influxdata/influxdb#20719):
 * the rules of an endpoint that is about to be written, or was written after them, are written, too.
 */
function endpointDifference(
  { endpoint: name }: AlertDeclaration,
  { endpointId, updatedAt }: ObservedAlert,
  declaration: Declaration,
  content: ObservedContent,
): readonly StoreDifference[] {
  const endpoint = content.endpoints.find(({ id }) => id === endpointId)
  if (name === null || endpoint?.name !== name) return []
  const declared = declaration.endpoints.find((one) => one.name === name)
  const kind = 'notification endpoint'
  const isToWrite =
    declared !== undefined &&
    whyNotCompared(kind, declared, declaration, content) === null &&
    differencesOf(kind, declared, endpoint, content).length > 0
  if (!isToWrite && updatedAt >= endpoint.updatedAt) return []
  return [{ path: 'written', actual: `before endpoint ${name}`, declared: 'after it' }]
}

function sayValue(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A secret is compared by its digest, which the server computes; one whose digest may not be asked for is a finding instead. */
function secretDifferences(alert: AlertDeclaration, found: ObservedAlert): readonly StoreDifference[] {
  const surplus = Object.keys(found.secrets).filter((key) => !(key in alert.secrets))
  const declared = Object.entries(alert.secrets).flatMap(([key, secret]): readonly StoreDifference[] => {
    const actual = found.secrets[key]
    if (actual === null || actual === digestOf(secret)) return []
    return [{ path: key, actual: actual === undefined ? null : 'another', declared: 'as declared' }]
  })
  return [...declared, ...surplus.map((key) => ({ path: key, actual: 'set', declared: null }))]
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function endpointNamed(name: string, content: ObservedContent): ObservedAlert | undefined {
  return content.endpoints.find((one) => one.name === name)
}

const noSecret = { en: 'No secret is configured for it here.', zh: '此处没有为它配置密钥。' }
const hiddenSecret = {
  en: 'Its secret was not compared, as this run may not read secrets, or the server is older than InfluxDB 2.7.',
  zh: '未比较其密钥，因为本次运行无权读取密钥，或服务器早于 InfluxDB 2.7。',
}
const noEndpoint = {
  en: 'Its notification endpoint does not exist, and no secret is configured here to create it.',
  zh: '其通知端点不存在，而此处没有配置用来创建它的密钥。',
}

/** Null where it is compared and written. */
function whyNotCompared(
  kind: AlertKind,
  alert: AlertDeclaration,
  { endpoints }: Declaration,
  content: ObservedContent,
): typeof noSecret | null {
  if (kind === 'notification endpoint') return hasItsSecrets(alert) ? null : noSecret
  const endpoint = endpoints.find(({ name }) => name === alert.endpoint)
  if (endpoint === undefined || hasItsSecrets(endpoint)) return null
  return endpointNamed(endpoint.name, content) === undefined ? noEndpoint : null
}

/** False for an endpoint without its secret, and for the rules of one that does not exist. */
export function isWritten(
  kind: LabeledKind,
  name: string,
  declaration: Declaration,
  content: ObservedContent,
): boolean {
  const alertKind = alertKinds.find((one) => paths[one] === kind)
  if (alertKind === undefined) return true
  const alert = declaredAlerts(declaration, alertKind).find((one) => one.name === name)
  return alert !== undefined && whyNotCompared(alertKind, alert, declaration, content) === null
}

/** What is declared and was not compared, wholly or in its secret. */
export function findUncompared(
  declaration: Declaration,
  content: ObservedContent,
  server: string,
): readonly SaidFinding[] {
  const place = { store: 'influxdb', server } as const
  return alertKinds.flatMap((kind) =>
    declaredAlerts(declaration, kind).flatMap((alert) => {
      const resource = { kind, name: alert.name }
      const why = whyNotCompared(kind, alert, declaration, content)
      const next = {
        en: 'Set the variable of its secret, and run the command again.',
        zh: '请设置其密钥的变量，然后再次执行该命令。',
      }
      if (why !== null) return [toNotComparedFinding(place, resource, { why, next })]
      const found = alertsOf(content, kind).find(({ name }) => name === alert.name)
      const isHidden = Object.keys(alert.secrets).some((key) => found?.secrets[key] === null)
      const allow = {
        en: 'Give the token of the run the right `read:secrets` of the organization; a server before 2.7 computes no digest of a secret.',
        zh: '请授予本次运行的令牌该组织的 `read:secrets` 权限；2.7 之前的服务器无法计算密钥的摘要。',
      }
      return isHidden ? [toNotComparedFinding(place, resource, { why: hiddenSecret, next: allow })] : []
    }),
  )
}

export function undeclaredAlerts(declaration: Declaration, content: ObservedContent): readonly Undeclared[] {
  return alertKinds.flatMap((kind) => {
    const names = new Set(declaredAlerts(declaration, kind).map(({ name }) => name))
    return alertsOf(content, kind)
      .filter(({ name }) => !names.has(name))
      .map(({ id, name }): Undeclared => {
        const removal = `DELETE /api/v2/${paths[kind]}/${id}`
        const next = {
          en: `Declare it under "${paths[kind]}", or remove it with \`${removal}\`.`,
          zh: `请在 "${paths[kind]}" 下声明它，或用 \`${removal}\` 删除它。`,
        }
        return { resource: { kind, name }, detail: null, severity: 'warning', next }
      })
  })
}
