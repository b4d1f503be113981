import { camelCase, type FlagEntry, flagsOf } from '../cli/command-entry.ts'
import { globalFlags } from '../cli/global-flags.ts'
import { findCommand } from '../cli/registry.ts'

/** Global flags under another name than the command line's, which abbreviates. */
const renamed: Readonly<Record<string, string>> = { environment: 'env', targets: 'target' }

/**
 * A command line that says what the options say: each is checked where the flag of the command line is. Throws TypeError for an option that the
 * command has not, or whose value no flag can have.
 */
export function wordsOf(command: string, options: Readonly<Record<string, unknown>>): readonly string[] {
  const entry = findCommand(command)
  if (entry === undefined) throw new TypeError(`wwdb has no command ${command}`)
  const flags = new Map(
    [...flagsOf({ flags: globalFlags }), ...flagsOf(entry)].map((flag) => [camelCase(flag.long), flag]),
  )
  const given = Object.entries(options).flatMap(([name, value]) => {
    const flag = flags.get(renamed[name] ?? name)
    if (flag === undefined) throw new TypeError(`wwdb ${command} has no option ${name}`)
    return wordsOfFlag(name, flag, value)
  })
  return [...command.split(' '), '--json', '--no-input', ...given]
}

function wordsOfFlag(name: string, flag: FlagEntry, value: unknown): readonly string[] {
  if (value === undefined || value === false) return []
  if (flag.value === undefined) {
    if (value === true) return [`--${flag.long}`]
  } else {
    const values: readonly unknown[] = Array.isArray(value) && flag.repeatable === true ? value : [value]
    const texts = values.filter((one) => typeof one === 'string' || typeof one === 'number')
    if (texts.length === values.length) return texts.map((text) => `--${flag.long}=${text}`)
  }
  throw new TypeError(`the option ${name} of wwdb cannot be ${JSON.stringify(value)}`)
}
