import type { Config } from '../config/config.ts'
import { exitCodes } from '../domain/exit-code.ts'
import type { Result } from '../domain/result.ts'
import { type Fault, ToolError } from '../domain/tool-error.ts'
import type { SeedReport } from '../engine/seeds/request.ts'
import { readFamilies } from '../sources/read-families.ts'
import { hazardCodes } from '../sql/hazards/hazard-codes.ts'
import type { CommandResult, Context } from './context.ts'
import { run as createSchemas } from './db-create.ts'
import { run as migrate } from './migrate.ts'
import { run as rotate } from './rotate-run.ts'
import { plainWish, seedTargets } from './seed-targets.ts'

/**
 * Makes a set from the definitions, by the very commands that make any database: schemas, migrations, seeds, shards of the present.
 * Hazards are none in schemas that are made here. Throws ToolError with what went wrong.
 */
export async function fillFromDefinitions(context: Context, config: Config): Promise<void> {
  const inside = contextOf(context, config)
  requireDone(await createSchemas({}, inside))
  requireDone(await migrate({ noProbe: true, allow: [...hazardCodes] }, inside))
  const seeds = await seedTargets(inside, config, plainWish)
  requireSeeded(seeds)
  if ((await readFamilies(config)).length > 0) requireDone(await rotate({}, inside))
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

function failuresOf(result: Result): readonly { readonly fault: Fault | null; readonly code: string | null }[] {
  if (result.kind === 'run') return result.outcomes
  return result.kind === 'rotation' ? result.families : []
}
