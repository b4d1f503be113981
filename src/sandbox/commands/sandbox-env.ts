import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { storeVariables } from '../../stores/sandbox/sandbox-stores.ts'
import { sandboxEnvironment } from '../environment.ts'
import { readSandbox } from '../status.ts'

/** Prints the lines that make a shell use the sandbox. One that does not run has none: a shell must not be led astray. */
export const command = defineCommand({
  name: 'sandbox env',
  group: 'Databases and projects',
  summary: 'print the variables that select the local MySQL',
  purpose:
    'Prints lines for a shell that make wwdb, and anything else that reads WWDB_URL, use the sandbox. Where the project declares stores, the lines name only these.',
  examples: [
    { command: 'eval "$(wwdb sandbox env)"', purpose: 'in this shell' },
    { command: 'wwdb sandbox env > .env.local', purpose: 'keep them in a file' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_options, context) {
    const config = await context.config()
    const { directory, url } = config.sandbox
    const given = url?.reveal() ?? null
    const report = await readSandbox(directory, given)
    if (report.state !== 'running') {
      throw new ToolError('SANDBOX_FAILED', {
        what: 'The sandbox is not running.',
        next: 'Start it with `wwdb sandbox up`.',
      })
    }
    const content = sandboxEnvironment(report.sandbox, directory, given, await storeVariables(directory, config))
    return { result: { kind: 'document', format: 'text', content }, exitCode: exitCodes.done }
  },
})
