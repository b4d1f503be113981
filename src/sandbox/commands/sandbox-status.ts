import { defineCommand } from '../../command/define-command.ts'
import type { Result } from '../../command/result.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { inspectStores, type StoreReport } from '../../stores/sandbox/sandbox-stores.ts'
import { clientCommand, sandboxUrl } from '../environment.ts'
import type { SandboxState } from '../folder.ts'
import { readSandbox, type SandboxReport } from '../status.ts'

/** Reports whether the local server runs, its version and its address; changes nothing. */
export const command = defineCommand({
  name: 'sandbox status',
  group: 'Databases and projects',
  summary: 'show the state of the local MySQL',
  purpose: 'Shows whether the sandbox is running, which server it is, where its data is and how to connect.',
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

/** The answers of the commands of the sandbox. The URL is shown, so it holds no password: `sandbox env` names the file that does. */
export function sandboxResult(report: SandboxReport, directory: string, stores: readonly StoreReport[]): Result {
  if (report.state === 'absent') {
    return {
      kind: 'sandbox',
      state: 'absent',
      provider: null,
      version: null,
      url: null,
      directory: null,
      stores,
      next: ['wwdb sandbox up'],
    }
  }
  const { state, sandbox } = report
  return {
    kind: 'sandbox',
    state,
    provider: sandbox.provider,
    version: sandbox.version,
    url: sandboxUrl(sandbox),
    directory: sandbox.provider === 'url' ? null : directory,
    stores,
    next: state === 'running' ? whatToDo(sandbox, directory) : ['wwdb sandbox up'],
  }
}

function whatToDo(sandbox: SandboxState, directory: string): readonly string[] {
  const always = ['eval "$(wwdb sandbox env)"', 'wwdb status']
  return sandbox.provider === 'url' ? always : [...always, clientCommand(sandbox, directory), 'wwdb sandbox down']
}
