import { z } from 'zod'
import { count, fault, milliseconds, target, unreached } from './shared.ts'

const migrationKind = z.enum(['versioned', 'repeatable', 'data', 'baseline', 'mark', 'seed'])

const migrationStates = [
  'applied',
  'pending',
  'partial',
  'running',
  'reverting',
  'outdated',
  'changed',
  'missing',
  'out-of-order',
  'baseline',
  'not-applicable',
] as const

/** How far every migration is. */
export const statusFields = {
  targets: z.array(
    z.object({
      target,
      serverVersion: z.string().nullable(),
      schemaExists: z.boolean(),
      migrations: z.array(
        z.object({
          version: z.string(),
          name: z.string(),
          kind: migrationKind,
          state: z.enum(migrationStates),
          file: z.string().nullable(),
          appliedAt: z.string().nullable().describe('UTC.'),
          milliseconds: milliseconds.nullable().describe('Null where no statement was closed.'),
          closed: count.nullable(),
          total: count.nullable(),
          shards: z
            .object({ done: count, total: count })
            .exactOptional()
            .describe('For a migration that runs on shards and stopped half way: how many have it.'),
        }),
      ),
      findings: z
        .array(fault)
        .describe('What migrate refuses to run over, and what is wrong with the journal, each with what to do.'),
    }),
  ),
  unreached,
  pending: count.describe('Migrations that migrate would apply, were there no findings.'),
  running: count.describe('Migrations that a run is carrying out at this moment.'),
}

const pass = z.object({
  pass: count,
  version: z.string(),
  name: z.string(),
  kind: migrationKind,
  direction: z.enum(['up', 'down']),
  checksum: z.string(),
  total: count,
  closed: count,
  open: count,
  openedAt: z.string().describe('UTC, YYYY-MM-DD HH:MM:SS.ffffff'),
  closedAt: z.string().nullable(),
  milliseconds,
  appliedBy: z.string(),
  toolVersion: z.string(),
})

/** What was run, as the journal has it. */
export const historyFields = {
  targets: z.array(z.object({ target, passes: z.array(pass) })),
  unreached,
}
