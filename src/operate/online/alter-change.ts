import { alterTable } from '../../ddl/alter-table.ts'
import { readAdded, readColumnDefinition, readDroppedColumn } from '../../ddl/read-alterations.ts'
import { typeOf } from '../../ddl/read-parts.ts'
import type { Column, Table } from '../../ddl/table.ts'
import { type Clause, hasWords, isWord, readAlterations, skipName } from '../../sql/clauses.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type AddedUnique, compareUniques } from './added-uniques.ts'
import { type CopyColumn, pairColumns } from './checksum/columns.ts'

/** An ALTER TABLE, as a tool and the checksum need it. */
export interface AlterChange {
  /** The text after the name of the table. */
  readonly changes: string
  /** The same change, made by the server itself with this clause: in front, where a comma may follow it whatever the change is. */
  readonly withClause: (clause: string) => string
  /** New names of columns by old ones, in lower case. */
  readonly renamed: ReadonlyMap<string, string>
  /** Columns, by their names before, that take NULL and no longer will. */
  readonly required: readonly string[]
  /** Why the tool cannot make this change: clauses. */
  readonly objections: readonly string[]
  /** Unique keys that it adds, or whose values it may make equal. */
  readonly uniques: readonly AddedUnique[]
}

/**
 * Reads an ALTER TABLE of a table whose definition is known.
 * @param program the tool that is to copy it
 */
export function readAlterChange(text: string, table: Table, program: string): AlterChange {
  const tokens = tokenize(text)
  const clauses = readAlterations(tokens)
  const renamed = readRenames(clauses)
  const after = alterTable(table, tokens)
  const paired = pairColumns(table.columns.map(toCopyColumn), after.columns.map(toCopyColumn), renamed)
  const { uniques, objections } = compareUniques(table, after, renamed)
  const start = tokens[skipName(tokens, 2)]?.start ?? text.length
  const changes = text.slice(start)
  // Behind PARTITION BY and ADD PARTITION no further clause may follow, and no comma may stand before the first of these.
  const mark =
    isWord(clauses[0]?.[0], 'PARTITION') || hasWords(clauses[0] ?? [], 0, 'REMOVE', 'PARTITIONING') ? ' ' : ', '
  return {
    changes,
    withClause: (clause) => `${text.slice(0, start)}${clause}${mark}${changes}`,
    renamed,
    objections: [
      ...clauses.flatMap((clause) => objectTo(clause, program) ?? []),
      ...findReplaced(clauses, program),
      // Changes of type after which no comparison could prove the copy.
      ...paired.objections,
      ...objections,
    ],
    uniques,
    required: paired.pairs.flatMap(({ from, to }) => (from.nullable && !to.nullable ? [from.name] : [])),
  }
}

function readRenames(clauses: readonly Clause[]): ReadonlyMap<string, string> {
  const pairs = clauses.flatMap((clause): readonly [string, string][] => {
    const change = readColumnDefinition(clause)
    if (change === null || change.column.toLowerCase() === change.renamed.toLowerCase()) return []
    return [[change.column.toLowerCase(), change.renamed.toLowerCase()]]
  })
  return new Map(pairs)
}

const partitionWork = ['ADD', 'DROP', 'COALESCE', 'REORGANIZE', 'TRUNCATE', 'EXCHANGE', 'REBUILD', 'DISCARD', 'IMPORT']

/** What the tool does not do, or does to other tables than the one it is given. */
function objectTo(clause: Clause, program: string): string | null {
  const [first, second] = clause
  if (isWord(first, 'RENAME') && isWord(second, 'COLUMN'))
    return `RENAME COLUMN is taken by ${program} for a column that is dropped and one that is added; write CHANGE`
  if (isWord(first, 'RENAME') && !isWord(second, 'INDEX', 'KEY')) return 'it renames the table'
  if (hasWords(clause, 0, 'DROP', 'PRIMARY', 'KEY'))
    return `it drops the primary key, by which ${program} finds the rows of the copy`
  if (isWord(first, ...partitionWork) && isWord(second, 'PARTITION', 'TABLESPACE'))
    return `${first?.text.toUpperCase()} ${second?.text.toUpperCase()} works on the partitions of the table itself`
  if (isWord(first, 'ADD') && clause.some((token) => isWord(token, 'FOREIGN')))
    return `it adds a foreign key, which ${program} does not make under its name`
  return null
}

/** New columns with the name of one that is dropped: the tool copies the values of the old one to them, and the server would not. */
function findReplaced(clauses: readonly Clause[], program: string): readonly string[] {
  const gone = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  return clauses
    .flatMap((clause) => readAdded(clause).map(([name]) => name))
    .filter((name) => gone.has(name.toLowerCase()))
    .map(
      (name) =>
        `it drops the column \`${name}\` and adds another of the same name, to which ${program} would copy the values of the first; write two statements`,
    )
}

function toCopyColumn(column: Column): CopyColumn {
  const type = typeOf(column)
  const values = type === null || type.arguments.length === 0 ? '' : `(${type.arguments.join(',')})`
  return {
    name: column.name,
    type: type?.base ?? column.type,
    fullType: `${type?.base ?? column.type}${values}${type?.unsigned === true ? ' unsigned' : ''}`,
    charset: type?.charset ?? null,
    collation: column.collation,
    nullable: column.nullable,
    generated: column.generated !== null,
  }
}
