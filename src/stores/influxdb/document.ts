import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { alertSections } from './alert-document.ts'
import { isCron } from './cron.ts'
import { aggregates, type DownsamplingDeclaration, type TaskDeclaration } from './declaration.ts'
import { bucketName, description, hour, name, retention, time } from './document-parts.ts'
import type { LabelDeclaration } from './labels.ts'
import { parseTime } from './time.ts'

const bucket = z.strictObject({
  description: description(),
  retention: described('How long points are kept: "30d", "365d", "forever". Shortening it loses points.', retention),
  shardGroup: described(
    'How much time one shard group covers: points are deleted a group at a time. Required, so that it does not depend on a default.',
    time('1d', hour, '1h'),
  ),
})

const downsampling = z.strictObject({
  description: description(),
  from: described('The bucket whose points are downsampled.', bucketName()),
  to: described('The bucket for the results.', bucketName()),
  window: described('How much time one result covers.', time('1h')),
  every: described('How often the task runs. Default: once a window.', z.optional(time('1h'))),
  offset: described(
    'How long after the end of a window it runs, to include late points. Default: immediately.',
    z.optional(time('10m')),
  ),
  lookBack: described(
    'How far back each run starts: whole windows, by default at least two more than one run needs. Points that arrive later are not downsampled.',
    z.optional(time('3h')),
  ),
  aggregates: described(
    'What is computed for a window; each is a separate field, such as "usage_mean". Default: all four.',
    z.optional(z.array(z.enum(aggregates)).check(z.minLength(1, 'must name at least one aggregate'))),
  ),
  measurements: described('Only these measurements. Default: all.', z.optional(z.array(z.string()))),
  active: described('False for a task that exists but does not run. Default: true.', z.optional(z.boolean())),
})

const task = z.strictObject({
  description: description(),
  flux: described(
    'The script, without `option task`, which is written from the other keys. `$${` stands for the `${` of Flux.',
    z.string().check(
      z.refine((text) => text.trim() !== '', 'must be a script'),
      z.refine(
        (text) => !/^\s*option\s+task\b/m.test(text),
        'must not set `option task`: declare `every` or `cron`, and `offset`',
      ),
    ),
  ),
  every: described('How often it runs. Either this or `cron`.', z.optional(time('1h'))),
  cron: described(
    'When it runs, in five fields of cron, in UTC; six begin with the second. Either this or `every`.',
    z.optional(
      z.string().check(z.refine(isCron, 'must be five fields of cron, such as "0 3 * * MON-FRI", or `@daily`')),
    ),
  ),
  offset: described(
    'How long after that it runs, to include late points. Default: immediately.',
    z.optional(time('10m')),
  ),
  active: described('False for a task that exists but does not run. Default: true.', z.optional(z.boolean())),
})

const labeled = (what: string) =>
  described(
    `Names of ${what} that have it, and no others; if it is missing, those are left as they are.`,
    z.optional(z.array(name())),
  )

const label = z.strictObject({
  color: described('For the user interface: "#ff8800".', z.optional(z.string())),
  description: description(),
  buckets: labeled('buckets'),
  tasks: labeled('tasks, of both kinds,'),
  checks: labeled('checks'),
  notificationEndpoints: labeled('notification endpoints'),
  notificationRules: labeled('notification rules'),
})

const access = z.strictObject({
  read: described('Buckets that the token may read.', z.optional(z.array(bucketName()))),
  write: described('Buckets that the token may write to.', z.optional(z.array(bucketName()))),
  file: described(
    'File for the token when it is created, readable only by its owner; relative to the folder of the declarations. The token cannot be read anywhere else.',
    z.string().check(z.minLength(1, 'must be a path')),
  ),
})

const mapping = z.strictObject({
  database: described('The name that clients of InfluxDB 1 use.', name()),
  retentionPolicy: described('The name that clients of InfluxDB 1 use.', name()),
  bucket: described('The bucket with its points.', bucketName()),
  default: described('True for the one that is used if a client names none. Default: false.', z.optional(z.boolean())),
})

/** A file of `migrations/influxdb`. Together, the files of the folder declare one organization. */
export const influxdbSchema = z.strictObject({
  $schema: described('For editors.', z.optional(z.string())),
  organization: described(
    'The organization; declare it in only one file.',
    z.optional(z.strictObject({ name: name(), description: description() })),
  ),
  buckets: described('Buckets by name.', z.optional(z.record(bucketName(), bucket))),
  downsampling: described(
    'Tasks that downsample one bucket into another, by name.',
    z.optional(z.record(name(), downsampling)),
  ),
  tasks: described('Tasks with scripts of their own, by name.', z.optional(z.record(name(), task))),
  ...alertSections,
  labels: described('Labels by name, with what has them.', z.optional(z.record(name(), label))),
  access: described('Tokens by name, each with its exact permissions.', z.optional(z.record(name(), access))),
  mappings: described('Mappings for clients of InfluxDB 1 (DBRP).', z.optional(z.array(mapping))),
})

export type InfluxdbDocument = z.infer<typeof influxdbSchema>

type DownsamplingEntry = NonNullable<InfluxdbDocument['downsampling']>[string]

/** A task with its defaults filled in. */
export function declareTask(name: string, entry: DownsamplingEntry): DownsamplingDeclaration {
  const windowSeconds = parseTime(entry.window)
  const everySeconds = parseTime(entry.every ?? entry.window)
  // Whole windows for one run, and two more: one for a failed run, one for late points.
  const share = Math.max(1, Math.ceil(everySeconds / Math.max(1, windowSeconds)))
  return {
    name,
    description: entry.description ?? null,
    from: entry.from,
    to: entry.to,
    windowSeconds,
    everySeconds,
    offsetSeconds: parseTime(entry.offset ?? '0s'),
    lookBackSeconds: entry.lookBack === undefined ? (share + 2) * windowSeconds : parseTime(entry.lookBack),
    aggregates: entry.aggregates ?? aggregates,
    measurements: entry.measurements ?? [],
    active: entry.active ?? true,
  }
}

type TaskEntry = NonNullable<InfluxdbDocument['tasks']>[string]

/** A task with a script of its own, with its defaults filled in. */
export function declareOwnTask(name: string, entry: TaskEntry): TaskDeclaration {
  const { cron, every = '1h' } = entry
  return {
    name,
    description: entry.description ?? null,
    flux: entry.flux,
    schedule: cron === undefined ? { type: 'every', seconds: parseTime(every) } : { type: 'cron', cron },
    offsetSeconds: parseTime(entry.offset ?? '0s'),
    active: entry.active ?? true,
  }
}

type LabelEntry = NonNullable<InfluxdbDocument['labels']>[string]

export function declareLabel(name: string, entry: LabelEntry): LabelDeclaration {
  const { color = null, description = null, buckets = null, tasks = null, checks = null } = entry
  const { notificationEndpoints = null, notificationRules = null } = entry
  return { name, color, description, on: { buckets, tasks, checks, notificationEndpoints, notificationRules } }
}
