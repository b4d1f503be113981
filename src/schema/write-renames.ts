import type { PartSnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { applyRenames, type OwnRenames, renamePartitioning } from './renames.ts'

/**
 * The statements that rename in a schema, in an order that runs: first columns, under the tables' old names, then all tables at once.
 * Pure.
 */
export function writeRenames(found: SchemaSnapshot, own: OwnRenames): readonly string[] {
  const columnsAlone = new Map([[found.database, { tables: new Map<string, string>(), columns: own.columns }]])
  const after = applyRenames(found, columnsAlone)
  const columns = found.objects.flatMap((object, at): readonly string[] => {
    const [names, made] = [own.columns.get(object.name), after.objects[at]]
    if (object.type !== 'table' || made?.type !== 'table' || names === undefined) return []
    return [renameColumns(object, made, names)]
  })
  return [...columns, ...(own.tables.size === 0 ? [] : [renameTables(own.tables)])]
}

/**
 * All columns of a table in one statement, which may swap names. MySQL does not rename a column that a check, a generated column, an index on an
 * expression, a default or the partitioning uses (errors 3959, 3108, 3837, 3772, 3855), unless the same statement redefines these.
 */
function renameColumns(before: TableSnapshot, after: TableSnapshot, names: ReadonlyMap<string, string>): string {
  const changed = <T extends PartSnapshot>(old: readonly T[], made: readonly T[]): readonly T[] =>
    made.filter((one, at) => one.text !== old[at]?.text)
  const expressions = changed(before.indexes, after.indexes).filter(({ columns }) =>
    columns.some((one) => one.startsWith('(')),
  )
  const checks = changed(before.checks, after.checks)
  const columns = before.columns.flatMap(({ name, text }, at): readonly string[] => {
    const [made, to] = [after.columns[at], names.get(name.toLowerCase())]
    if (made === undefined || made.text === text) return []
    const readsOthers = withoutName(made) !== withoutName({ name, text })
    if (to === undefined) return [`MODIFY COLUMN ${made.text}`]
    return [
      readsOthers
        ? `CHANGE COLUMN ${quoteName(name)} ${made.text}`
        : `RENAME COLUMN ${quoteName(name)} TO ${quoteName(to)}`,
    ]
  })
  const clauses = [
    ...checks.map(({ name }) => `DROP CHECK ${quoteName(name)}`),
    ...expressions.map(({ name }) => `DROP INDEX ${quoteName(name)}`),
    ...columns,
    ...expressions.map(({ text }) => `ADD ${text}`),
    ...checks.map(({ text }) => `ADD ${text}`),
  ]
  const statement = `ALTER TABLE ${quoteName(before.name)} ${clauses.join(', ')}`
  const { partitioning } = before
  const made = partitioning === null ? null : renamePartitioning(partitioning, names)
  return made === partitioning ? statement : `${statement} ${made}`
}

function withoutName({ name, text }: Pick<PartSnapshot, 'name' | 'text'>): string {
  return text.slice(quoteName(name).length)
}

/** One statement, so that a table is never without a name in between. It runs from left to right: a name that is still in use waits, and a circle uses a free name. */
function renameTables(tables: ReadonlyMap<string, string>): string {
  const steps: (readonly [string, string])[] = []
  const left = new Map(tables)
  while (left.size > 0) {
    const free = [...left].find(([, to]) => !left.has(to))
    const [from, to] = free ?? [...left][0] ?? ['', '']
    left.delete(from)
    const between = `${from}_renamed`.slice(-64)
    steps.push([from, free === undefined ? between : to])
    if (free === undefined) left.set(between, to)
  }
  return `RENAME TABLE ${steps.map(([from, to]) => `${quoteName(from)} TO ${quoteName(to)}`).join(', ')}`
}
