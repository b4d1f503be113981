import { z } from 'zod'
import { type PlanDocument, planDocumentSchema } from '../../../migrations/plan-document.ts'
import type { Matches } from './matches.ts'
import { count, hazard, target, unreached } from './shared.ts'

const statement = z.object({
  index: count,
  line: z.int().min(1),
  column: z.int().min(1),
  class: z.enum(['definition', 'account', 'data', 'call', 'session', 'execute', 'maintenance', 'refused']),
  summary: z.string().describe('Verb and objects; the text is in the file.'),
  hash: z.string(),
  algorithm: z.enum(['INSTANT', 'INPLACE', 'COPY']).nullable().describe('Null where the server was not asked.'),
})

const fanOut = z.object({
  family: z.string(),
  version: count.nullable().describe('That the template is given; null where no shard was ever made.'),
  total: count.describe('Shards.'),
  done: count.describe('Shards that are as far already.'),
  shapes: z.array(z.object({ table: z.string().describe('One of them.'), shards: count })),
  near: z
    .array(z.object({ table: z.string(), used: count, limit: count }))
    .describe('Shards that have nearly used up their instant changes of columns.'),
  proven: z.boolean().describe('The change was tried, and makes what the file of the template says.'),
})

const step = z.object({
  type: z.enum(['apply', 'revert', 'record']),
  database: z.string(),
  version: z.string(),
  name: z.string(),
  kind: z.enum(['versioned', 'repeatable', 'data']),
  file: z.string(),
  checksum: z.string(),
  script: z.enum(['statements', 'stream', 'module', 'none']),
  from: count.describe('The first statement that will run, from 0.'),
  total: count,
  after: z.array(z.string()).describe('Steps that come before, as database/version.'),
  fanOut: fanOut.exactOptional().describe('For a migration that runs on shards.'),
  statements: z.array(statement),
  hazards: z.array(hazard),
})

const blocked = z.object({
  version: z.string(),
  name: z.string(),
  by: z.string().describe('The migration that it depends on, or that depends on it, as database/version.'),
  database: z.string().describe('The one that was not reached, at the end of the chain.'),
  server: z.string().describe('host:port'),
})

/** What `plan --out` writes and what stands in every answer and event with a plan. */
export const planDocument = z
  .object({
    schema: z.literal(planDocumentSchema),
    direction: z.enum(['up', 'down']),
    targets: z.array(
      z.object({
        target,
        world: z.string().describe('Digest of all that the plan was made from.'),
        steps: z.array(step),
        notes: z.array(z.string()),
        blocked: z.array(blocked).describe('Left out, because they depend on a database that was not reached.'),
      }),
    ),
    unreached,
    counts: z.object({ targets: count, steps: count, statements: count, hazards: count }),
  })
  .meta({ id: 'Plan' })
true satisfies Matches<typeof planDocument, PlanDocument>
