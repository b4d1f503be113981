import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { toRemoved } from '../collect-garbage.ts'
import { existingFlags, refuseUnnamed } from '../environment-flags.ts'
import { withProvision } from '../provision-context.ts'
import { removeEnvironment } from '../remove-environment.ts'

/** `wwdb provision down`: drops a test environment that the registry has, for its owner. */
export const command = defineCommand({
  name: 'provision down',
  group: 'Stores and environments',
  summary: 'drop a test environment',
  purpose:
    'Drops a test environment that the registry of the server has, with everything in its schemas. Refuses an ' +
    'unknown name, and a test environment of another owner.',
  examples: [
    { command: 'wwdb provision down --name pr_123', purpose: 'one of your own' },
    { command: 'wwdb provision down --name pr_123 --owner ci@runner-7', purpose: "another's, knowingly" },
  ],
  flags: {
    'The test environment': existingFlags,
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run({ name, owner }, context) {
    const environment = refuseUnnamed(name)
    return withProvision(context, async (provision) => {
      const record = await removeEnvironment(provision, environment, owner ?? context.process.person)
      const removed = [toRemoved({ record, why: 'it was asked for' })]
      return { result: { kind: 'provision-removal', dryRun: false, removed, failed: [] }, exitCode: exitCodes.done }
    })
  },
})
