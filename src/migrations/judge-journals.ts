import type { Context } from '../command/context.ts'
import type { Target, UnreachedTarget } from '../core/target.ts'
import { lookAtRun } from './find-run.ts'
import { describeMigrations, type MigrationStatus, markRunning } from './journal/status.ts'
import { listUnreached } from './unreached.ts'
import { withTargets } from './with-targets.ts'

/** A database's migrations according to its journal. */
export interface JudgedJournal {
  readonly target: Target
  readonly migrations: readonly MigrationStatus[]
}

/**
 * Compares the files of every database with its journal, without reading its schema. A database that does not exist is left
 * out. Throws like `withTargets`, also where no database was reached.
 */
export function judgeJournals(
  context: Context,
): Promise<{ readonly journals: readonly JudgedJournal[]; readonly unreached: readonly UnreachedTarget[] }> {
  return withTargets(context, { writable: false, missing: 'skip', unreached: 'skip' }, async (config, open) => {
    const journals = open.targets.map(async (opened): Promise<JudgedJournal> => {
      const { run, target } = await lookAtRun(context, config, opened)
      const migrations = describeMigrations(target)
      return {
        target: target.session.target,
        migrations: run === null ? migrations : markRunning(migrations, target, run),
      }
    })
    return { journals: await Promise.all(journals), unreached: listUnreached(open.unreached) }
  })
}
