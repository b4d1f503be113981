import { type Objection, suggest } from '../declare/check-documents.ts'
import { neededSecrets, normalValues } from './alerts.ts'
import type { InfluxdbDocument } from './document.ts'

/** Keys that a type needs, and those that it may have; both beside what every type of its kind has. */
interface Keys {
  readonly needed: readonly string[]
  readonly allowed: readonly string[]
}

const checks: Readonly<Record<string, Keys>> = {
  threshold: { needed: ['thresholds'], allowed: [] },
  deadman: { needed: ['timeSince', 'staleTime', 'level'], allowed: ['reportZero'] },
}
const thresholds: Readonly<Record<string, Keys>> = {
  greater: { needed: ['value'], allowed: [] },
  lesser: { needed: ['value'], allowed: [] },
  range: { needed: ['min', 'max', 'within'], allowed: [] },
}
const endpoints: Readonly<Record<string, Keys>> = {
  http: { needed: ['url'], allowed: ['method', 'authMethod', 'headers', 'contentTemplate'] },
  slack: { needed: ['url'], allowed: ['token'] },
  pagerduty: { needed: [], allowed: ['clientURL'] },
  telegram: { needed: ['channel'], allowed: [] },
}
const rules: Readonly<Record<string, Keys>> = {
  http: { needed: [], allowed: [] },
  slack: { needed: ['messageTemplate'], allowed: ['channel'] },
  pagerduty: { needed: ['messageTemplate'], allowed: [] },
  telegram: { needed: ['messageTemplate'], allowed: ['parseMode', 'disableWebPagePreview'] },
}

/** Faults of checks, endpoints and rules. @param types the type of each declared endpoint. */
export function checkAlerts(document: InfluxdbDocument, types: ReadonlyMap<string, string>): readonly Objection[] {
  return [
    ...Object.entries(document.checks ?? {}).flatMap(([name, entry]) => [
      ...objectToKeys(['checks', name], entry, entry.type, checks),
      ...(entry.thresholds ?? []).flatMap((one, at) =>
        objectToKeys(['checks', name, 'thresholds', at], one, one.type, thresholds),
      ),
      ...(entry.type === 'threshold' ? objectToFields(['checks', name, 'query'], entry.query) : []),
      ...(entry.thresholds?.length === 0
        ? [{ path: ['checks', name, 'thresholds'], says: 'must have at least one threshold' }]
        : []),
    ]),
    ...Object.entries(document.notificationEndpoints ?? {}).flatMap(([name, entry]) =>
      objectToKeys(['notificationEndpoints', name], entry, entry.type, endpointKeys(entry)),
    ),
    ...Object.entries(document.notificationRules ?? {}).flatMap(([name, entry]) => {
      const path = ['notificationRules', name]
      const type = types.get(entry.endpoint)
      if (type !== undefined) return objectToKeys(path, entry, type, rules)
      const says = `names the notification endpoint \`${entry.endpoint}\`, which is not declared`
      return [{ path: [...path, 'endpoint'], says, ...suggest(entry.endpoint, types.keys()) }]
    }),
  ]
}

/** InfluxDB reads the field of a threshold out of its query; where it finds another number of them, it answers with an error and keeps the check all the same. */
function objectToFields(path: readonly PropertyKey[], query: string): readonly Objection[] {
  const script = query.replaceAll(/"(?:[^"\\]|\\.)*"|\/\/.*/g, (found) => (found.startsWith('//') ? '' : found))
  const compared = [...script.matchAll(/(?:\._field|\[\s*"_field"\s*\])\s*(==|!=|=~|!~|<=?|>=?)\s*("?)/g)]
  const [first] = compared
  if (compared.length === 1 && first?.[1] === '==' && first[2] === '"') return []
  const says = `compares \`_field\` ${compared.length === 1 ? 'with no single field' : `${compared.length} times`}, and InfluxDB takes a threshold of one field only`
  return [{ path, says, next: 'Filter by one field, once: `r._field == "load"`.' }]
}

/** With the secrets that its form of logging in needs. */
function endpointKeys(
  entry: NonNullable<InfluxdbDocument['notificationEndpoints']>[string],
): Readonly<Record<string, Keys>> {
  const { needed = [], allowed = [] } = endpoints[entry.type] ?? {}
  const secrets = neededSecrets(normalValues('notification endpoint', entry))
  return { ...endpoints, [entry.type]: { needed: [...needed, ...secrets], allowed } }
}

function objectToKeys(
  path: readonly PropertyKey[],
  entry: object,
  type: string,
  types: Readonly<Record<string, Keys>>,
): readonly Objection[] {
  const { needed, allowed } = types[type] ?? { needed: [], allowed: [] }
  const special = new Set(Object.values(types).flatMap((keys) => [...keys.needed, ...keys.allowed]))
  const surplus = Object.keys(entry).filter(
    (key) => (special.has(key) || secretKeys.has(key)) && !needed.includes(key) && !allowed.includes(key),
  )
  const missing = needed.filter((key) => !Object.hasOwn(entry, key))
  return [
    ...missing.map((key) => ({ path, says: `needs \`${key}\`, as it is of type \`${type}\`` })),
    ...surplus.map((key) => ({ path: [...path, key], says: `is not a key of type \`${type}\``, next: 'Remove it.' })),
  ]
}

const secretKeys = new Set(['username', 'password', 'token', 'routingKey'])
