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
    columns: table.columns.map(columnFacts),
    indexes: table.indexes
      .map(({ name, kind, parts, visible }) => ({ name, kind, visible, parts: parts.map(partFacts) }))
      .toSorted(byName),
    foreignKeys: table.foreignKeys
      .map(({ name, columns, parent, parentColumns, onDelete, onUpdate }) => ({
        ...{ name, columns, parent: parent.name, parentColumns },
        ...{ onDelete: actionOf(onDelete), onUpdate: actionOf(onUpdate) },
      }))
      .toSorted(byName),
    checks: hasChecks ? table.checks.map(({ name }) => name).toSorted() : [],
    charset: table.options.get('CHARSET') ?? table.options.get('COLLATE')?.split('_')[0] ?? schemaCharset,
    comment: table.options.get('COMMENT') ?? '',
    partitionedBy: table.partitionedBy,
  }
}

const byName = (a: { readonly name: string | null }, b: { readonly name: string | null }): number =>
  (a.name ?? '') < (b.name ?? '') ? -1 : 1

const actionOf = (action: string | null): string | null =>
  action === 'RESTRICT' || action === 'NO ACTION' ? null : action

const partFacts = ({ column, length, descending }: IndexPart): unknown => ({ column, length, descending })

const texts = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'])

function columnFacts({ name, type, attributes }: Column): unknown {
  return {
    name,
    base: type?.base,
    arguments: type?.arguments,
    unsigned: type?.unsigned,
    nullable: type?.nullable,
    charset: type !== null && texts.has(type.base) ? (type.charset ?? schemaCharset) : null,
    ...attributes,
  }
}
