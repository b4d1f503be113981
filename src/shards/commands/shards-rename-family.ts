import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { dryRun } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { changeReachable, readDatabases, readShardProject, type ShardProject } from '../project.ts'
import { type FamilyMovePlan, planFamilyMove } from '../rotation/rename-family.ts'

/** `wwdb shards rename-family OLD NEW`: a family whose template was renamed keeps all its records. Changes no table. */
export const command = defineCommand({
  name: 'shards rename-family',
  group: 'Sharded tables',
  summary: 'move the records of a family to its new name',
  purpose:
    'For use after a template file was renamed: moves the shards in the registry, the version of the template, ' +
    'open findings, protections and the ledger of fan-outs to the new name, in one transaction. Rotation stops ' +
    'and asks for this when it finds the tables recorded under the old name, because a family that merely has the ' +
    'same pattern must not take over the tables of another. Changes no table. Archives and migrations keep the old name; `-- wwdb:formerly OLD` in the ' +
    'template names it.',
  examples: [
    { command: 'wwdb shards rename-family msg messages --dry-run', purpose: 'see what would move' },
    { command: 'wwdb shards rename-family msg messages', purpose: 'move it' },
  ],
  arguments: {
    old: { description: 'the name that the records have', required: true },
    new: { description: 'the name that the template has', required: true },
  },
  flags: { Safety: { dryRun: { ...dryRun, description: 'show what would move, without writing anything' } } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run({ old: from, new: name, dryRun: isRehearsal = false }, context) {
    const project = await readShardProject(context, [name])
    const found = await rehearse(project, from)
    if (isRehearsal) return answer(from, name, found, true)
    await context.confirm({
      what: `All records of \`${from}\` (${countOf(found.shards + found.traced, 'shard')}) become records of \`${name}\`.`,
      level: 'moderate',
      name: 'rename',
    })
    return answer(from, name, await move(project, context, from), false)
  },
})

function answer(from: string, to: string, plan: FamilyMovePlan, isRehearsal: boolean) {
  return {
    result: { kind: 'family-move', dryRun: isRehearsal, from, to, move: plan } as const,
    exitCode: exitCodes.done,
  }
}

/** The family with the new name, among all of the project. */
function requestOf({ request: { families }, chosen: [to] }: ShardProject, from: string) {
  if (to === undefined) throw new Error('a family that was asked for is chosen')
  return { from, to, families }
}

async function rehearse(project: ShardProject, from: string): Promise<FamilyMovePlan> {
  const request = requestOf(project, from)
  const [found] = await readDatabases(project, (store, database) => planFamilyMove(request, database, store))
  if (found === undefined) throw new Error('the family has a database')
  return found.plan
}

/** Planned again under the lock: what exists then is moved. */
async function move(project: ShardProject, context: Context, from: string): Promise<FamilyMovePlan> {
  const request = requestOf(project, from)
  const { seen } = await changeReachable(project, context, async (store, database) => {
    await store.createRegistry()
    const planned = await planFamilyMove(request, database, store)
    await store.moveFamily(planned.move)
    return planned.plan
  })
  const [done] = seen
  if (done === undefined) throw new Error('the family has a database')
  return done
}
