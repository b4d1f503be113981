import { z } from 'zod'
import type { ErrorDocument, ResultDocument } from '../wire.ts'
import type { Matches } from './matches.ts'
import { historyFields, statusFields } from './migrations.ts'
import { planDocument } from './plan.ts'
import { platformFields } from './platform.ts'
import { programFields, provisionFields, provisionListFields, provisionRemovalFields } from './provision.ts'
import { rotationFields, rotationPlanFields } from './rotation.ts'
import { scheduleFields, scheduleRunFields } from './schedule.ts'
import { seedFields, seedMatrixFields } from './seeds.ts'
import {
  familyAlterations,
  publicationFields,
  shardAdoptionFields,
  shardCheckFields,
  shardListing,
  shardLocationFields,
  shardRepairFields,
  templatesFields,
  unseen,
} from './shards.ts'
import {
  count,
  errorCode,
  exitCode,
  fault,
  hazard,
  milliseconds,
  schemaVersion,
  target,
  time,
  unreached,
  warning,
} from './shared.ts'
import { storeKind, storePlanFields, storeRunFields, storeVerificationFields } from './stores.ts'

const answer = { type: z.literal('result'), schema: schemaVersion, time, exitCode, warnings: z.array(warning) }

const run = z.object({
  ...answer,
  kind: z.literal('run'),
  command: z.string(),
  outcomes: z.array(
    z.object({
      target,
      state: z.enum(['done', 'nothing-to-do', 'failed', 'stopped', 'not-started', 'not-reached', 'blocked']),
      done: z.array(z.string()).describe('Steps completed in this run, as version_name.'),
      notDone: z.array(z.string()),
      statements: count,
      milliseconds,
      fault: fault.nullable(),
      code: errorCode.nullable().describe("The fault's stable code."),
    }),
  ),
  milliseconds,
  dryRun: z.boolean(),
})

const plan = z.object({
  ...answer,
  kind: z.literal('plan'),
  plan: planDocument,
  file: z.string().nullable().describe('Where --out wrote it.'),
})

const status = z.object({ ...answer, kind: z.literal('status'), ...statusFields })
const history = z.object({ ...answer, kind: z.literal('history'), ...historyFields })

const validation = z.object({
  ...answer,
  kind: z.literal('validation'),
  faults: z.array(fault),
  hazards: z.array(hazard),
  stopping: count
    .nullable()
    .describe('With --strict: hazards that are faults, because no header accepts them; null without.'),
  files: count,
  statements: count,
})

const config = z.object({
  ...answer,
  kind: z.literal('config'),
  file: z.string().nullable(),
  environment: z.string().nullable(),
  entries: z.array(
    z.object({
      path: z.string(),
      value: z.unknown(),
      source: z.enum(['flag', 'environment', 'file', 'default']),
    }),
  ),
})

const document = z.object({
  ...answer,
  kind: z.literal('document'),
  format: z.enum(['json', 'text']),
  content: z.string(),
})

const files = z.object({
  ...answer,
  kind: z.literal('files'),
  created: z.array(z.string()),
  changed: z.array(z.string()),
  next: z.array(z.string()),
})

const holderFacts = {
  user: z.string().nullable(),
  host: z.string().nullable(),
  seconds: z.number().nullable(),
  state: z.string().nullable(),
  statement: z.string().nullable(),
  orphaned: z.boolean(),
}

const locks = z.object({
  ...answer,
  kind: z.literal('locks'),
  locks: z.array(
    z.object({
      target,
      held: z.boolean(),
      connectionId: z.int().nullable(),
      ...holderFacts,
      workers: z
        .array(z.object({ worker: count, connectionId: z.int(), ...holderFacts }))
        .describe('Workers of fan-outs that are connected, with their own locks; `worker` counts from 0.'),
    }),
  ),
  unreached,
})

const databases = z.object({
  ...answer,
  kind: z.literal('databases'),
  command: z.string(),
  databases: z.array(
    z.object({
      target,
      state: z.enum(['created', 'exists', 'dropped', 'absent', 'reachable', 'unreachable']),
      detail: z.string().nullable(),
    }),
  ),
})

const referenceEnd = z.object({
  database: z.string().nullable().describe('Null for a schema that the configuration does not have.'),
  schema: z.string(),
  server: z.string(),
  table: z.string(),
  columns: z.array(z.string()),
})

