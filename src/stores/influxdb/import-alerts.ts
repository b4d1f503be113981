import { type ImportedItem, type NotDeclarable, nameVariable, type StoreContents, toItem } from '../import-items.ts'
import {
  type AlertKind,
  type AlertValues,
  alertKinds,
  isSecretAddress,
  neededSecrets,
  normalValues,
  typesOf,
} from './alerts.ts'
import { alertsOf } from './plan-alerts.ts'
import type { ObservedAlert, ObservedContent } from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

const places = {
  check: 'checks',
  'notification endpoint': 'notificationEndpoints',
  'notification rule': 'notificationRules',
} as const

export function importAlerts(content: ObservedContent): Imported {
  const found = alertKinds.flatMap((kind) => alertsOf(content, kind).map((alert) => importAlert(kind, alert, content)))
  return { items: found.filter((one) => 'value' in one), notDeclarable: found.filter((one) => 'why' in one) }
}

function importAlert(kind: AlertKind, alert: ObservedAlert, content: ObservedContent): ImportedItem | NotDeclarable {
  const { name, description, values, active } = alert
  const resource = { kind, name }
  const type = String(values['type'])
  if (!typesOf(kind).includes(type)) return { resource, why: `It is of type \`${type}\`, which no file can declare.` }
  if (kind === 'notification endpoint' && Object.keys(values['headers'] ?? {}).length > 0) {
    return {
      resource,
      why: 'It has headers, which may hold a secret: declare it by hand, with variables in their place.',
    }
  }
  const usual = normalValues(kind, { type })
  const endpoint = content.endpoints.find(({ id }) => id === alert.endpointId)
  if (kind === 'notification rule' && endpoint === undefined) {
    return { resource, why: 'Its notification endpoint does not exist any more.' }
  }
  const item = toItem(resource, 'alerts', [places[kind], name], {
    ...(kind === 'notification rule' ? { endpoint: endpoint?.name } : { type }),
    ...(description === '' ? {} : { description }),
    ...Object.fromEntries(Object.entries(values).filter(([key, value]) => key !== 'type' && isSaid(key, value, usual))),
    ...(active ? {} : { active }),
  })
  return kind === 'notification endpoint' ? withSecrets(item, alert, values) : item
}

/** What the server takes by itself need not be declared; what a type needs is, in any case. */
function isSaid(key: string, value: unknown, usual: AlertValues): boolean {
  return needed.has(key) || JSON.stringify(value) !== JSON.stringify(usual[key])
}

const needed = new Set([
  'query',
  'every',
  'thresholds',
  'timeSince',
  'staleTime',
  'level',
  'url',
  'channel',
  'statusRules',
  'messageTemplate',
])

/** Some addresses are secrets, though the server shows them. */
function withSecrets(item: ImportedItem, { name, secrets }: ObservedAlert, values: AlertValues): ImportedItem {
  const keys = [
    ...new Set([...neededSecrets(values), ...Object.keys(secrets), ...(isSecretAddress(values) ? ['url'] : [])]),
  ]
  const empty = Object.fromEntries(keys.map((key) => [key, '']))
  return {
    ...item,
    value: { ...(item.value as object), ...empty },
    secrets: Object.fromEntries(keys.map((key) => [key, nameVariable('influxdb', name, key)])),
  }
}
