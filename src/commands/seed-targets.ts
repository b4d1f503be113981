import type { Config } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../domain/exit-code.ts'
import { ToolError } from '../domain/tool-error.ts'
import type { SeedReport, SeedRequest } from '../engine/seeds/request.ts'
import { runSeeds } from '../engine/seeds/run-seeds.ts'
import { readSeeds } from '../sources/seeds/read-seeds.ts'
import type { Context } from './context.ts'
import { selectDatabases } from './selected-databases.ts'

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