const orphans = z.object({
  ...answer,
  kind: z.literal('orphans'),
  references: z.enum(['physical', 'logical']),
  keys: z.array(
    z.object({
      name: z.string(),
      child: referenceEnd,
      parent: referenceEnd,
      file: z.string(),
      line: z.int().min(1),
      state: z.enum(['clean', 'orphaned', 'unchecked']),
      why: z.string().nullable().describe('What is missing, where it is unchecked.'),
      rows: count.describe('Rows that point at nothing.'),
      values: count.describe('The different keys that these rows have.'),
      samples: z
        .array(z.object({ values: z.array(z.string()), rows: count }))
        .describe('The first of these keys, in key order; values in the order of the columns.'),
      shards: z
        .object({ checked: count, orphaned: z.array(z.object({ table: z.string(), rows: count })) })
        .nullable()
        .describe('For a key of a shard family: how many shards were looked at, and those with orphans.'),
    }),
  ),
  unreached,
})

const sandbox = z.object({
  ...answer,
  kind: z.literal('sandbox'),
  state: z.enum(['running', 'stopped', 'absent']),
  provider: z.enum(['url', 'docker', 'installed', 'portable']).nullable(),
  version: z.string().nullable(),
  url: z.string().nullable(),
  directory: z.string().nullable(),
  stores: z.array(
    z.object({
      store: storeKind,
      state: z.enum(['running', 'partly', 'stopped']),
      version: z.string().nullable(),
      ports: z.array(z.int()),
    }),
  ),
  next: z.array(z.string()),
})

const schedule = z.object({ ...answer, kind: z.literal('schedule'), ...scheduleFields })

const scheduleRun = z.object({ ...answer, kind: z.literal('schedule-run'), ...scheduleRunFields })

const seed = z.object({ ...answer, kind: z.literal('seed'), ...seedFields })
const seedMatrix = z.object({ ...answer, kind: z.literal('seed-matrix'), ...seedMatrixFields })

const templates = z.object({ ...answer, kind: z.literal('templates'), ...templatesFields })

const rotation = z.object({ ...answer, kind: z.literal('rotation'), ...rotationFields })
const rotationPlan = z.object({ ...answer, kind: z.literal('rotation-plan'), ...rotationPlanFields })
const shardCheck = z.object({ ...answer, kind: z.literal('shard-check'), ...shardCheckFields })
const shardList = z.object({ ...answer, kind: z.literal('shard-list'), shards: z.array(shardListing), unseen })
const shardLocation = z.object({ ...answer, kind: z.literal('shard-location'), ...shardLocationFields })
const shardAdoption = z.object({ ...answer, kind: z.literal('shard-adoption'), ...shardAdoptionFields })
const shardRepair = z.object({ ...answer, kind: z.literal('shard-repair'), ...shardRepairFields })
const shardDiff = z.object({ ...answer, kind: z.literal('shard-diff'), families: z.array(familyAlterations), unseen })

const publication = z.object({ ...answer, kind: z.literal('publication'), ...publicationFields })

const platform = z.object({ ...answer, kind: z.literal('platform'), ...platformFields })
const storePlan = z.object({ ...answer, kind: z.literal('store-plan'), ...storePlanFields })
const storeRun = z.object({ ...answer, kind: z.literal('store-run'), ...storeRunFields })
const storeVerification = z.object({ ...answer, kind: z.literal('store-verification'), ...storeVerificationFields })
const provision = z.object({ ...answer, kind: z.literal('provision'), ...provisionFields })
const provisionList = z.object({ ...answer, kind: z.literal('provision-list'), ...provisionListFields })
const provisionRemoval = z.object({ ...answer, kind: z.literal('provision-removal'), ...provisionRemovalFields })
const program = z.object({ ...answer, kind: z.literal('program'), ...programFields })

const version = z.object({
  ...answer,
  kind: z.literal('version'),
  version: z.string(),
  node: z.string(),
  platform: z.string(),
})

/** The answer of every command, by its kind. */
export const resultDocument = z.discriminatedUnion('kind', [
  run,
  plan,
  status,
  history,
  validation,
  config,
  document,
  files,
  locks,
  databases,
  orphans,
  sandbox,
  schedule,
  scheduleRun,
  publication,
  seed,
  seedMatrix,
  templates,
  rotation,
  rotationPlan,
  shardCheck,
  shardList,
  shardLocation,
  shardAdoption,
  shardDiff,
  shardRepair,
  platform,
  storePlan,
  storeRun,
  storeVerification,
  provision,
  provisionList,
  provisionRemoval,
  program,
  version,
])
true satisfies Matches<typeof resultDocument, ResultDocument>

/** What stands in an answer's place when there is none. */
export const errorDocument = z.object({
  type: z.literal('error'),
  schema: schemaVersion,
  time,
  kind: z.literal('error'),
  code: errorCode.describe('A stable word in capitals.'),
  exitCode,
  faults: z.array(fault),
  stack: z.string().nullable().describe('Null without --debug.'),
  warnings: z.array(warning),
})
true satisfies Matches<typeof errorDocument, ErrorDocument>
