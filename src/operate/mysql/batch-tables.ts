import { groupBy } from '../../core/group-by.ts'
import type { Asker, Row } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { BatchCascade, BatchColumn, BatchIndex, BatchTable, BatchTrigger } from '../batches/batch-table.ts'

const text = (cell: Row[number] | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** What a batch has to know of the table that it walks; null where there is no such table. Asked question by question: a pooling proxy may refuse several in one packet. */
export async function readBatchTable(connection: Asker, schema: string, name: string): Promise<BatchTable | null> {
  const place = `TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(name)}`
  const { rows: tables } = await connection.ask(
    `SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,ENGINE,TABLE_ROWS FROM information_schema.TABLES WHERE ${place}`,
  )
  const [table] = tables
  if (table === undefined) return null
  const { rows: columns } = await connection.ask(
    `SELECT COLUMN_NAME,DATA_TYPE,COLUMN_TYPE,IS_NULLABLE,CHARACTER_SET_NAME,COLLATION_NAME,EXTRA FROM information_schema.COLUMNS WHERE ${place} ORDER BY ORDINAL_POSITION`,
  )
  const { rows: parts } = await connection.ask(
    `SELECT INDEX_NAME,NON_UNIQUE,IS_VISIBLE,COLUMN_NAME,SUB_PART,COLLATION FROM information_schema.STATISTICS WHERE ${place} ORDER BY INDEX_NAME='PRIMARY' DESC,INDEX_NAME,SEQ_IN_INDEX`,
  )
  const { rows: keys } = await connection.ask(
    `SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(name)} AND REFERENCED_TABLE_NAME=TABLE_NAME AND UNIQUE_CONSTRAINT_SCHEMA=CONSTRAINT_SCHEMA AND (DELETE_RULE IN ('CASCADE','SET NULL') OR UPDATE_RULE IN ('CASCADE','SET NULL'))`,
  )
  const { rows: triggers } = await connection.ask(
    `SELECT TRIGGER_NAME,ACTION_STATEMENT,ACTION_TIMING,EVENT_MANIPULATION FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA=${quoteString(schema)} AND EVENT_OBJECT_TABLE=${quoteString(name)}`,
  )
  const acts = "IN ('CASCADE','SET NULL')"
  const { rows: cascades } = await connection.ask(
    `SELECT r.CONSTRAINT_NAME,k.TABLE_NAME,k.REFERENCED_COLUMN_NAME,r.DELETE_RULE ${acts},r.UPDATE_RULE ${acts} FROM information_schema.REFERENTIAL_CONSTRAINTS r JOIN information_schema.KEY_COLUMN_USAGE k USING (CONSTRAINT_SCHEMA,TABLE_NAME,CONSTRAINT_NAME) WHERE (r.DELETE_RULE ${acts} OR r.UPDATE_RULE ${acts}) AND r.UNIQUE_CONSTRAINT_SCHEMA=${quoteString(schema)} AND r.REFERENCED_TABLE_NAME=${quoteString(name)}`,
  )
  return {
    schema: text(table[0]),
    name: text(table[1]),
    isView: text(table[2]).endsWith('VIEW'),
    engine: table[3] === null || table[3] === undefined ? null : text(table[3]),
    rows: Number(table[4] ?? 0),
    columns: columns.map(toColumn),
    indexes: [...groupBy(parts, (row) => text(row[0])).values()].map(toIndex),
    ownCascade: keys[0] === undefined ? null : text(keys[0][0]),
    triggers: triggers.flatMap(toTrigger),
    cascades: cascades.map(toCascade),
  }
}

function toTrigger([name, body, timing, event]: Row): readonly BatchTrigger[] {
  if (event !== 'INSERT' && event !== 'UPDATE' && event !== 'DELETE') return []
  return [{ name: text(name), body: text(body), timing: timing === 'AFTER' ? 'AFTER' : 'BEFORE', event }]
}

function toCascade([name, table, column, onDelete, onUpdate]: Row): BatchCascade {
  const acts = { onDelete: Number(onDelete) === 1, onUpdate: Number(onUpdate) === 1 }
  return { name: text(name), table: text(table), column: text(column), ...acts }
}

function toColumn([name, type, definition, nullable, charset, collation, extra]: Row): BatchColumn {
  return {
    name: text(name),
    type: text(type).toLowerCase(),
    definition: text(definition),
    nullable: text(nullable) === 'YES',
    charset: charset === null || charset === undefined ? null : text(charset),
    collation: collation === null || collation === undefined ? null : text(collation),
    generated: /\bGENERATED\b/.test(text(extra)) && !text(extra).includes('DEFAULT_GENERATED'),
    isCounted: /\bauto_increment\b/i.test(text(extra)),
    isVisible: !/\bINVISIBLE\b/i.test(text(extra)),
    setAtUpdate: /\bon update\b/i.test(text(extra)),
  }
}

function toIndex(rows: readonly Row[]): BatchIndex {
  const [first] = rows
  return {
    name: text(first?.[0]),
    unique: Number(first?.[1]) === 0,
    visible: text(first?.[2]) !== 'NO',
    parts: rows.map(([, , , column, prefix, direction]) => ({
      column: column === null || column === undefined ? null : text(column),
      prefix: prefix !== null && prefix !== undefined,
      descending: direction === 'D',
    })),
  }
}
