import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { type AlertDeclaration, neededSecrets, normalValues } from './alerts.ts'
import { description, name, time } from './document-parts.ts'

const levels = ['UNKNOWN', 'OK', 'INFO', 'WARN', 'CRIT'] as const
const active = () => described('False for one that exists and does nothing. Default: true.', z.optional(z.boolean()))
const every = (usual: string) => described(`How often it runs. Default: ${usual}.`, z.optional(time(usual)))
const offset = () => described('How long after that it runs. Default: immediately.', z.optional(time('10s')))
const secret = (what: string) =>
  described(
    `${what}, best written as "\${NAME}". While it is empty, the endpoint is not changed.`,
    z.optional(z.string()),
  )

const threshold = z.strictObject({
  type: z.enum(['greater', 'lesser', 'range']),
  level: z.enum(levels),
  value: described('Of `greater` and `lesser`.', z.optional(z.number())),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  within: described('Of `range`: true for values inside, false for those outside.', z.optional(z.boolean())),
  allValues: described('True where every value must be so. Default: false.', z.optional(z.boolean())),
})

const check = z.strictObject({
  type: z.enum(['threshold', 'deadman']),
  description: description(),
  query: described(
    'The script of the points to check. That of a threshold yields one field. `$${` stands for the `${` of Flux.',
    z.string().check(z.minLength(1, 'must be a script')),
  ),
  every: every('1m'),
  offset: offset(),
  statusMessageTemplate: described(
    'The message of a status, with `$${ r._level }` and the like.',
    z.optional(z.string()),
  ),
  tags: described('Tags of each status, for rules to select by.', z.optional(z.record(z.string(), z.string()))),
  thresholds: described('Of a threshold check.', z.optional(z.array(threshold))),
  timeSince: described('Of a deadman check: how long a series may be silent.', z.optional(time('90s'))),
  staleTime: described('Of a deadman check: after so long a silence a series is forgotten.', z.optional(time('10m'))),
  reportZero: described(
    'Of a deadman check: true where zeros count as silence. Default: false.',
    z.optional(z.boolean()),
  ),
  level: described('Of a deadman check: the level of silence.', z.optional(z.enum(levels))),
  active: active(),
})

const endpoint = z.strictObject({
  type: z.enum(['http', 'slack', 'pagerduty', 'telegram']),
  description: description(),
  url: described(
    `Of \`http\` and \`slack\`. That of Slack is a secret, best written as "\${NAME}".`,
    z.optional(z.string().check(z.refine((text) => !/\s/.test(text), 'must not contain blanks or line breaks'))),
  ),
  method: described('Of `http`. Default: POST.', z.optional(z.enum(['POST', 'GET', 'PUT']))),
  authMethod: described('Of `http`. Default: none.', z.optional(z.enum(['none', 'basic', 'bearer']))),
  headers: described('Of `http`.', z.optional(z.record(z.string(), z.string()))),
  contentTemplate: described('Of `http`.', z.optional(z.string())),
  username: secret('The user of `http` with `basic`'),
  password: secret('The password of `http` with `basic`'),
  token: secret('The token of `http` with `bearer`, of `slack` and of `telegram`'),
  clientURL: described('Of `pagerduty`.', z.optional(z.string())),
  routingKey: secret('The key of `pagerduty`'),
  channel: described('Of `telegram`.', z.optional(z.string())),
  active: described(
    'False is only shown: InfluxDB goes on sending. Deactivate the rules of the endpoint instead. Default: true.',
    z.optional(z.boolean()),
  ),
})

const tagRule = z.strictObject({
  key: z.string(),
  value: z.string(),
  operator: z.enum(['equal', 'notequal', 'equalregex', 'notequalregex']),
})

const statusRule = z.strictObject({
  currentLevel: z.enum([...levels, 'ANY']),
  previousLevel: described(
    'Only where the level was this one before. Default: any.',
    z.optional(z.enum([...levels, 'ANY'])),
  ),
})

const rule = z.strictObject({
  description: description(),
  endpoint: described('The notification endpoint, declared in some file.', name()),
  every: every('10m'),
  offset: offset(),
  tagRules: described('All of them must hold for the tags of a status. Default: none.', z.optional(z.array(tagRule))),
  statusRules: described(
    'One of them must hold for the level of a status.',
    z.array(statusRule).check(z.minLength(1, 'must have at least one rule')),
  ),
  messageTemplate: described('The message; not of `http`, which sends the whole status.', z.optional(z.string())),
  channel: described('Of `slack`. Default: that of its address.', z.optional(z.string())),
  parseMode: described('Of `telegram`. Default: MarkdownV2.', z.optional(z.enum(['MarkdownV2', 'HTML', 'Markdown']))),
  disableWebPagePreview: described('Of `telegram`. Default: false.', z.optional(z.boolean())),
  active: active(),
})

/** The keys of a file that declare what warns. */
export const alertSections = {
  checks: described('Checks by name: each writes statuses.', z.optional(z.record(name(), check))),
  notificationEndpoints: described('Where notifications go, by name.', z.optional(z.record(name(), endpoint))),
  notificationRules: described(
    'Which statuses are sent to which endpoint, by name.',
    z.optional(z.record(name(), rule)),
  ),
}

export type CheckEntry = z.infer<typeof check>
export type EndpointEntry = z.infer<typeof endpoint>
export type RuleEntry = z.infer<typeof rule>

export function declareCheck(name: string, entry: CheckEntry): AlertDeclaration {
  return { ...common(name, entry), values: normalValues('check', entry), secrets: {}, endpoint: null }
}

export function declareEndpoint(name: string, entry: EndpointEntry): AlertDeclaration {
  const values = normalValues('notification endpoint', entry)
  const { type, username, password, token, routingKey } = entry
  const given: Readonly<Record<string, string | undefined>> = { username, password, token, routingKey }
  const chosen = type === 'slack' && token !== undefined ? ['token'] : []
  const secrets = [...neededSecrets(values), ...chosen].map((key) => [key, given[key] ?? ''])
  return { ...common(name, entry), values, secrets: Object.fromEntries(secrets), endpoint: null }
}

/** @param type that of its endpoint; what an undeclared one would have does not matter, as that is a fault. */
export function declareRule(name: string, entry: RuleEntry, type: string): AlertDeclaration {
  const values = normalValues('notification rule', { ...entry, type })
  return { ...common(name, entry), values, secrets: {}, endpoint: entry.endpoint }
}

function common(
  name: string,
  entry: { readonly description?: string | undefined; readonly active?: boolean | undefined },
): Pick<AlertDeclaration, 'name' | 'description' | 'active'> {
  return { name, description: entry.description ?? null, active: entry.active ?? true }
}
