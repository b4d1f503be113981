import { z } from 'zod'
import { count, errorCode, fault, milliseconds, target } from './shared.ts'

const change = z.object({
  column: z.string(),
  before: z
    .string()
    .nullable()
    .describe('Null for NULL, or where there is no row yet; *** where the name tells of a secret.'),
  after: z.string().nullable(),
  byHand: z.boolean().describe('The present value is not the one that the tool wrote.'),
  kept: z.boolean().describe('It stays as it is, by the policy of its file.'),
})

const row = z.object({
  table: z.string(),
  key: z.record(z.string(), z.string().nullable()).describe('The natural key, in the words of the file.'),
  action: z.enum(['insert', 'update', 'keep', 'adopt', 'delete', 'leave']),
  file: z.string(),
  line: z.int().min(1).nullable().describe('Null for rows that left the files.'),
  changes: z.array(change),
})

/** What a seed run did, or would do. */
export const seedFields = {
  command: z.string(),
  outcomes: z.array(
    z.object({
      target,
      rows: z.array(row).describe('All that are not as the files say.'),
      unchanged: count,
      scripts: z.array(z.object({ file: z.string(), state: z.enum(['new', 'changed', 'same']) })),
      dependents: z.array(
        z.object({
          table: z.string(),
          constraint: z.string(),
          rows: count,
          effect: z.enum(['delete', 'set-null', 'refuse']),
        }),
      ),
      state: z.enum(['done', 'nothing-to-do', 'planned', 'failed', 'stopped', 'not-started', 'not-reached']),
      milliseconds,
      fault: fault.nullable(),
      code: errorCode.nullable().describe("The fault's stable code."),
    }),
  ),
  milliseconds,
  dryRun: z.boolean(),
}

/** Matrices of who may do what, as their files have them. */
export const seedMatrixFields = {
  layout: z.enum(['table', 'markdown']).describe('How people get it.'),
  matrices: z.array(
    z.object({
      database: z.string(),
      file: z.string(),
      table: z.string(),
      down: z.string().describe('The reference whose names stand at the left.'),
      across: z.string().describe('The one whose names stand in the head.'),
      columns: z.array(z.object({ name: z.string(), label: z.string().nullable() })),
      lines: z.array(
        z.object({
          name: z.string(),
          label: z.string().nullable(),
          group: z.string().nullable(),
          marks: z.array(z.boolean()).describe('In the order of the columns.'),
        }),
      ),
    }),
  ),
}
