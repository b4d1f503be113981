import type { Division, PeriodKind } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { expressionOf, fill, type PatternPart, readPattern, type Token } from './pattern.ts'
import { isPeriod } from './period.ts'
import { proveOneToOne } from './proof.ts'

/** How the shards of a family are named: each key has one name, and each name one key. */
export interface ShardNaming {
  /** @throws ToolError `KEY_INVALID` for text that is not a key of the family's division. */
  readonly name: (key: string) => string
  /** The key that has exactly this name; null for any other name. */
  readonly parse: (table: string) => string | null
}

/**
 * Reads a pattern (`messages_{YYYYMM}`, `contacts_{key}`) and proves that it is one-to-one for a division.
 * @throws ToolError `NAME_PATTERN` with the reason. It has no `where`: the caller knows the file and the line.
 */
export function compileNaming(pattern: string, division: Division): ShardNaming {
  const parts = readPattern(pattern)
  proveOneToOne(pattern, parts, division)
  return division.type === 'key' ? nameByKey(parts) : nameByPeriod(parts, division.kind, division.zone)
}

function nameByKey(parts: readonly PatternPart[]): ShardNaming {
  const expression = expressionOf(parts)
  return {
    name: (key) => {
      requireKey(key)
      return fill(parts, () => key)
    },
    parse: (table) => {
      const key = expression.exec(table)?.groups?.['key']
      return key !== undefined && isKey(key) ? key : null
    },
  }
}

/** The formats of periods' keys (see domain/shards/shard.ts), written as patterns. */
const keyPatterns: Readonly<Record<PeriodKind, readonly PatternPart[]>> = {
  day: readPattern('{YYYY}-{MM}-{DD}'),
  week: readPattern('{GGGG}-W{WW}'),
  month: readPattern('{YYYY}-{MM}'),
  quarter: readPattern('{YYYY}-Q{Q}'),
  year: readPattern('{YYYY}'),
}

/** A key and a name are the same tokens between different texts: each is parsed into tokens and written from them. */
function nameByPeriod(parts: readonly PatternPart[], kind: PeriodKind, zone: string): ShardNaming {
  const key = { parts: keyPatterns[kind], expression: expressionOf(keyPatterns[kind]) }
  const table = { parts, expression: expressionOf(parts) }
  return {
    name: (text) => {
      const name = rewrite(text, key.expression, table.parts)
      if (name === null || !isPeriod(text, kind, zone)) throw refusePeriod(text, kind, zone)
      return name
    },
    parse: (name) => {
      const text = rewrite(name, table.expression, key.parts)
      return text !== null && isPeriod(text, kind, zone) ? text : null
    },
  }
}

function rewrite(text: string, expression: RegExp, parts: readonly PatternPart[]): string | null {
  const groups: Readonly<Partial<Record<string, string>>> | undefined = expression.exec(text)?.groups
  return groups === undefined ? null : fill(parts, (token: Token) => groups[token] ?? '')
}

const examples: Readonly<Record<PeriodKind, string>> = {
  day: '2026-12-01',
  week: '2026-W49',
  month: '2026-12',
  quarter: '2026-Q4',
  year: '2026',
}

function refusePeriod(text: string, kind: PeriodKind, zone: string): ToolError {
  return new ToolError('KEY_INVALID', {
    what: `${quoteHostile(text)} is not a valid ${kind} in ${zone}.`,
    why: `A ${kind === 'week' ? 'week (ISO 8601)' : kind} is written like ${examples[kind]}, and it must be in the calendar.`,
    next: `Give a ${kind} that exists, in the years 1000 to 9999.`,
  })
}

const decimal = /^(?:0|[1-9]\d{0,19})$/

/** The largest value of BIGINT UNSIGNED. */
const largest = 2n ** 64n - 1n

/**
 * Whether `text` is a shard key of a family of keys: a whole number of 0 to 18446744073709551615 in decimal, without sign,
 * leading zeros or spaces. Keys become names of tables, so nothing else is accepted.
 */
export function isKey(text: string): boolean {
  return decimal.test(text) && BigInt(text) <= largest
}

/** @throws ToolError `KEY_INVALID` for what `isKey` refuses. */
export function requireKey(text: string): void {
  if (isKey(text)) return
  throw new ToolError('KEY_INVALID', {
    what: `${quoteHostile(text)} is not a shard key.`,
    why: 'A key is a whole number from 0 to 18446744073709551615, written in decimal without sign, spaces or leading zeros.',
    next: 'Give the value of the integer column that the family is partitioned by.',
  })
}

/** Control characters are escaped and the length is bounded: the text may be anything. */
function quoteHostile(text: string): string {
  const shown = JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
  return shown.length > 80 ? `${shown.slice(0, 77)}..."` : shown
}
