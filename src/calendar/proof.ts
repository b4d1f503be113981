import type { Division, PeriodKind } from '../core/shard-family.ts'
import { longestName, type PatternPart, refusePattern, type Token, tokensOf } from './pattern.ts'

/** The tokens that a name must have, each once, so that the name gives the key and repeats no part of it. */
const needed: Readonly<Record<PeriodKind | 'key', readonly Token[]>> = {
  day: ['YYYY', 'MM', 'DD'],
  week: ['GGGG', 'WW'],
  month: ['YYYY', 'MM'],
  quarter: ['YYYY', 'Q'],
  year: ['YYYY'],
  key: ['key'],
}

const usual: Readonly<Record<PeriodKind | 'key', string>> = {
  day: '{YYYYMMDD}',
  week: '{GGGG}w{WW}',
  month: '{YYYYMM}',
  quarter: '{YYYY}q{Q}',
  year: '{YYYY}',
  key: '{key}',
}

/** MySQL's longest identifier. */
const longestIdentifier = 64

/**
 * InnoDB derives the names of a table's foreign keys and checks from the table's name, and renames them with it:
 * `<table>_ibfk_12`.
 */
const generatedSuffix = '_ibfk_99'

/** The longest name that a shard, or its hold name, may have. */
export const longestTable = longestIdentifier - generatedSuffix.length

/** Names that the tool itself assigns: those of retention and of the registry. */
const ownNames = /^(?:_|wwdb_)/

/**
 * Proves that a pattern gives each key of a division one name and each name one key: every token that a key is made of
 * occurs in it once, and only the last of them, the key, has no fixed width. Names may contain only characters that every server and every file system keeps as they are.
 * @throws ToolError `NAME_PATTERN`.
 */
export function proveOneToOne(pattern: string, parts: readonly PatternPart[], division: Division): void {
  const subject = division.type === 'key' ? 'key' : division.kind
  const why = findLetterFault(parts) ?? findTokenFault(tokensOf(parts), subject) ?? findLengthFault(parts)
  if (why !== null)
    throw refusePattern(pattern, why, `For a ${subject} the usual pattern is "<family>_${usual[subject]}".`)
}

function findTokenFault(tokens: readonly Token[], subject: PeriodKind | 'key'): string | null {
  const wanted = needed[subject]
  if (subject === 'week' && tokens.includes('YYYY')) {
    return '{YYYY} is the calendar year, {WW} a week of the ISO year: 2024-12-30 and 2024-01-01 would both be week 01 of 2024. The year of an ISO week is {GGGG}.'
  }
  const missing = wanted.find((token) => !tokens.includes(token))
  if (missing !== undefined) return `It lacks {${missing}}: several ${subject}s would have the same name.`
  const other = tokens.find((token) => !wanted.includes(token))
  if (other !== undefined) return `{${other}} has no meaning in the name of a ${subject}.`
  const repeated = tokens.find((token, place) => tokens.indexOf(token) !== place)
  return repeated === undefined ? null : `{${repeated}} occurs in it twice.`
}

function findLetterFault(parts: readonly PatternPart[]): string | null {
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const strange = /[^a-z0-9_]/u.exec(text)?.[0]
  if (strange !== undefined && /[A-Z]/.test(strange)) {
    return `It contains the capital ${JSON.stringify(strange)}: MySQL preserves case on some systems and folds it on others.`
  }
  if (strange !== undefined)
    return `It contains ${JSON.stringify(strange)}: names of shards must consist of a to z, 0 to 9 and "_".`
  const first = parts[0]
  if (first?.type !== 'text' || !/^[a-z_]/.test(first.text)) return 'It does not begin with a letter.'
  return ownNames.test(first.text) ? 'Names that start with `_` or `wwdb_` are reserved for wwdb.' : null
}

function findLengthFault(parts: readonly PatternPart[]): string | null {
  const length = longestName(parts)
  if (length <= longestTable) return null
  return `Its names have up to ${length} characters. MySQL allows ${longestIdentifier}, of which InnoDB needs ${generatedSuffix.length} for the names of foreign keys.`
}
