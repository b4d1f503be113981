import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { inspectStores } from '../../stores/sandbox/sandbox-stores.ts'
import { readSandbox } from '../status.ts'
import { sandboxResult } from './sandbox-result.ts'

/** Says whether the local server runs, what it is and how to reach it; changes nothing. */
export const command = defineCommand({
  name: 'sandbox status',
  group: 'Databases and projects',
  summary: 'whether the local MySQL runs, and how it was found',
  purpose: 'Shows whether the sandbox runs, which server it is, where its data lies and how to reach it.',
  examples: [
    { command: 'wwdb sandbox status', purpose: 'for a person' },
    { command: 'wwdb sandbox status --json', purpose: 'for a program' },
  ],
  exitCodes: exitCodesOf.project,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run(_options, context) {
    const { directory, url } = (await context.config()).sandbox
    const report = await readSandbox(directory, url?.reveal() ?? null)
    return { result: sandboxResult(report, directory, await inspectStores(directory)), exitCode: exitCodes.done }
  },
})
