import { describeDuration, describeDurationInChinese } from '../../core/duration.ts'
import type { AlertDeclaration } from './alerts.ts'
import { type LabelDeclaration, prefixLabel } from './labels.ts'

/** What a downsampling task can compute over a window. */
export const aggregates = ['mean', 'min', 'max', 'count'] as const

export type Aggregate = (typeof aggregates)[number]

/** How long a bucket keeps its points. Both numbers are always declared and always sent together. */
export interface RetentionRule {
  /** 0 keeps them forever. */
  readonly seconds: number
  readonly shardGroupSeconds: number
}

export interface BucketDeclaration {
  readonly name: string
  /** Null keeps the server's. */
  readonly description: string | null
  readonly rule: RetentionRule
}

/** A task that copies aggregated whole windows from one bucket to another. All durations are whole seconds. */
export interface DownsamplingDeclaration {
  readonly name: string
  readonly description: string | null
  readonly from: string
  readonly to: string
  /** How much time one written point covers. */
  readonly windowSeconds: number
  /** How often the task runs. */
  readonly everySeconds: number
  /** How long after the end of a window it runs, for late points. */
  readonly offsetSeconds: number
  /** How far back each run starts: whole windows, and more than one run's worth, so that runs overlap. */
  readonly lookBackSeconds: number
  readonly aggregates: readonly Aggregate[]
  /** Empty means every measurement. */
  readonly measurements: readonly string[]
  readonly active: boolean
}

/** A task with a script of its own. */
export interface TaskDeclaration {
  readonly name: string
  readonly description: string | null
  /** Without its option, which is written from the other values. */
  readonly flux: string
  readonly schedule: TaskSchedule
  /** Whole seconds. */
  readonly offsetSeconds: number
  readonly active: boolean
}

/** When a task runs: once in so many whole seconds, or by the words of cron. */
export type TaskSchedule =
  | { readonly type: 'every'; readonly seconds: number }
  | { readonly type: 'cron'; readonly cron: string }

/** A token with exactly these rights. */
export interface TokenDeclaration {
  /** Its description in the store: tokens have no names there. */
  readonly name: string
  /** Names of buckets. */
  readonly read: readonly string[]
  readonly write: readonly string[]
  /** Where a new token is written: an absolute path. */
  readonly file: string
}

/** What a client of InfluxDB 1 finds under a database and a retention policy. */
export interface MappingDeclaration {
  readonly database: string
  readonly retentionPolicy: string
  readonly bucket: string
  /** True for the mapping of a query without a retention policy. */
  readonly isDefault: boolean
}

/** Everything that is declared for one InfluxDB. Names as in the files, without the environment's prefix. */
export interface Declaration {
  readonly organization: { readonly name: string; readonly description: string | null }
  readonly buckets: readonly BucketDeclaration[]
  readonly downsamplings: readonly DownsamplingDeclaration[]
  readonly tasks: readonly TaskDeclaration[]
  readonly checks: readonly AlertDeclaration[]
  readonly endpoints: readonly AlertDeclaration[]
  readonly rules: readonly AlertDeclaration[]
  readonly labels: readonly LabelDeclaration[]
  readonly tokens: readonly TokenDeclaration[]
  readonly mappings: readonly MappingDeclaration[]
}

/** The declaration of one environment: every name has the prefix, including those of the organization and of the tokens' files. */
export function prefixNames(declaration: Declaration, prefix: string): Declaration {
  const named = (name: string): string => `${prefix}${name}`
  const { organization, buckets, downsamplings, tasks, checks, endpoints, rules, labels, tokens, mappings } =
    declaration
  const declared = new Set(buckets.map(({ name }) => name))
  return {
    organization: { ...organization, name: named(organization.name) },
    buckets: buckets.map((bucket) => ({ ...bucket, name: named(bucket.name) })),
    downsamplings: downsamplings.map((task) => ({
      ...task,
      name: named(task.name),
      from: named(task.from),
      to: named(task.to),
    })),
    tasks: tasks.map((task) => ({ ...task, name: named(task.name), flux: prefixBuckets(task.flux, declared, prefix) })),
    checks: checks.map((check) => ({
      ...check,
      name: named(check.name),
      values: { ...check.values, query: prefixBuckets(String(check.values['query']), declared, prefix) },
    })),
    endpoints: endpoints.map((endpoint) => ({ ...endpoint, name: named(endpoint.name) })),
    rules: rules.map((rule) => ({ ...rule, name: named(rule.name), endpoint: named(rule.endpoint ?? '') })),
    labels: labels.map((label) => prefixLabel(label, named)),
    tokens: tokens.map((token) => ({
      ...token,
      name: named(token.name),
      read: token.read.map(named),
      write: token.write.map(named),
      file: token.file.replace(/[^/\\]+$/, named),
    })),
    mappings: mappings.map((mapping) => ({
      ...mapping,
      database: named(mapping.database),
      bucket: named(mapping.bucket),
    })),
  }
}

/** A script that names declared buckets as `bucket: "name"` finds those of its environment. Other buckets have no prefix. */
function prefixBuckets(flux: string, declared: ReadonlySet<string>, prefix: string): string {
  return flux.replaceAll(/\b(bucket\s*:\s*")([^"\\]+)"/g, (written, start: string, bucket: string) =>
    declared.has(bucket) ? `${start}${prefix}${bucket}"` : written,
  )
}

/**
 * How long a bucket must keep its points for a task, in seconds. A run begins its look-back at the end of the last whole window, which
 * may be a window ago, starts the offset late, and the next run comes a period later: all of these add up.
 */
export function neededRetention(task: DownsamplingDeclaration): number {
  return task.lookBackSeconds + task.windowSeconds + task.everySeconds + task.offsetSeconds
}

/** Whole seconds for people: `30 days`, `1 day 12 hours`. */
export function formatTime(seconds: number): string {
  return describeDuration(seconds * 1000)
}

/** The same in Chinese. */
export function formatTimeInChinese(seconds: number): string {
  return describeDurationInChinese(seconds * 1000)
}

/** How long a bucket keeps its points. */
export function formatRetention(seconds: number): string {
  return seconds === 0 ? 'for ever' : formatTime(seconds)
}
