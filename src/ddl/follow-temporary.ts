import type { CalledStatement } from '../sql/procedures/read-call.ts'
import type { AppliedStatement } from './apply-statement.ts'
import { type Schema, tableKey, withoutTemporary } from './schema.ts'

const changing = ['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX']

/**
 * True for a statement that creates a temporary table, or whose table name would mean another table without the session's temporary
 * ones.
 */
export function isOfTemporary(tables: Schema, { verb, class: kind }: CalledStatement): boolean {
  if (verb === 'CREATE TEMPORARY TABLE') return true
  return (tables.temporary?.size ?? 0) > 0 && kind !== 'call' && kind !== 'execute'
}

/**
 * The tables after a statement of a session that may have temporary tables. A statement that would drop or alter a hidden table applies to the
 * temporary one instead. @param follow does the same for permanent tables
 */
export function followTemporary(
  tables: Schema,
  statement: AppliedStatement,
  follow: (tables: Schema, statement: AppliedStatement) => Schema,
): Schema {
  const { verb, objects, text } = statement
  const before = tables.temporary ?? new Set<string>()
  const [first] = objects
  const keyOf = (name: (typeof objects)[number]): string => tableKey(tables, name)
  if (verb === 'CREATE TEMPORARY TABLE') {
    // The content of executable comments exists only on some servers.
    if (first === undefined || text.includes('/*!')) return tables
    return { ...tables, temporary: new Set([...before, keyOf(first)]) }
  }
  const lasting = withoutTemporary(tables)
  const keep = (after: Schema, temporary: ReadonlySet<string>): Schema =>
    temporary.size === 0 ? after : { ...after, temporary }
  if (verb === 'DROP TABLE' || verb === 'DROP TEMPORARY TABLE') {
    const left = objects.filter((name) => !before.has(keyOf(name)))
    const gone = new Set(objects.map(keyOf))
    const after = verb === 'DROP TABLE' ? follow(lasting, { ...statement, objects: left }) : lasting
    return keep(after, new Set([...before].filter((key) => !gone.has(key))))
  }
  if (first === undefined || !changing.includes(verb) || !before.has(keyOf(first)))
    return keep(follow(lasting, statement), before)
  const renamed = verb === 'ALTER TABLE' ? objects[1] : undefined
  if (renamed === undefined) return tables
  return keep(lasting, new Set([...before].filter((key) => key !== keyOf(first))).add(keyOf(renamed)))
}
