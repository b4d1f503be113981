import { groupBy } from '../../core/group-by.ts'
import type { Asker, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { CopyColumn } from '../online/checksum/columns.ts'
import type { UniqueKey } from '../online/checksum/key.ts'

/** The columns of a table in their order, with what a comparison of values needs. */
export async function readCopyColumns(
  connection: Asker,
  schema: string,
  table: string,
): Promise<readonly CopyColumn[]> {
  const { rows } = await connection.ask(
    `SELECT COLUMN_NAME,DATA_TYPE,COLUMN_TYPE,CHARACTER_SET_NAME,COLLATION_NAME,IS_NULLABLE,IFNULL(GENERATION_EXPRESSION,'') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} ORDER BY ORDINAL_POSITION`,
  )
  return rows.map(toColumn)
}

function toColumn([name, type, fullType, charset, collation, nullable, expression]: Row): CopyColumn {
  const own = (value: Row[number] | undefined): string | null =>
    value === null || value === undefined ? null : String(value)
  return {
    name: String(name),
    type: String(type).toLowerCase(),
    fullType: String(fullType),
    charset: own(charset),
    collation: own(collation),
    nullable: nullable === 'YES',
    generated: String(expression) !== '',
  }
}

/** The unique keys of a table whose columns take no NULL, the primary key first. Keys of expressions or prefixes do not count. */
export async function readUniqueKeys(connection: Asker, schema: string, table: string): Promise<readonly UniqueKey[]> {
  const { rows } = await connection.ask(
    `SELECT INDEX_NAME,COLUMN_NAME,NULLABLE,SUB_PART FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)} AND NON_UNIQUE=0 ORDER BY INDEX_NAME<>'PRIMARY',INDEX_NAME,SEQ_IN_INDEX`,
  )
  const keys = groupBy(rows, ([name]) => String(name))
  return [...keys].flatMap(([name, parts]) =>
    parts.every(([, column, nullable, prefix]) => column !== null && nullable !== 'YES' && prefix === null)
      ? [{ name, columns: parts.map(([, column]) => String(column)) }]
      : [],
  )
}
