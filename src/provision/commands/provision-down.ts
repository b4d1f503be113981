import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { toRemoved } from '../collect-garbage.ts'
import { withProvision } from '../provision-context.ts'
import { removeSet } from '../remove-set.ts'
import { setFlags } from './provision-set.ts'

/** `wwdb provision down`: drops a set that the registry has, for its owner. */
export const command = defineCommand({
  name: 'provision down',
  group: 'Stores and environments',
  summary: 'drop a set',
  purpose:
    'Drops a set that the registry of the server has, with all that is in its schemas. A name that is not there, and ' +
    'a set of another owner, is refused.',
  examples: [
    { command: 'wwdb provision down pr_123', purpose: 'one of your own' },
    { command: 'wwdb provision down pr_123 --owner ci@runner-7', purpose: "another's, knowingly" },
  ],
  arguments: { name: { description: 'of the set', required: true } },
  flags: { 'The set': { owner: setFlags.owner } },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run({ name, owner }, context) {
    return withProvision(context, async (provision) => {
      const record = await removeSet(provision, name, owner ?? context.process.person)
      const removed = [toRemoved({ record, why: 'it was asked for' })]
      return { result: { kind: 'provision-removal', dryRun: false, removed, failed: [] }, exitCode: exitCodes.done }
    })
  },
})
