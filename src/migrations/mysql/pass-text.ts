import type { Cell, Row } from '../../mysql/connection.ts'
import type { Pass } from '../journal/journal.ts'

/** Without a backslash, so that it reads the same under every sql_mode. */
const newline = 'CHAR(10 USING utf8mb4)'

/**
 * One pass as one text, an expression over the rows of the journal that are grouped by `pass`. Statements close in order, so the highest closed one gives their
 * number. One text a pass: a thousand passes are read in half the time that fourteen columns take. The only field that a user's own words may get into stands last.
 */
export const passText = `CONCAT_WS(${newline},pass,MAX(version),MAX(name),MAX(kind),MAX(direction),
MAX(checksum),MAX(total),MAX(IF(state='closed',statement+1,0)),SUM(state IN ('open','entered')),
MIN(opened_at),IFNULL(MAX(closed_at),''),CAST(SUM(milliseconds) AS SIGNED),MAX(tool_version),MAX(applied_by))`

/** The first fields of the text in a column: pass, version, name, kind and direction. */
export const passHead = (column: string, fields = 5): string => `SUBSTRING_INDEX(${column},${newline},${fields})`

const textOf = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** What `passText` gives, as a value. */
export function toPass(cell: Row[number] | undefined): Pass {
  const fields = textOf(cell).split('\n')
  const closedAt = textOf(fields[10])
  return {
    pass: Number(fields[0]),
    version: textOf(fields[1]),
    name: textOf(fields[2]),
    kind: textOf(fields[3]) as Pass['kind'],
    direction: fields[4] === 'down' ? 'down' : 'up',
    checksum: textOf(fields[5]),
    total: Number(fields[6]),
    closed: Number(fields[7]),
    open: Number(fields[8]),
    openedAt: textOf(fields[9]),
    closedAt: closedAt === '' ? null : closedAt,
    milliseconds: Number(fields[11]),
    toolVersion: textOf(fields[12]),
    appliedBy: fields.slice(13).join('\n'),
  }
}
