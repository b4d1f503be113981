import * as z from 'zod/mini'
import type { CommandResult, Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { type Provision, withProvision } from '../provision-context.ts'
import { removeSet } from '../remove-set.ts'
import { variablesOf } from '../variables.ts'
import { raise, setFlags } from './provision-set.ts'

export const input = z.strictObject({ ...setFlags, command: z.array(z.string()) })

/**
 * `wwdb provision exec`: a set for one program, dropped when it ends. The set's name is held all the while: if this process
 * is killed, the next gc finds it.
 */
export function run({ command, ...wish }: z.infer<typeof input>, context: Context): Promise<CommandResult> {
  return withProvision(context, async (provision) => {
    const { name, config } = await raise(context, provision, wish, 'process')
    try {
      if (context.stop.requested) throw stoppedBefore(command)
      const variables = variablesOf(provision.config, { name, prefix: config.prefix, stores: wish.with ?? [] }, true)
      const environment = Object.fromEntries(variables.map((one) => [one.name, one.value]))
      const code = await context.runProgram(command, environment)
      return { result: { kind: 'program', command: command[0] ?? '', code }, exitCode: exitCodes.done }
    } finally {
      await removeOrWarn(context, provision, name, wish.owner ?? context.person)
    }
  })
}

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
