import type { Config } from '../config/config.ts'
import { selectDatabases } from '../config/selected-databases.ts'
import type { Context } from '../core/context.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { readSeeds } from './files/read-seeds.ts'
import type { SeedReport, SeedRequest } from './request.ts'
import { runSeeds } from './run-seeds.ts'

/** What a seed run is asked to do. */
export interface SeedWish {
  readonly only: readonly string[]
  readonly prune: boolean
  readonly write: boolean
  readonly approve: SeedRequest['approve']
}

/** Everything that the files have, removing nothing: what commands want that seed on their way. */
export const plainWish: SeedWish = {
  only: [],
  prune: false,
  write: true,
  approve: async () => {},
}

/**
 * Seeds the chosen databases of a configuration; those without seeds are left alone. An empty report where there are none.
 * Throws ToolError for what stops it before anything is written.
 */
export async function seedTargets(
  context: Pick<Context, 'targets' | 'servers' | 'emit' | 'stop'>,
  config: Config,
  wish: SeedWish,
): Promise<SeedReport> {
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  // Files of all databases are checked, as those of migrations are; only the chosen are seeded.
  const seeds = readSeeds(config).filter(({ database }) => chosen.has(database))
  if (seeds.length === 0) return { outcomes: [], error: null }
  const { emit, stop } = context
  return runSeeds({ config, seeds, servers: await context.servers(), emit, stop, ...wish })
}

/** What went wrong decides; a defect is not ours to turn into a code. */
export function exitCodeOfSeeds({ error }: SeedReport): ExitCode {
  if (error === null) return exitCodes.done
  if (error instanceof ToolError) return error.exitCode
  throw error
}
