import type { Config } from '../../config/config.ts'
import type { CommandResult, Context } from '../../core/context.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { Result } from '../../core/result.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { command as createSchemasCommand } from '../../databases/commands/db-create.ts'
import { hazardCodes } from '../../lint/allowances.ts'
import { command as migrateCommand } from '../../migrations/commands/migrate.ts'
import type { SeedReport } from '../../seeds/ports.ts'
import { seedEverything, seedTargets } from '../../seeds/run-seeds.ts'
import { command as rotateCommand } from '../../shards/commands/rotate-run.ts'
import { readFamilies } from '../../shards/templates/read-families.ts'

/**
 * Makes a set from the definitions, by the very commands that make any database: schemas, migrations, seeds, shards of the present.
 * Hazards are none in schemas that are made here. Throws ToolError with what went wrong.
 */
export async function fillFromDefinitions(context: Context, config: Config): Promise<void> {
  const inside = contextOf(context, config)
  requireDone(await createSchemasCommand.run({}, inside))
  requireDone(await migrateCommand.run({ noProbe: true, allow: [...hazardCodes] }, inside))
  const seeds = await seedTargets(inside, config, seedEverything)
  requireSeeded(seeds)
  if ((await readFamilies(config)).length > 0) requireDone(await rotateCommand.run({}, inside))
}

/** The same context in the set's schemas: all databases, no questions, and only what a person must hear. */
function contextOf(context: Context, config: Config): Context {
  return {
    ...context,
    targets: [],
    config: async () => config,
    confirm: async () => undefined,
    emit: (event) => {
      if (event.type === 'warning') context.emit(event)
    },
  }
}

function requireSeeded({ error }: SeedReport): void {
  if (error !== null) throw error
}

/** An answer that says what failed becomes the error that it is. */
function requireDone({ result, exitCode }: CommandResult): void {
  if (exitCode === exitCodes.done) return
  const failures = failuresOf(result)
  const code = failures.find((failure) => failure.code !== null)?.code ?? 'PROVISION_FAILED'
  const faults = failures.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const stopped: Fault = { what: 'Stopped before the set was whole; what was made is dropped again' }
  throw new ToolError(
    code === 'PROVISION_FAILED' && faults.length === 0 ? 'STOPPED' : code,
    faults.length === 0 ? stopped : faults,
    { exitCode },
  )
}

function failuresOf(result: Result): readonly { readonly fault: Fault | null; readonly code: ErrorCode | null }[] {
  if (result.kind === 'run') return result.outcomes
  return result.kind === 'rotation' ? result.families : []
}
