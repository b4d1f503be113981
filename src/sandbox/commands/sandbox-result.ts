import type { Result } from '../../core/result.generated.ts'
import type { StoreReport } from '../../stores/sandbox/sandbox-stores.ts'
import { clientCommand, sandboxUrl } from '../environment.ts'
import type { SandboxState } from '../state.ts'
import type { SandboxReport } from '../status.ts'

/** What the commands of the sandbox answer. The URL is shown, so it holds no password: `sandbox env` names the file that does. */
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
