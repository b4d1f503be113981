import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { environmentFlags } from '../environment-flags.ts'
import { type Provision, withProvision } from '../provision-context.ts'
import { provisionEnvironment } from '../provision-environment.ts'
import { removeEnvironment } from '../remove-environment.ts'
import { variablesOf } from '../variables.ts'

/**
 * `wwdb provision exec`: a test environment for one program, dropped when it ends. Its name stays held: if this process
 * is killed, the next gc finds it.
 */
export const command = defineCommand({
  name: 'provision exec',
  group: 'Stores and environments',
  summary: 'run a program with its own test environment',
  purpose:
    'Creates a test environment, runs a program with its variables in the environment, and drops it again, however ' +
    'the program ends. The exit code is that of the program; signals are passed on to it.',
  examples: [
    { command: 'wwdb provision exec -- npm test', purpose: 'the tests of a service' },
    {
      command: 'wwdb provision exec --commit origin/main -- wwdb lint --since origin/main --server',
      purpose: 'try what a branch adds on the databases as of the branch that it is for',
    },
    { command: 'wwdb provision exec --name try -- mysql', purpose: 'look around in a fresh test environment' },
  ],
  arguments: { command: { description: 'the program and its arguments, after --', required: true, variadic: true } },
  flags: { 'The test environment': environmentFlags },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run({ command, ...options }, context) {
    return withProvision(context, async (provision) => {
      const { name, config } = await provisionEnvironment(context, provision, options, 'process')
      try {
        if (context.stop.requested) throw stoppedBefore(command)
        const variables = variablesOf(
          provision.config,
          { name, prefix: config.prefix, stores: options.with ?? [] },
          true,
        )
        const environment = Object.fromEntries(variables.map((one) => [one.name, one.value]))
        const code = await context.process.runProgram(command, environment)
        return { result: { kind: 'program', command: command[0] ?? '', code }, exitCode: exitCodes.done }
      } finally {
        await removeOrWarn(context, provision, name, options.owner ?? context.process.person)
      }
    })
  },
})

function stoppedBefore([program = '']: readonly string[]): ToolError {
  return new ToolError('STOPPED', { what: `Stopped before ${program} was run; the test environment was dropped.` })
}

/** What the program printed must not be lost because a schema could not be dropped: gc drops it later. */
async function removeOrWarn(context: Context, provision: Provision, name: string, owner: string): Promise<void> {
  try {
    await removeEnvironment(provision, name, owner)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `The test environment \`${name}\` is not dropped yet: ${why.replace(/\.$/, '')}. \`wwdb provision gc\` drops it.`
    context.emit({ type: 'warning', message, target: null })
  }
}
