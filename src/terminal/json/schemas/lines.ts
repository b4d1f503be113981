import { z } from 'zod'
import type { EventLine, VersionLine } from '../wire.ts'
import type { Matches } from './matches.ts'
import { planDocument } from './plan.ts'
import { count, errorCode, fault, holder, milliseconds, schemaVersion, target, time } from './shared.ts'
import { storeKind } from './stores.ts'

/** The first line of a run. */
export const versionLine = z.object({
  type: z.literal('version'),
  tool: z.literal('wwdb'),
  version: z.string(),
  schema: schemaVersion,
  time,
})
true satisfies Matches<typeof versionLine, VersionLine>

const elapsed = milliseconds.describe('Milliseconds since the first event.')
const at = { elapsed, time }
const atTarget = { ...at, target }
const atStep = { ...atTarget, version: z.string(), name: z.string(), direction: z.enum(['up', 'down']) }
const atShard = { ...atStep, family: z.string(), shard: z.string().describe('Its key.'), table: z.string() }
const atStatement = {
  ...atStep,
  statement: count.describe('From 0.'),
  total: count,
  summary: z.string().describe('Verb and objects.'),
}

const atRotatedShard = {
  ...atTarget,
  family: z.string(),
  table: z.string(),
  step: z.enum(['create', 'restore', 'seal', 'hold', 'archive', 'drop']),
}

const atStore = {
  ...at,
  store: storeKind,
  server: z.string().describe('host:port, several with commas.'),
  summary: z.string().describe('What is done, as half a sentence.'),
}

/** Every line of a run between its first and its last. */
export const eventLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-started'), ...at, command: z.string(), targets: z.array(target) }),
  z.object({ type: z.literal('lock-waiting'), ...atTarget, holder: holder.nullable(), milliseconds }),
  z.object({ type: z.literal('lock-acquired'), ...atTarget, milliseconds }),
  z.object({ type: z.literal('plan-ready'), ...at, plan: planDocument }),
  z.object({ type: z.literal('statement-settled'), ...atStatement, ran: z.boolean(), why: z.string() }),
  z.object({ type: z.literal('step-started'), ...atStep, from: count, total: count }),
  z.object({ type: z.literal('step-waiting'), ...atStep, after: z.array(z.string()) }),
  z.object({ type: z.literal('statement-started'), ...atStatement }),
  z.object({ type: z.literal('statement-blocked'), ...atStatement, by: z.array(holder), attempt: count }),
  z.object({
    type: z.literal('statement-finished'),
    ...atStatement,
    milliseconds,
    rows: count.nullable(),
    warnings: z.array(z.string()),
  }),
  z.object({ type: z.literal('step-finished'), ...atStep, statements: count, milliseconds }),
  z.object({
    type: z.literal('fan-out-started'),
    ...atStep,
    family: z.string(),
    done: count.describe('Shards that were complete before.'),
    total: count,
    canary: z.string().nullable().describe('The table that goes first, alone.'),
  }),
  z.object({ type: z.literal('shard-started'), ...atShard }),
  z.object({
    type: z.literal('shard-finished'),
    ...atShard,
    statements: count,
    milliseconds,
    done: count.describe('Shards complete by now.'),
    total: count,
  }),
  z.object({ type: z.literal('shard-failed'), ...atShard, code: errorCode, fault }),
  z.object({ type: z.literal('rotation-making-started'), ...atTarget, total: count.describe('Tables to be made.') }),
  z.object({ type: z.literal('rotation-step-started'), ...atRotatedShard, why: z.string() }),
  z.object({
    type: z.literal('rotation-step-finished'),
    ...atRotatedShard,
    rows: count.nullable(),
    milliseconds: milliseconds.nullable().describe('Null for tables that are made side by side.'),
  }),
  z.object({ type: z.literal('store-change-started'), ...atStore }),
  z.object({ type: z.literal('store-change-finished'), ...atStore, milliseconds }),
  z.object({ type: z.literal('warning'), ...at, message: z.string(), target: target.nullable() }),
  z.object({ type: z.literal('progress'), ...at, message: z.string() }),
  z.object({ type: z.literal('stopping'), ...at, how: z.enum(['after-statement', 'kill']) }),
])
true satisfies Matches<typeof eventLine, EventLine>
