import * as z from 'zod/mini'
import { aggregates } from '../declaration.ts'
import { parseTime, timePattern } from './time.ts'

/** Adds the sentence that an editor shows when the key is pointed at. */
function described<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

/** A time with units, at least one of its seconds; `least` in seconds, told as `told`. */
function time(example: string, least = 1, told = '1s') {
  return z.string().check(
    z.regex(timePattern, `must be a time with its unit, such as "${example}"; months and years have no one length`),
    z.refine((text) => !timePattern.test(text) || parseTime(text) >= least, `must be at least "${told}"`),
  )
}

const hour = 3600
const retention = z.union([z.literal('forever'), time('30d', hour, '1h')])

// Made anew for each place: what an editor shows hangs on the schema itself.
const bucketName = () =>
  z.string().check(z.regex(/^[^_"\\\n\r\t][^"\\\n\r\t]*$/, 'must begin with no "_" and hold no quotes or backslashes'))
const name = () => z.string().check(z.regex(/^[^"\\\n\r\t]+$/, 'must hold no quotes or backslashes'))
const description = () => described('For people; what is not given is left as it is.', z.optional(z.string()))

const bucket = z.strictObject({
  description: description(),
  retention: described('How long points are kept: "30d", "365d", "forever". Shortening it loses points.', retention),
  shardGroup: described(
    'How much time one shard group covers: points go a group at a time. Always given: nothing is left to a default.',
    time('1d', hour, '1h'),
  ),
})

const downsampling = z.strictObject({
  description: description(),
  from: described('The bucket whose points are condensed.', bucketName()),
  to: described('The bucket where the results go.', bucketName()),
  window: described('How much time one result stands for.', time('1h')),
  every: described('How often the task runs. Default: once a window.', z.optional(time('1h'))),
  offset: described(
    'How long after the end of a window it runs, for points that come late. Default: at once.',
    z.optional(time('10m')),
  ),
  lookBack: described(
    'How far back each run starts: whole windows, at least two more than one run needs by default. Points that come later than that are not condensed.',
    z.optional(time('3h')),
  ),
  aggregates: described(
    'What is computed of a window; each is a field of its own, such as "usage_mean". Default: all four.',
    z.optional(z.array(z.enum(aggregates)).check(z.minLength(1, 'must name at least one aggregate'))),
  ),
  measurements: described('Only these. Default: every measurement.', z.optional(z.array(z.string()))),
  active: described('False for a task that exists and does not run. Default: true.', z.optional(z.boolean())),
})

const access = z.strictObject({
  read: described('Buckets that the token may read.', z.optional(z.array(bucketName()))),
  write: described('Buckets that the token may write to.', z.optional(z.array(bucketName()))),
  file: described(
    'Where the token goes when it is made, for its owner alone; from the folder of the declarations on. It can be read nowhere else.',
    z.string().check(z.minLength(1, 'must be a path')),
  ),
})

const mapping = z.strictObject({
  database: described('As a client of InfluxDB 1 names it.', name()),
  retentionPolicy: described('As a client of InfluxDB 1 names it.', name()),
  bucket: described('Where its points are.', bucketName()),
  default: described('True for the one that is meant where none is named. Default: false.', z.optional(z.boolean())),
})

/** A file of `migrations/influxdb`. Together, the files of the folder declare one organisation. */
export const influxdbSchema = z.strictObject({
  $schema: described('For editors.', z.optional(z.string())),
  organization: described(
    'The organisation, once among all files.',
    z.optional(z.strictObject({ name: name(), description: description() })),
  ),
  buckets: described('Buckets by name.', z.optional(z.record(bucketName(), bucket))),
  downsampling: described(
    'Tasks that condense one bucket into another, by name.',
    z.optional(z.record(name(), downsampling)),
  ),
  access: described('Tokens by name, each with exactly its rights.', z.optional(z.record(name(), access))),
  mappings: described('What clients of InfluxDB 1 find (DBRP).', z.optional(z.array(mapping))),
})

export type InfluxdbDocument = z.infer<typeof influxdbSchema>
