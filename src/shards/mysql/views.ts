import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'

const branch = /\bfrom `((?:[^`]|``)+)`\.`((?:[^`]|``)+)`/gi

/**
 * The tables that a view reads, in the order of its branches, from the text that the server keeps of it.
 * Throws ToolError `VIEW_UNREADABLE` where this user may not see that text: a view whose tables are not known would break.
 */
export async function readViewTables(connection: Connection, target: Target, view: string): Promise<readonly string[]> {
  const { rows } = await connection.ask(
    `SELECT VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA=${quoteString(target.schema)} AND TABLE_NAME=${quoteString(view)}`,
  )
  const [row] = rows
  if (row === undefined) return []
  const text = String(row[0] ?? '')
  if (text === '')
    throw new ToolError('VIEW_UNREADABLE', {
      what: `The definition of the view '${view}' cannot be read`,
      where: { database: target.database, server: target.server },
      next: `GRANT SHOW VIEW ON ${target.schema}.* to the user.`,
    })
  return [...text.matchAll(branch)].flatMap(([, schema, table]) =>
    schema?.replaceAll('``', '`') === target.schema && table !== undefined ? [table.replaceAll('``', '`')] : [],
  )
}
