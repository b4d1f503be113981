import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import type { Holder } from '../../core/event.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { administerEach, targetOf } from '../administer.ts'

export const input = z.strictObject({ dryRun: z.optional(z.boolean()) })

interface Doomed {
  readonly target: Target
  readonly schema: string
  readonly exists: boolean
  readonly tables: number
  readonly rows: number
  readonly holder: Holder | null
}

function describe(doomed: readonly Doomed[]): string {
  const each = doomed.map((one) => `${one.schema} (${one.tables} tables, about ${one.rows} rows)`)
  return `This drops ${each.join(', ')} with everything in ${doomed.length === 1 ? 'it' : 'them'}. It cannot be undone.`
}

/** A run that is under way would find its schema gone between two statements. */
function refuseUsed(doomed: readonly Doomed[]): void {
  const faults = doomed.flatMap(({ target, holder }) =>
    holder === null
      ? []
      : [
          {
            what: `${target.schema} is not dropped: another run holds its lock`,
            where: { database: target.database, server: target.server },
            why: `connection ${holder.connectionId} is migrating it`,
            next: 'Wait for that run to end; `wwdb lock status` shows it.',
          },
        ],
  )
  if (faults.length > 0) throw new ToolError('LOCK_HELD', faults)
}

/** `wwdb db drop`: removes the schemas, after their name was typed or given with --confirm. */
export async function run(options: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  const found = await administerEach(
    context,
    async (administration, database): Promise<Doomed> => ({
      target: targetOf(database),
      schema: database.schema,
      exists: await administration.schemaExists(),
      ...(await administration.describeSchema()),
      holder: await administration.readLock(),
    }),
  )
  const doomed = found.filter((one) => one.exists)
  const name = doomed.length === 1 ? (doomed[0]?.schema ?? '') : `${doomed.length} databases`
  if (options.dryRun === true) {
    const databases = found.map(({ target, exists, tables, rows }) => ({
      target,
      state: exists ? ('exists' as const) : ('absent' as const),
      detail: exists ? `would be dropped with ${tables} tables and about ${rows} rows` : null,
    }))
    return { result: { kind: 'databases', command: 'db drop', databases }, exitCode: exitCodes.done }
  }
  refuseUsed(doomed)
  if (doomed.length > 0) await context.confirm({ what: describe(doomed), level: 'severe', name })
  const databases = await administerEach(context, async (administration, database) => ({
    target: targetOf(database),
    state: await administration.dropSchema(),
    detail: null,
  }))
  return { result: { kind: 'databases', command: 'db drop', databases }, exitCode: exitCodes.done }
}
