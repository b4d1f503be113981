import type { Cell, Row } from '../../mysql/connection.ts'
import type { Pass } from '../journal/journal.ts'

/** Without a backslash, so that it means the same under every sql_mode. */
const newline = 'CHAR(10 USING utf8mb4)'

/**
 * One pass as one text, an expression over the journal rows grouped by `pass`. Statements close in order, so the highest closed one gives their number. With one
 * text per pass, a thousand passes are read in half the time that fourteen columns take. The only field that may contain a user's words is last.
 */
export const passText = `CONCAT_WS(${newline},pass,MAX(version),MAX(name),MAX(kind),MAX(direction),
MAX(checksum),MAX(total),MAX(IF(state='closed',statement+1,0)),SUM(state IN ('open','entered')),
MIN(opened_at),IFNULL(MAX(closed_at),''),CAST(SUM(milliseconds) AS SIGNED),MAX(tool_version),MAX(applied_by))`

/** The first fields of the text in a column: pass, version, name, kind and direction. */
export const passHead = (column: string, fields = 5): string => `SUBSTRING_INDEX(${column},${newline},${fields})`

const textOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/**
 * Texts that many passes share are stored once: for 200,000 passes they would otherwise take as much memory as
 * everything that differs.
 */
type Texts = Map<string, string>

/** As many passes are read as they come: copying their texts takes longer than it saves memory. */
const few = 5000

/** Reads all passes of a journal. */
export function toPasses(rows: readonly Row[]): readonly Pass[] {
  const texts: Texts | null = rows.length > few ? new Map() : null
  return rows.map(([cell]) => toPass(cell, texts))
}

/** A part of a text keeps the whole text in memory: this one does not. */
const copy = (text: string): string => Buffer.from(text).toString()

function shared(texts: Texts, text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  const own = copy(text)
  texts.set(own, own)
  return own
}

/** The content of `passText` as a value. @param texts null where it may keep its text in memory */
export function toPass(cell: Row[number] | undefined, texts: Texts | null = null): Pass {
  const fields = textOf(cell).split('\n')
  const once = (field: string | undefined): string => (texts === null ? textOf(field) : shared(texts, textOf(field)))
  const own = texts === null ? textOf : copy
  const closedAt = textOf(fields[10])
  return {
    pass: Number(fields[0]),
    version: once(fields[1]),
    name: once(fields[2]),
    kind: once(fields[3]) as Pass['kind'],
    direction: fields[4] === 'down' ? 'down' : 'up',
    checksum: once(fields[5]),
    total: Number(fields[6]),
    closed: Number(fields[7]),
    open: Number(fields[8]),
    openedAt: own(textOf(fields[9])),
    closedAt: closedAt === '' ? null : own(closedAt),
    milliseconds: Number(fields[11]),
    toolVersion: once(fields[12]),
    appliedBy: once(fields.slice(13).join('\n')),
  }
}
