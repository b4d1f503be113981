import { defineCommand } from '../../command/define-command.ts'
import { dryRun, families } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { nameSome } from '../family-view.ts'
import { makeRotationWork, toRotationResult } from '../rotation/make-request.ts'
import { planRemoval, removeEmpty } from '../rotation/remove-empty.ts'
import { changeShards } from '../rotation/run-rotation.ts'

/** `wwdb shards remove --empty`: drops empty shards that rotation would not create, such as those a wrong clock left. Asks first. */
export const command = defineCommand({
  name: 'shards remove',
  group: 'Sharded tables',
  summary: 'drop empty shards that rotation would not create',
  purpose:
    'Drops empty shards of periods that rotation does not want: after its last period, or before the first row of ' +
    'their family. A wrong clock can leave such shards. They are listed first, and the command asks; each is ' +
    'renamed, checked again while no session can write to it, and then dropped, or gets its name back if it is ' +
    'not empty. Neither the current shard nor a protected one is removed, and none while clocks differ.',
  examples: [
    { command: 'wwdb shards remove --empty --dry-run', purpose: 'see which' },
    { command: 'wwdb shards remove --empty --family messages', purpose: 'of one family' },
  ],
  flags: {
    'What to remove': { empty: { description: 'shards without rows; nothing else is removed' }, family: families },
    Safety: { dryRun: { ...dryRun, description: 'show what would be removed, without writing anything' } },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run({ empty = false, family = [], dryRun: isRehearsal = false }, context) {
    if (!empty)
      throw new ToolError('USAGE', {
        what: 'Specify what to remove.',
        next: 'Give `--empty`: shards with rows are retired by their policy alone.',
      })
    const started = performance.now()
    const work = await makeRotationWork(context, { families: family, alone: true, ahead: 0, at: null })
    const shards = await planRemoval(work)
    if (isRehearsal || shards.length === 0)
      return { result: { kind: 'shard-removal', shards }, exitCode: exitCodes.done }
    await context.confirm({
      what: `This drops ${countOf(shards.length, 'empty shard')}: ${nameSome(shards.map(({ table }) => table))}.`,
      level: 'moderate',
      name: 'remove',
    })
    context.emit({ type: 'run-started', command: 'shards remove', targets: [] })
    const planned = new Set(shards.map((shard) => `${shard.family}/${shard.key}`))
    // Children before the tables that they reference.
    const report = await changeShards(work, (target, one) => removeEmpty(target, one, planned), 'children-first')
    return toRotationResult('shards remove', report, started)
  },
})
