import { flagsOf } from './command-entry.ts'
import { openSecretRegistry } from './context.ts'
import { formats, guessGlobals, readGlobals } from './globals.ts'
import { defaultHelpWidth } from './help/layout.ts'
import { runInvocation } from './invocation.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import { parseCommandLine, type RunInvocation } from './program.ts'
import { exitCodeOfError, openReporter } from './reporting.ts'
import { newRunId } from './run-trail.ts'
import { usageError } from './usage.ts'

/** Runs a command line and returns the exit code. Anything that a command throws is reported. */
export async function runTool(host: ProcessEnvironment): Promise<number> {
  let globals = guessGlobals(host.argv, host.environment)
  try {
    const invocation = parseCommandLine(host.argv, helpWidth(host))
    if (invocation.type === 'text') {
      host[invocation.stream].write(invocation.content)
      return invocation.exitCode
    }
    const asked = divideFormat(invocation)
    globals = readGlobals(asked.globals, host.environment)
    return await runInvocation(host, asked, globals)
  } catch (error) {
    const reporter = await openReporter(host, globals, openSecretRegistry(globals), newRunId(host))
    reporter.error(error)
    reporter.close()
    return exitCodeOfError(error)
  }
}

/**
 * A command with its own formats, such as `lint`, receives the given one; where it is not a general format, the answer is printed as it
 * is. Throws ToolError `USAGE` for a format that the command does not have.
 */
function divideFormat(invocation: RunInvocation): RunInvocation {
  const { entry, input, globals } = invocation
  const format = input['format'] ?? globals['format']
  if (typeof format !== 'string') return invocation
  const isGeneral = formats.some((general) => general === format)
  const own = flagsOf(entry).find(({ long }) => long === 'format')
  const known: readonly string[] = own?.choices ?? formats
  if (!known.includes(format)) {
    throw usageError(
      `\`wwdb ${entry.name}\` has no format \`${format}\`.`,
      `wwdb ${entry.name}`,
      null,
      `It has \`${known.join('`, `')}\`.`,
    )
  }
  const withOwn = own === undefined ? input : { ...input, format }
  return { ...invocation, input: withOwn, globals: { ...globals, format: isGeneral ? format : 'human' } }
}

/** Help is as wide as the terminal, within limits. */
function helpWidth({ out }: ProcessEnvironment): number {
  const columns = out.isTTY === true ? (out.columns ?? 0) : 0
  return columns > 0 ? Math.max(60, Math.min(columns, defaultHelpWidth)) : defaultHelpWidth
}
