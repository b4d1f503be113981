import { z } from 'zod'
import { count, errorCode, fault, milliseconds, target } from './shared.ts'

const tables = z.array(z.string())

const familyOutcome = z.object({
  family: z.string(),
  target,
  state: z.enum(['done', 'nothing-to-do', 'failed', 'stopped', 'not-started']),
  created: tables,
  adopted: tables.describe('Tables that the registry lacked.'),
  restored: tables,
  sealed: tables,
  held: tables.describe('Renamed to a hold name.'),
  archived: tables,
  dropped: tables,
  lost: tables.describe('Dropped by another hand, with rows that no archive has; nobody acknowledged it.'),
  notes: z.array(z.string()).describe('Sentences a person should read.'),
  aheadUntil: z.string().nullable().describe('ISO 8601, UTC; null for keys.'),
  milliseconds,
  fault: fault.nullable(),
  code: errorCode.nullable().describe("The fault's stable code."),
})

/** What a rotation did. */
export const rotationFields = {
  command: z.string(),
  now: z.string().describe('ISO 8601, UTC.'),
  families: z.array(familyOutcome),
  milliseconds,
}

const familyPlan = z.object({
  family: z.string(),
  target,
  make: z.array(z.object({ table: z.string(), key: z.string(), why: z.string() })),
  adopt: tables,
  corrections: tables.describe('Tables whose rows in the registry are put right.'),
  steps: z.array(z.object({ step: z.string(), table: z.string(), key: z.string(), why: z.string() })),
  question: z
    .object({ holds: count, live: count })
    .nullable()
    .describe('Set where holding so many of the live shards needs --yes.'),
  notes: z.array(z.string()),
  aheadUntil: z.string().nullable(),
  fault: fault.nullable(),
  code: errorCode.nullable(),
})

/** What a rotation would do. */
export const rotationPlanFields = {
  now: z.string().describe('ISO 8601, UTC: when it would run.'),
  rehearsal: z.boolean().describe('True where that time was given with --now.'),
  families: z.array(familyPlan),
}
