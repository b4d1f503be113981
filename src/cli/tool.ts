import { openSecretRegistry } from './context.ts'
import { guessGlobals, readGlobals } from './globals.ts'
import { defaultHelpWidth } from './help/layout.ts'
import { runInvocation } from './invocation.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import { parseCommandLine } from './program.ts'
import { exitCodeOfError, openReporter } from './reporting.ts'

/** Runs a command line and returns the exit code. Anything that a command throws is reported. */
export async function runTool(host: ProcessEnvironment): Promise<number> {
  let globals = guessGlobals(host.argv, host.environment)
  try {
    const invocation = parseCommandLine(host.argv, helpWidth(host))
    if (invocation.type === 'text') {
      host[invocation.stream].write(invocation.content)
      return invocation.exitCode
    }
    globals = readGlobals(invocation.globals, host.environment)
    return await runInvocation(host, invocation, globals)
  } catch (error) {
    const reporter = await openReporter(host, globals, openSecretRegistry(globals))
    reporter.error(error)
    reporter.close()
    return exitCodeOfError(error)
  }
}

/** Help is as wide as the terminal, within reason. */
function helpWidth({ out }: ProcessEnvironment): number {
  const columns = out.isTTY === true ? (out.columns ?? 0) : 0
  return columns > 0 ? Math.max(60, Math.min(columns, defaultHelpWidth)) : defaultHelpWidth
}
