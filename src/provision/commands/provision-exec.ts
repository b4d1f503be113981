import { defineCommand } from '../../core/command.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Provision, withProvision } from '../provision-context.ts'
import { removeSet } from '../remove-set.ts'
import { variablesOf } from '../variables.ts'
import { raise, setFlags } from './provision-set.ts'

/**
 * `wwdb provision exec`: a set for one program, dropped when it ends. The set's name is held all the while: if this process
 * is killed, the next gc finds it.
 */
export const command = defineCommand({
  name: 'provision exec',
  group: 'Stores and environments',
  summary: 'run a program with a set of its own',
  purpose:
    'Makes a set, runs a program with its variables in the environment, and drops it again, however the program ' +
    "ends. The exit code is the program's; signals are passed on to it.",
  examples: [
    { command: 'wwdb provision exec -- npm test', purpose: 'the tests of a service' },
    { command: 'wwdb provision exec --name try -- mysql', purpose: 'look around in a fresh set' },
  ],
  arguments: { command: { description: 'the program and its words, behind --', required: true, variadic: true } },
  flags: { 'The set': setFlags },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  stores: true,
  run({ command, ...wish }, context) {
    return withProvision(context, async (provision) => {
      const { name, config } = await raise(context, provision, wish, 'process')
      try {
        if (context.stop.requested) throw stoppedBefore(command)
        const variables = variablesOf(provision.config, { name, prefix: config.prefix, stores: wish.with ?? [] }, true)
        const environment = Object.fromEntries(variables.map((one) => [one.name, one.value]))
        const code = await context.process.runProgram(command, environment)
        return { result: { kind: 'program', command: command[0] ?? '', code }, exitCode: exitCodes.done }
      } finally {
        await removeOrWarn(context, provision, name, wish.owner ?? context.process.person)
      }
    })
  },
})

function stoppedBefore([program = '']: readonly string[]): ToolError {
  return new ToolError('STOPPED', { what: `Stopped before ${program} was run; the set is dropped again` })
}

/** What the program said must not be lost for a schema that would not go: gc takes it. */
async function removeOrWarn(context: Context, provision: Provision, name: string, owner: string): Promise<void> {
  try {
    await removeSet(provision, name, owner)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `The set "${name}" is not dropped yet: ${why}. \`wwdb provision gc\` drops it.`
    context.emit({ type: 'warning', message, target: null })
  }
}
