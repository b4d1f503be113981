import { InvalidArgumentError } from 'commander'
import type { FlagEntry } from './command-entry.ts'

/**
 * Reads the text of a flag: an integer in its range, a text as it must be, or a list of them. Throws commander's
 * InvalidArgumentError with a sentence that explains what the value must be.
 */
export function readFlag(flag: FlagEntry, text: string, previous: unknown): unknown {
  if (flag.repeatable !== true) return readOne(flag, text)
  const before: readonly unknown[] = Array.isArray(previous) ? previous : []
  return [...before, ...splitValues(text).map((one) => readOne(flag, one))]
}

/** An empty name, as of a variable that a script lacks, must not come to mean all. */
function splitValues(text: string): readonly string[] {
  const values = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (values.length === 0) throw new InvalidArgumentError('It must not be empty.')
  return values
}

function readOne(flag: FlagEntry, text: string): string | number {
  return flag.type === 'integer' ? readInteger(flag, text) : readText(flag, text)
}

function readInteger({ min = 0, max }: FlagEntry, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  const value = Number(text)
  if (max !== undefined && (value < min || value > max))
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`)
  if (value < min) throw new InvalidArgumentError(`It must be ${min} or more.`)
  return value
}

function readText({ choices, minLength = 0, maxLength, pattern }: FlagEntry, text: string): string {
  if (choices !== undefined && !choices.includes(text))
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`)
  if (text.length < minLength) throw new InvalidArgumentError('It must not be empty.')
  if (maxLength !== undefined && text.length > maxLength)
    throw new InvalidArgumentError(`It must have at most ${maxLength} characters.`)
  if (pattern !== undefined && !new RegExp(`^(?:${pattern.source})$`).test(text))
    throw new InvalidArgumentError(pattern.meaning)
  return text
}
