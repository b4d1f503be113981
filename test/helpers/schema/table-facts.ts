import {
  changesOnUpdate,
  isVisible,
  kindOf,
  partitionColumns,
  partsOf,
  primaryKeyOf,
  referenceOf,
  typeOf,
} from '../../../src/ddl/read-parts.ts'
import type { Column, IndexPart, Table } from '../../../src/ddl/table.ts'

/** Test schemas are made with it. */
const schemaCharset = 'utf8mb4'

/**
 * What two readings of one table must agree on: the definitions in its text, followed through its changes, and the server's own SHOW CREATE
 * TABLE. What the server never prints apart is one here: no action and RESTRICT, the engine's case, the position of indexes.
 * @param hasChecks false for 8.0.12, which reads checks and keeps none
 */
export function tableFacts(table: Table, hasChecks: boolean): unknown {
  return {
    columns: table.columns.map((column) => columnFacts(column, table)),
    indexes: table.indexes
      .map((index) => ({
        ...{ name: index.name, kind: kindOf(index), visible: isVisible(index), unique: index.unique },
        parts: partsOf(index).map(partFacts),
      }))
      .toSorted(byName),
    foreignKeys: table.foreignKeys
      .map((key) => ({
        ...{ name: key.name, columns: key.columns, parent: key.parent, parentColumns: key.parentColumns },
        ...{ onDelete: actionOf(referenceOf(key).onDelete), onUpdate: actionOf(referenceOf(key).onUpdate) },
      }))
      .toSorted(byName),
    checks: hasChecks ? table.checks.map(({ name }) => name).toSorted() : [],
    charset: table.options['CHARSET'] ?? table.options['COLLATE']?.split('_')[0] ?? schemaCharset,
    comment: table.options['COMMENT'] ?? '',
    partitionedBy: partitionColumns(table),
  }
}

const byName = (a: { readonly name: string | null }, b: { readonly name: string | null }): number =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

const actionOf = (action: string | null): string | null =>
  action === 'RESTRICT' || action === 'NO ACTION' ? null : action

const partFacts = ({ column, length, descending }: IndexPart): unknown => ({ column, length, descending })

const texts = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'])

function columnFacts(column: Column, { indexes }: Table): unknown {
  const type = typeOf(column)
  return {
    name: column.name,
    // A display width that has a meaning is in no `ColumnType`.
    type: column.type.replace(/^(\w*int)\(\d+\)/, '$1').replace(/ zerofill$/, ''),
    base: type?.base,
    arguments: type?.arguments,
    unsigned: type?.unsigned,
    nullable: column.nullable,
    charset: type !== null && texts.has(type.base) ? (type.charset ?? schemaCharset) : null,
    default: column.default !== null,
    generated: column.generated?.stored,
    autoIncrement: column.autoIncrement,
    comment: column.comment,
    onUpdate: changesOnUpdate(column),
    primary: primaryKeyOf({ indexes })?.columns.includes(column.name) === true,
  }
}
