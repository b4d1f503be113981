import { defineCommand } from '../../core/command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { commandHelp } from '../help/command-help.ts'
import { defaultHelpWidth } from '../help/layout.ts'
import { familyHelp, globalFlagsHelp, programHelp } from '../help/program-help.ts'
import { families, findCommand } from '../registry.ts'
import { unknownCommand } from '../usage-error.ts'

/** The same text as --help, as an answer. Throws ToolError `USAGE` for a command that does not exist. */
export const command = defineCommand({
  name: 'help',
  group: 'About wwdb',
  summary: 'the help of wwdb or of one command',
  purpose:
    'Prints the same as --help; `wwdb help flags` explains the flags that every command takes, and the exit codes.',
  examples: [
    { command: 'wwdb help', purpose: 'the list of commands' },
    { command: 'wwdb help db create', purpose: 'one command' },
    { command: 'wwdb help flags', purpose: 'the flags of every command' },
  ],
  arguments: {
    command: { description: 'the command, in one or two words, or flags', required: false, variadic: true },
  },
  exitCodes: exitCodesOf.tool,
  interruption: 'at-once',
  writes: false,
  connects: false,
  async run({ command }) {
    return {
      result: { kind: 'document', format: 'text', content: helpOf(command.join(' ')) },
      exitCode: exitCodes.done,
    }
  },
})

function helpOf(name: string): string {
  const entry = findCommand(name)
  if (name === 'flags') return globalFlagsHelp(defaultHelpWidth)
  if (name === '') return programHelp(defaultHelpWidth)
  if (entry !== undefined) return commandHelp(entry, defaultHelpWidth)
  if (Object.hasOwn(families, name)) return familyHelp(name, defaultHelpWidth)
  throw unknownCommand('wwdb', name)
}
