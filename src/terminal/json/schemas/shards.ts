import { z } from 'zod'
import { count, errorCode, fault, hazard, milliseconds, target } from './shared.ts'

const tables = z.array(z.string())
const time = z.string().describe('ISO 8601, UTC.')

const missing = z.object({ table: z.string(), key: z.string() })
const unexpected = z.object({ table: z.string(), why: z.string() })
const shardStates = [
  'live',
  'sealed',
  'holding',
  'held',
  'archived',
  'dropping',
  'dropped',
  'restoring',
  'lost',
] as const
const lost = z.object({ table: z.string(), key: z.string(), state: z.enum(shardStates) })

const difference = z.object({
  part: z.enum(['column', 'index', 'foreign key', 'check', 'option', 'partitioning', 'order', 'trigger']),
  name: z.string(),
  change: z.enum(['missing', 'extra', 'differs']),
  wanted: z.string().nullable().describe('As the template has it.'),
  found: z.string().nullable().describe('As the table has it.'),
})

const drift = z.object({
  reference: z
    .enum(['template', 'recorded', 'majority', 'nothing'])
    .describe('What the shards were compared with: the template in a scratch schema, the recorded shape, each other.'),
  like: count,
  groups: z.array(z.object({ tables, differences: z.array(difference).nullable() })),
  behind: z.array(z.object({ version: count, tables })).describe('Shards that a fan-out has not reached.'),
  version: count.nullable(),
  templateChanged: z.boolean().describe("The template's file is not what the registry has of that version."),
})

const familyInspection = z.object({
  family: z.string(),
  division: z.enum(['period', 'key']),
  tables: count,
  missing: z.array(missing).describe('Current and coming shards without a table.'),
  holes: z.array(missing).describe('Past periods without a table.'),
  unexpected: z.array(unexpected),
  drift,
  unregistered: tables,
  lost: z.array(lost).describe('In the registry, but their tables are gone.'),
  losses: z
    .array(lost.extend({ rows: count.nullable().describe('When they were last counted.'), at: time }))
    .describe('Rows that went with a dropped table, until a person acknowledges it.'),
  overdue: z
    .array(z.object({ table: z.string(), key: z.string(), since: time }))
    .describe('Expired shards that writes have kept from their hold for too long.'),
  unsettled: z.array(lost).describe('Steps that a run began and did not end.'),
  held: z.object({ tables: count, bytes: count.nullable() }).describe('Tables on hold: renamed, and to be dropped.'),
  protected: z
    .array(z.object({ table: z.string(), reason: z.string(), by: z.string(), at: time }))
    .describe('Shards that nothing is taken from until `wwdb shards unprotect` (legal hold).'),
  headroom: z.number().nullable().describe('Milliseconds until the first period without a table; null for keys.'),
  lastSuccessAt: time.nullable(),
  unchecked: z.array(z.string()).describe('What could not be looked at.'),
})

const capacity = z.object({
  limit: z.enum(['table_definition_cache', 'innodb_open_files', 'open_files_limit', 'disk']),
  value: z.number().nullable().describe('Tables, files, or for disk the bytes that are free.'),
  needed: z.number(),
  state: z.enum(['enough', 'exceeded', 'unknown']),
  advice: z.string().nullable(),
})

/** Databases that could not be looked at, beside those that were. */
export const unseen = z
  .array(z.object({ target, fault, code: errorCode.describe("The fault's stable code.") }))
  .describe('Databases that could not be looked at; the exit code is that of the first.')

/** What `shards check` answers, beside what every answer has. */
export const shardCheckFields = {
  at: time,
  targets: z.array(
    z.object({
      target,
      registry: z.boolean().describe('False before its tables are made.'),
      lastRunAt: time.nullable(),
      families: z.array(familyInspection),
      strayHolds: tables.describe('Tables under a hold name that the registry does not have.'),
      capacity: z.array(capacity),
      doubts: z.array(z.string()).describe('What keeps rotation from its work here, such as clocks that disagree.'),
    }),
  ),
  unseen,
  findings: count.describe('How many things are wrong; a table counts once.'),
}

export const shardListing = z
  .object({
    target,
    family: z.string(),
    key: z.string(),
    table: z.string(),
    from: time.nullable(),
    to: time.nullable(),
    state: z.enum([...shardStates, 'unregistered', 'missing']),
    templateVersion: count.nullable(),
    rows: count.nullable().describe('When it was sealed.'),
    hold: z.object({ table: z.string(), until: time }).nullable(),
    archive: z.string().nullable().describe("Address of its archive's manifest."),
    protected: z.string().nullable().describe('Why it is protected.'),
  })
  .meta({ id: 'Shard' })

export const shardLocationFields = {
  family: z.string(),
  database: z.string(),
  key: z.string(),
  table: z.string(),
  from: time.nullable(),
  to: time.nullable(),
  shard: shardListing.nullable().describe('As it is on its server; null with --offline.'),
}

export const shardAdoptionFields = {
  dryRun: z.boolean(),
  targets: z.array(
    z.object({
      target,
      families: z.array(
        z.object({
          family: z.string(),
          adopted: z.array(
            z.object({ table: z.string(), key: z.string(), state: z.enum(['live', 'held', 'dropped']) }),
          ),
          known: count.describe('Shards that the registry had before.'),
          refused: z.array(unexpected).describe('Left alone, each with the reason.'),
        }),
      ),
    }),
  ),
  unseen,
}

export const familyAlterations = z.object({
  family: z.string(),
  target,
  like: count,
  groups: z.array(
    z.object({
      tables,
      differences: z.array(difference),
      statements: z.array(z.string()).describe("In order; `{{table}}` stands for each table's name."),
      hazards: z.array(hazard),
    }),
  ),
  behind: tables.describe('Shards at an earlier version of the template.'),
})

export const shardRepairFields = {
  families: z.array(
    z.object({
      family: z.string(),
      target,
      repaired: tables,
      failed: z.array(z.object({ table: z.string(), fault })),
      left: count.describe('Not begun: others failed before, or the run was stopped.'),
    }),
  ),
  acknowledged: z
    .array(z.object({ family: z.string(), target, key: z.string(), table: z.string(), rows: count.nullable() }))
    .describe('Lost rows that a person knows of from now on.'),
  unseen,
  milliseconds,
}

/** The catalogue as it was put into Redis. */
export const publicationFields = {
  server: z.string().describe('Redis, as host:port.'),
  keys: z.object({ catalogue: z.string(), generation: z.string() }),
  families: z.array(z.string()).describe('database.family'),
  generation: count.describe('Counts the changes of what is published.'),
  changed: z.boolean(),
}

/** Templates that were tried on a server. */
export const templatesFields = {
  templates: z.array(
    z.object({
      family: z.string(),
      database: z.string(),
      server: z.string(),
      file: z.string(),
      tables: z.array(z.string()).describe('The shards that were made in a scratch schema.'),
      faults: z.array(fault),
      changes: z.array(z.string()).describe('What the server keeps otherwise than it is written.'),
    }),
  ),
}
