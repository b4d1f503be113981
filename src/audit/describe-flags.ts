import { redactText } from '../config/redact.ts'

/** One thing that was given on the command line. */
export interface GivenWord {
  /** As it is typed: `--to`; empty for an argument. */
  readonly flag: string
  /** A switch has none. */
  readonly value: unknown
}

/** Flags whose value is a URL with a password in it, more often than not. */
const secretFlags: ReadonlySet<string> = new Set(['--url', '--redis'])

/**
 * A command's flags and arguments as one text, for people. URLs are left out but for their place; a program and its words are named by the program alone, as its
 * words may hold anything. What is secret elsewhere is masked by its text.
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

/** As a shell would take it. */
function quote(value: unknown): string {
  const text = String(value)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
