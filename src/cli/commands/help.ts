import * as z from 'zod/mini'
import type { CommandResult } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { commandHelp } from '../help/command-help.ts'
import { defaultHelpWidth } from '../help/layout.ts'
import { familyHelp, programHelp } from '../help/program-help.ts'
import { families, findCommand } from '../registry/registry.ts'
import { explainUnknownCommand } from '../usage-error.ts'

export const input = z.strictObject({ command: z._default(z.array(z.string()).check(z.maxLength(2)), []) })

/** The same text as --help, as an answer. Throws ToolError `USAGE` for a command that does not exist. */
export async function run({ command }: z.infer<typeof input>): Promise<CommandResult> {
  return {
    result: { kind: 'document', format: 'text', content: helpOf(command.join(' ')) },
    exitCode: exitCodes.done,
  }
}

function helpOf(name: string): string {
  const entry = findCommand(name)
  if (name === '') return programHelp(defaultHelpWidth)
  if (entry !== undefined) return commandHelp(entry, defaultHelpWidth)
  if (Object.hasOwn(families, name)) return familyHelp(name, defaultHelpWidth)
  throw explainUnknownCommand(name)
}
