import { z } from 'zod'
import { ToolError } from '../../core/tool-error.ts'
import { type SplitRecord, splitStates } from './record.ts'

const piece = z.object({
  table: z.string(),
  key: z.string(),
  from: z.nullable(z.string()),
  to: z.string(),
  compares: z.enum(['value', 'seconds']),
  isLate: z.exactOptional(z.literal(true)),
})

/** What a row has beside its own columns. */
const details = z.object({
  column: z.string(),
  pieces: z.array(piece),
  triggers: z.array(z.string()),
  hold: z.string().check(z.minLength(1)),
  hasView: z.boolean(),
  copiedThrough: z.nullable(z.array(z.string())),
  copiedRows: z.int().check(z.nonnegative()),
  protects: z.array(z.string()),
  keptUntil: z.nullable(z.number()),
})

const record = z.object({ table: z.string(), family: z.string(), state: z.enum(splitStates), details })

/**
 * A row of `wwdb_split`: table, family, state and details. By its names tables are renamed, emptied and dropped. Throws ToolError `JOURNAL_DAMAGED` for a row that a split
 * has not written so.
 */
export function readSplitRecord([table, family, state, text]: readonly unknown[]): SplitRecord {
  const read = record.safeParse({ table, family, state, details: parse(text) })
  if (read.success) {
    const { details: own, ...names } = read.data
    return { ...names, ...own }
  }
  const [issue] = read.error.issues
  throw new ToolError('JOURNAL_DAMAGED', {
    what: `The row of \`${String(table)}\` in \`wwdb_split\` is not as wwdb writes it.`,
    why: `\`${issue?.path.join('.') ?? 'details'}\` is not valid: ${issue?.message ?? 'unknown'}.`,
    next: 'Restore the row from a backup, or use the version of wwdb that wrote it: nothing is done by such a record.',
  })
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return null
  }
}
