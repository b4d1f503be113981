import { redactText } from '../config/redact.ts'
import { quoteWord } from '../core/shell-word.ts'

/** One item that was given on the command line. */
export interface GivenWord {
  /** As it is typed: `--to`; empty for an argument. */
  readonly flag: string
  /** A switch has no value. */
  readonly value: unknown
}

/** Flags whose value is usually a URL with a password. */
const secretFlags: ReadonlySet<string> = new Set(['--url', '--redis'])

/**
 * A command's flags and arguments as one text, for people. Of URLs only host and path remain; of a program only its name, because its arguments may hold
 * anything. Other secrets are masked by their text.
 */
export function describeGiven(words: readonly GivenWord[], secrets: readonly string[]): string {
  const text = words.flatMap(describeWord).join(' ')
  return redactText(text, secrets)
}

function describeWord({ flag, value }: GivenWord): readonly string[] {
  if (flag === '' && Array.isArray(value)) return value.length > 1 ? [quote(value[0]), '...'] : value.map(quote)
  if (value === true) return [flag]
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  const shown = secretFlags.has(flag) ? values.map(() => '***') : values.map(quote)
  return flag === '' ? shown : shown.map((one) => `${flag} ${one}`)
}

function quote(value: unknown): string {
  return quoteWord(String(value))
}
