import { usualDuration } from './time.ts'

/** What InfluxDB warns with: a check finds a state, a rule sends it to an endpoint. */
export const alertKinds = ['notification endpoint', 'check', 'notification rule'] as const

export type AlertKind = (typeof alertKinds)[number]

/** By the names that the API of InfluxDB has. */
export interface AlertValues {
  readonly [key: string]: unknown
}

export interface AlertDeclaration {
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  /** Every value that its type has. */
  readonly values: AlertValues
  /** Of an endpoint, by the names of the API. One is empty where its variable is not set here. */
  readonly secrets: Readonly<Record<string, string>>
  /** Of a rule: the name of its endpoint. */
  readonly endpoint: string | null
}

/** Values of every type of a kind, with what the server takes where none is given. */
const shared: Readonly<Record<AlertKind, AlertValues>> = {
  'notification endpoint': {},
  check: {
    query: '',
    every: '1m',
    offset: '0s',
    statusMessageTemplate: `Check: \${ r._check_name } is: \${ r._level }`,
    tags: {},
  },
  'notification rule': {
    every: '10m',
    offset: '0s',
    tagRules: [],
    statusRules: [],
    runbookLink: '',
    limit: 0,
    limitEvery: 0,
  },
}

/** Values of one type alone. */
const own: Readonly<Record<AlertKind, Readonly<Record<string, AlertValues>>>> = {
  'notification endpoint': {
    http: { url: '', method: 'POST', authMethod: 'none', headers: {}, contentTemplate: '' },
    slack: { url: '' },
    pagerduty: { clientURL: '' },
    telegram: { channel: '' },
  },
  check: {
    threshold: { thresholds: [] },
    deadman: { timeSince: '90s', staleTime: '10m', reportZero: false, level: 'CRIT' },
  },
  'notification rule': {
    http: {},
    slack: { channel: '', messageTemplate: '' },
    pagerduty: { messageTemplate: '' },
    telegram: { messageTemplate: '', parseMode: 'MarkdownV2', disableWebPagePreview: false },
  },
}

/** The types of a kind that can be declared. */
export function typesOf(kind: AlertKind): readonly string[] {
  return Object.keys(own[kind])
}

/** The values of a declaration or of the server in one form: equal ones do the same. */
export function normalValues(kind: AlertKind, source: AlertValues): AlertValues {
  const type = String(source['type'])
  const known = { ...shared[kind], ...own[kind][type] }
  const values = Object.entries(known).map(([key, usually]) => [key, normal(key, source[key] ?? usually)])
  return { type, ...Object.fromEntries(values) }
}

function normal(key: string, value: unknown): unknown {
  switch (key) {
    case 'every':
    case 'offset':
    case 'timeSince':
    case 'staleTime':
      return usualDuration(String(value))
    case 'query':
      return String(value).trim()
    case 'thresholds':
      return mapsOf(value).map((one) => ({ ...zeroBounds(one), ...one, allValues: one['allValues'] ?? false }))
    case 'statusRules':
      return mapsOf(value).map(withoutNothing)
    default:
      return value
  }
}

function mapsOf(value: unknown): readonly AlertValues[] {
  return Array.isArray(value) ? value : []
}

/** The server leaves a bound of 0 out of its answer. */
function zeroBounds({ type }: AlertValues): AlertValues {
  return type === 'range' ? { min: 0, max: 0 } : {}
}

/** The server answers with null for a level that a rule does not ask for. */
function withoutNothing(rule: AlertValues): AlertValues {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null))
}

/** The secrets that an endpoint of this form must have; Slack's token is its own choice. */
export function neededSecrets({ type, authMethod }: AlertValues): readonly string[] {
  switch (type) {
    case 'pagerduty':
      return ['routingKey']
    case 'telegram':
      return ['token']
    case 'http':
      return authMethod === 'bearer' ? ['token'] : authMethod === 'basic' ? ['username', 'password'] : []
    default:
      return []
  }
}

/** False where a variable of an endpoint is not set here: it is neither written nor compared. An address can be a secret, too. */
export function hasItsSecrets({ values, secrets }: AlertDeclaration): boolean {
  return ![values['url'], ...Object.values(secrets)].includes('')
}

/** Addresses of Slack are secrets, and others can have one in them. */
export function isSecretAddress({ type, url }: AlertValues): boolean {
  return type === 'slack' || (type === 'http' && /[?@]/.test(String(url)))
}

/** What may hold a secret is never shown. */
export function isShown(kind: AlertKind, key: string): boolean {
  return kind !== 'notification endpoint' || (key !== 'url' && key !== 'headers')
}
