import { z } from 'zod'
import type { ErrorCode } from '../../../core/error-codes.ts'
import type { Holder } from '../../../core/event.ts'
import { type ExitCode, exitCodes } from '../../../core/exit-code.ts'
import type { Target } from '../../../core/target.ts'
import type { Fault } from '../../../core/tool-error.ts'
import type { UnreachedTarget } from '../../../core/unreached.ts'
import type { Hazard } from '../../../lint/hazard.ts'
import { type WarningDocument, wireSchema } from '../wire.ts'
import type { Matches } from './matches.ts'

export const count = z.int().min(0)
export const milliseconds = z.number().min(0)
export const time = z.iso.datetime({ precision: 3 }).describe('When the line was written, in UTC.')

export const schemaVersion = z.literal(wireSchema)

export const target = z
  .object({
    database: z.string().describe('The logical database.'),
    schema: z.string().describe('Its name on the server.'),
    server: z.string().describe('host:port'),
  })
  .meta({ id: 'Target' })
true satisfies Matches<typeof target, Target>

export const exitCode = z.literal(Object.values(exitCodes)).meta({ id: 'ExitCode' })
true satisfies Matches<typeof exitCode, ExitCode>

/** Any string in the schema, so that a reader of this version accepts an answer with a code that a later one adds. */
export const errorCode = z.string() as z.ZodType<ErrorCode>

const location = z.object({
  file: z.string().exactOptional(),
  line: z.int().min(1).exactOptional(),
  column: z.int().min(1).exactOptional(),
  database: z.string().exactOptional(),
  server: z.string().exactOptional(),
  statement: z.string().exactOptional(),
})

export const fault = z
  .object({
    what: z.string(),
    where: location.exactOptional(),
    why: z.string().exactOptional(),
    next: z.string().exactOptional().describe('What to do about it.'),
    excerpt: z
      .object({ text: z.string(), line: z.int().min(1), column: z.int().min(1) })
      .exactOptional()
      .describe("The file's line that the fault points at."),
    errno: z.int().exactOptional().describe("The number of a MySQL server's error."),
    sqlState: z.string().exactOptional().describe('Its SQLSTATE.'),
  })
  .meta({ id: 'Fault' })
true satisfies Matches<typeof fault, Fault>

export const hazard = z
  .object({
    code: z.string().describe('Stable; what --allow and `-- wwdb:accept` name.'),
    kind: z.enum(['destructive', 'blocking', 'rebuilding', 'unresumable', 'advisory']),
    why: z.string(),
    instead: z.string(),
    file: z.string(),
    line: z.int().min(1),
    statement: z.string(),
    accepted: z.string().nullable().describe('The reason of whoever accepted it, or null.'),
  })
  .meta({ id: 'Hazard' })
true satisfies Matches<typeof hazard, Hazard>

export const holder = z
  .object({
    connectionId: z.int(),
    user: z.string().nullable(),
    host: z.string().nullable(),
    seconds: z.number().nullable().describe('In its present state.'),
    state: z.string().nullable(),
    statement: z.string().nullable(),
    orphaned: z.boolean().describe('The run that opened it has ended; the server goes on alone.'),
  })
  .meta({ id: 'Holder' })
true satisfies Matches<typeof holder, Holder>

export const unreached = z
  .array(z.object({ target, code: errorCode.describe("The fault's stable code."), fault }).meta({ id: 'Unreached' }))
  .describe('Databases that nothing is known of, because their servers were not reached.')
true satisfies Matches<typeof unreached, readonly UnreachedTarget[]>

export const warning = z.object({ message: z.string(), target: target.nullable() }).meta({ id: 'Warning' })
true satisfies Matches<typeof warning, WarningDocument>
