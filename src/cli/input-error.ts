import { type Fault, ToolError } from '../core/tool-error.ts'
import type { InputIssue } from './command-modules.ts'
import { camelCase } from './program.ts'
import { type CommandEntry, flagsOf } from './registry/entry.ts'

/** Says which flags or arguments a command would not take, and why. All of them at once; exit code 64. */
export function explainInput(entry: CommandEntry, issues: readonly InputIssue[]): ToolError {
  return new ToolError(
    'USAGE',
    issues.map((issue) => explainIssue(entry, issue)),
  )
}

function explainIssue(entry: CommandEntry, { path, message }: InputIssue): Fault {
  const key = String(path[0] ?? '')
  const name = spellInput(entry, key)
  const choices = flagsOf(entry).find(({ long }) => camelCase(long) === key)?.choices
  const said = choices === undefined ? message : `it is one of ${choices.join(', ')}`
  const reason = /[.!?]$/.test(said) ? said : `${said}.`
  return {
    what: name === null ? `wwdb ${entry.name}: ${reason}` : `The value of ${name} is wrong: ${reason}`,
    next: `See wwdb ${entry.name} --help.`,
  }
}

/** `--lock-timeout` or `VERSION`: how a key of a command's input is written on the command line. */
function spellInput(entry: CommandEntry, key: string): string | null {
  const flag = flagsOf(entry).find(({ long }) => camelCase(long) === key)
  if (flag !== undefined) return `--${flag.long}`
  return entry.arguments.find(({ name }) => camelCase(name) === key)?.name.toUpperCase() ?? null
}
