import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun, families } from '../../command/shared-flags.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import type { Target } from '../../core/target.ts'
import type { FamilyAdoption } from '../answers.ts'
import { planAdoption } from '../inspect/plan-adoption.ts'
import { type ArchivePort, archives, noRegistryChange } from '../ports.ts'
import {
  changeReachable,
  type DatabaseAnswers,
  readReachable,
  readShardProject,
  type ShardProject,
} from '../project.ts'

/** `wwdb shards adopt`: adds tables that are shards to the registry. Changes no table; exit code 1 where some are left out. */
export const command = defineCommand({
  name: 'shards adopt',
  group: 'Sharded tables',
  summary: 'add existing tables that are shards to the registry',
  purpose:
    'Fills the registry from existing tables: those of a platform that ran before wwdb, or all of them after the ' +
    'registry was lost. A table is adopted if its name is exactly that of a shard and its definition matches the ' +
    'template; tables on hold by the digest in their names; a shard of which only an archive is left by its manifest, ' +
    'so that it can be restored. Any other table that looks like a shard is listed with the reason, and not adopted. ' +
    'Changes no table. Exit code 1 if something was not adopted.',
  examples: [
    { command: 'wwdb shards adopt --dry-run', purpose: 'see what would be adopted' },
    { command: 'wwdb shards adopt --family messages', purpose: 'one family' },
  ],
  flags: {
    'What to adopt': { family: families },
    Safety: { dryRun: { ...dryRun, description: 'show what would be adopted, without writing anything' } },
  },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run({ family = [], dryRun = false }, context) {
    const project = await readShardProject(context, family)
    const listArchives: ListArchives = async ({ schema }) =>
      project.request.config.rotation.archive === null ? [] : (await context.port(archives)).list(schema)
    const {
      seen: targets,
      unseen,
      exitCode,
    } = dryRun ? await rehearse(project, listArchives) : await adopt(project, context, listArchives)
    const refused = targets.some(({ families }) => families.some((one) => one.refused.length > 0))
    return {
      result: { kind: 'shard-adoption', dryRun, targets, unseen },
      exitCode: exitCode ?? (refused ? exitCodes.findings : exitCodes.done),
    }
  },
})

interface AdoptedTarget {
  readonly target: Target
  readonly families: readonly FamilyAdoption[]
}

/** The archives of a database: none where no folder is configured. */
type ListArchives = (database: DatabaseConfig) => ReturnType<ArchivePort['list']>

function rehearse(project: ShardProject, listArchives: ListArchives): Promise<DatabaseAnswers<AdoptedTarget>> {
  return readReachable(project, async (store, database) => {
    const { families } = await planAdoption(project.request, database, store, await listArchives(database))
    return { target: store.target, families }
  })
}

/** One write per target: all of its shards or none. */
function adopt(
  project: ShardProject,
  context: Context,
  listArchives: ListArchives,
): Promise<DatabaseAnswers<AdoptedTarget>> {
  return changeReachable(project, context, async (store, database) => {
    const { families, shards, records } = await planAdoption(
      project.request,
      database,
      store,
      await listArchives(database),
    )
    if (shards.length > 0) {
      await store.createRegistry()
      await store.writeRegistry({ ...noRegistryChange, shards, families: records })
    }
    return { target: store.target, families }
  })
}
