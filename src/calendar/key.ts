import { ToolError } from '../core/tool-error.ts'

const decimal = /^(?:0|[1-9]\d{0,19})$/

/** The largest value of BIGINT UNSIGNED. */
const largest = 2n ** 64n - 1n

/**
 * Whether `text` is a shard key of a family of keys: a whole number of 0 to 18446744073709551615 in decimal, without sign,
 * leading zeros or spaces. Keys become names of tables, so nothing else is let through.
 */
export function isKey(text: string): boolean {
  return decimal.test(text) && BigInt(text) <= largest
}

/** @throws ToolError `KEY_INVALID` for what `isKey` refuses. */
export function requireKey(text: string): void {
  if (isKey(text)) return
  throw new ToolError('KEY_INVALID', {
    what: `${quoteHostile(text)} is no shard key.`,
    why: 'A key is a whole number from 0 to 18446744073709551615, written in decimal without sign, spaces or leading zeros.',
    next: 'Give the value of the integer column that the family is divided by.',
  })
}

/** Control characters spelled out and length bounded: the text may be anything. */
export function quoteHostile(text: string): string {
  const shown = JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
  return shown.length > 80 ? `${shown.slice(0, 77)}..."` : shown
}
