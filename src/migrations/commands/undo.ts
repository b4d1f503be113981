import { defineCommand } from '../../command/define-command.ts'
import { dryRun, throttling } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { countOf } from '../../core/plural.ts'
import { listRefused, listUndone } from '../undo/list-undone.ts'
import { findKeptBatches, isCountedAgain, type KeptBatch, undoBatches } from '../undo/undo-batches.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb undo`: puts back what the batches of a migration changed, where nobody changed it since. */
export const command = defineCommand({
  name: 'undo',
  group: 'Migrations',
  summary: 'take back what batches did to rows that nobody changed since',
  purpose:
    'A batch with the line `-- wwdb:undo` keeps each row as it was before, and each row that it adds. This puts back the rows that nobody changed since, compared with what the batch wrote, ' +
    'removes those that it added, and names the rest by their keys. It goes on where an earlier attempt ended, and puts no row back twice. The migration stays as it is recorded: applied, or pending after the undo of batches of its down part.',
  examples: [
    {
      command: 'wwdb undo 20260301000000 --dry-run',
      purpose: 'count the rows that would be put back, and those that others changed',
    },
    { command: 'wwdb undo 20260301000000 -t user_db', purpose: 'put them back' },
  ],
  arguments: { version: { description: 'the migration', required: true } },
  flags: { Safety: { dryRun }, 'Load of servers': throttling },
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run({ version, dryRun: isRehearsal = false }, context) {
    const access = { writable: !isRehearsal, missing: 'skip' } as const
    return withTargets(context, access, async (config, open) => {
      const confirm = async (batches: readonly KeptBatch[]): Promise<void> => {
        const what = describeUndo(version, batches)
        await context.confirm({ what, level: config.protected ? 'severe' : 'moderate', name: 'undo' })
      }
      const { batches, refused } = isRehearsal
        ? await findKeptBatches(open, version)
        : await undoBatches(context, config, open, { version, confirm })
      const tables = await listUndone(batches, !isRehearsal)
      const others = listRefused(refused)
      const isWhole = tables.every(({ left }) => left === 0) && others.every(({ isOver }) => isOver)
      const rest = {
        ...(others.length === 0 ? {} : { refused: others }),
        ...(isRehearsal && batches.some((one) => isCountedAgain(one, batches)) ? { countsAgain: true as const } : {}),
      }
      return {
        result: { kind: 'undo', version, tables, ...rest, dryRun: isRehearsal },
        exitCode: isRehearsal || isWhole ? exitCodes.done : exitCodes.findings,
      }
    })
  },
})

/** More tables than this are counted. */
const mostNamed = 3

/** The question before rows are put back. */
function describeUndo(version: string, batches: readonly KeptBatch[]): string {
  const own = batches.filter(({ counts }) => counts.ready > 0)
  const isAdded = ({ record }: KeptBatch): boolean => record.kept.verb === 'INSERT'
  const [added, changed] = [own.filter(isAdded), own.filter((batch) => !isAdded(batch))]
  const left = batches.reduce((sum, { counts: { changed, gone, taken } }) => sum + changed + gone + taken, 0)
  const rest =
    left === 0
      ? ''
      : ` ${countOf(left, 'row')} that others changed since ${left === 1 ? 'stays' : 'stay'} as they are now.`
  const again = batches.some((one) => isCountedAgain(one, batches))
    ? ' An earlier batch of the same table is counted again after the later one, and more rows are asked about again.'
    : ''
  const parts = [
    ...(changed.length === 0
      ? []
      : [`puts back ${describeRows(changed)} as they were before ${describePart(version, changed)}`]),
    ...(added.length === 0 ? [] : [`deletes ${describeRows(added)} that ${describePart(version, added)} added`]),
  ]
  return `This ${parts.join(', and ')}.${rest}${again}`
}

function describeRows(batches: readonly KeptBatch[]): string {
  const ready = batches.reduce((sum, { counts }) => sum + counts.ready, 0)
  const names = [...new Set(batches.map(({ record }) => `\`${record.kept.table}\``))]
  return `${countOf(ready, 'row')} of ${names.length > mostNamed ? countOf(names.length, 'table') : names.join(', ')}`
}

function describePart(version: string, batches: readonly KeptBatch[]): string {
  const isDown = batches.some(({ record }) => record.direction === 'down')
  const isUp = batches.some(({ record }) => record.direction === 'up')
  if (!isDown) return version
  return isUp ? `the down part of ${version}, and before its up part` : `the down part of ${version}`
}
