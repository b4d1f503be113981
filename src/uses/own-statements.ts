import { tokenize } from '../sql/tokens.ts'
import type { DigestRow } from './ports.ts'

/** A statement of the project's files, and when wwdb ran it; milliseconds since 1970. */
export interface RanText {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** Clocks of a server and its journal are one; the row of a statement is written a moment before and after it. */
const slack = 2000

/** How often wwdb itself has run statements of this digest: those that the run's own code marks, and those of migrations while they ran. */
export function countOwn(row: DigestRow, ran: readonly RanText[]): number {
  if (isMarked(row)) return row.count
  const shape = shapeOf(row.sample)
  return ran.filter(
    ({ text, from, to }) =>
      from - slack <= row.lastSeen && to + slack >= row.firstSeen && isShape(shape, shapeOf(text)),
  ).length
}

/** The statement by which pt-online-schema-change copies, as a digest prints it: of a wide table, the sample is cut before the comment at its end. */
const copying = /^INSERT LOW_PRIORITY IGNORE INTO (?:`[^`]+` \. )?`_+[^`]+_new` \(/i

/** Statements that wwdb sends for itself name a table or an alias `wwdb_...`, or carry its name as a hint; those of the tool that copies for it carry the tool's name. */
function isMarked({ text, sample }: DigestRow): boolean {
  if (sample.includes('/*pt-online-schema-change ') || copying.test(text)) return true
  if (!/wwdb/i.test(text) && !/wwdb/i.test(sample)) return false
  if (/\/\*\+[^*]*QB_NAME\s*\(\s*`?wwdb`?\s*\)/i.test(text)) return true
  return tokenize(text).some((token) => token.type === 'name' && token.text.toLowerCase().startsWith('wwdb_'))
}

const shapes = new Map<string, string>()

/** The statement with `?` for each literal; rows and lists of them count as one. */
function shapeOf(text: string): string {
  const known = shapes.get(text)
  if (known !== undefined) return known
  const words = tokenize(text).map((token) =>
    token.type === 'string' ||
    token.type === 'number' ||
    (token.type === 'word' && /^(?:null|true|false)$/i.test(token.text))
      ? '?'
      : token.type === 'word'
        ? token.text.toUpperCase()
        : token.text,
  )
  const shape = words
    .join(' ')
    .replace(/- \?/g, '?')
    .replace(/\?(?: , \?)+/g, '?')
    .replace(/(\( \? \))(?: , \( \? \))+/g, '$1')
  if (shapes.size > 2000) shapes.clear()
  shapes.set(text, shape)
  return shape
}

/** A sample that the server cut is compared as far as it goes. */
function isShape(sample: string, own: string): boolean {
  if (sample === own) return true
  const cut = /^(.{40,}) (?:\S+ )?\. \. \.$/s.exec(sample)?.[1]
  return cut !== undefined && own.startsWith(cut.split(' ').slice(0, -1).join(' '))
}
