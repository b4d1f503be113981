import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Holder } from '../../core/holder.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { administerEach, targetOf } from '../administer.ts'

/** `wwdb db drop`: removes the schemas, after their name was typed or given with --confirm. */
export const command = defineCommand({
  name: 'db drop',
  group: 'Databases and projects',
  summary: 'drop the schemas with everything in them',
  purpose:
    'Drops the schema of every selected database, with its data and its journal. Requires the name to be typed, ' +
    'or given with `--confirm`; a protected environment also requires `--allow-protected`.',
  examples: [
    { command: 'wwdb db drop -t user_db', purpose: 'one database, after typing its name' },
    { command: 'wwdb db drop -t user_db --confirm user_db', purpose: 'without a terminal' },
  ],
  flags: { Safety: { dryRun: { ...dryRun, description: 'show what would be dropped, without dropping anything' } } },
  exitCodes: exitCodesOf.locks,
  interruption: 'at-once',
  writes: true,
  connects: true,
  async run(options, context) {
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
  },
})

interface Doomed {
  readonly target: Target
  readonly schema: string
  readonly exists: boolean
  readonly tables: number
  readonly rows: number
  readonly holder: Holder | null
}

function describe(doomed: readonly Doomed[]): string {
  const each = doomed.map(
    (one) => `\`${one.schema}\` (${countOf(one.tables, 'table')}, about ${countOf(one.rows, 'row')})`,
  )
  return `This drops ${each.join(', ')} with everything in ${doomed.length === 1 ? 'it' : 'them'}. It cannot be undone.`
}

/** A run that is in progress would lose its schema between two statements. */
function refuseUsed(doomed: readonly Doomed[]): void {
  const faults = doomed.flatMap(({ target, holder }) =>
    holder === null
      ? []
      : [
          {
            what: `\`${target.schema}\` cannot be dropped: another run holds its lock.`,
            where: { database: target.database, server: target.server },
            why: `Connection ${holder.connectionId} is migrating it.`,
            next: 'Wait for that run to end; `wwdb lock status` shows it.',
          },
        ],
  )
  if (faults.length > 0) throw new ToolError('LOCK_HELD', faults)
}
