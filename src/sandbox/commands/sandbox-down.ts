import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { inspectStores, stopStores } from '../../stores/sandbox/sandbox-stores.ts'
import { readState } from '../folder.ts'
import { stopSandbox } from '../status.ts'
import { sandboxResult } from './sandbox-status.ts'

/** Ends the local server and waits for its end. Its data stays, unless its removal is asked for and confirmed. */
export const command = defineCommand({
  name: 'sandbox down',
  group: 'Databases and projects',
  summary: 'stop the local MySQL',
  purpose: 'Stops the server that `sandbox up` started. Its data stays unless `--remove` is given.',
  examples: [
    { command: 'wwdb sandbox down', purpose: 'stop it, keep the data' },
    { command: 'wwdb sandbox down --remove --yes', purpose: 'stop it and remove the data' },
  ],
  flags: { Data: { remove: { description: 'remove the data as well' } } },
  exitCodes: exitCodesOf.project,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  async run({ remove = false }, context) {
    const { directory, url } = (await context.config()).sandbox
    if (url !== null) {
      throw new ToolError('SANDBOX_FAILED', {
        what: 'The sandbox is a server that was given by URL; wwdb did not start it and cannot stop it.',
        next: 'Stop it as it was started, or unset sandbox.url and WWDB_SANDBOX_URL.',
      })
    }
    if (remove && (await readState(directory)) !== null) {
      await context.confirm({
        what: `All data of the sandbox in \`${directory}\` will be removed.`,
        level: 'moderate',
        name: 'sandbox',
      })
    }
    await stopStores(directory, { remove })
    const state = await stopSandbox(directory, { remove })
    const report =
      state === null || remove ? ({ state: 'absent' } as const) : ({ state: 'stopped', sandbox: state } as const)
    return { result: sandboxResult(report, directory, await inspectStores(directory)), exitCode: exitCodes.done }
  },
})
