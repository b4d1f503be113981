import type { CalledStatement } from '../sql/procedures/read-call.ts'
import type { AppliedStatement } from './apply-statement.ts'
import { type Schema, tableKey, withoutTemporary } from './schema.ts'

const changing = ['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX']

/** True for a statement that makes a temporary table, or that may mean another table than its name without those of the session. */
export function isOfTemporary(tables: Schema, { verb, class: kind }: CalledStatement): boolean {
  if (verb === 'CREATE TEMPORARY TABLE') return true
  return (tables.temporary?.size ?? 0) > 0 && kind !== 'call' && kind !== 'execute'
}

/**
 * The tables after a statement of a session that may have temporary ones. These take a statement that would otherwise drop or alter the table which
 * they hide. @param follow does the same for tables that last
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
    // What stands in executable comments is there on some servers only.
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
