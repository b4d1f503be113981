import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { toRemoved } from '../collect-garbage.ts'
import { environmentFlags } from '../environment-flags.ts'
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
    'The test environment': {
      name: { value: 'NAME', description: 'name of the test environment' },
      owner: environmentFlags.owner,
    },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run({ name, owner }, context) {
    if (name === undefined) {
      const next = 'Give it with `--name`; `wwdb provision list` lists them.'
      throw new ToolError('USAGE', { what: 'No test environment is given.', next })
    }
    return withProvision(context, async (provision) => {
      const record = await removeEnvironment(provision, name, owner ?? context.process.person)
      const removed = [toRemoved({ record, why: 'it was asked for' })]
      return { result: { kind: 'provision-removal', dryRun: false, removed, failed: [] }, exitCode: exitCodes.done }
    })
  },
})
