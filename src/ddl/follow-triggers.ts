import { hasWords, isWord, skipName } from '../sql/clauses.ts'
import type { CalledStatement } from '../sql/procedures/read-call.ts'
import type { ObjectName } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { type Schema, type TriggerState, tableKey } from './schema.ts'

/** The triggers after a statement: they are dropped and renamed with their tables. */
export function followTriggers(tables: Schema, statement: CalledStatement): Schema['triggers'] {
  const { verb, objects, text } = statement
  const before = tables.triggers
  if (verb === 'CREATE TRIGGER') return withTrigger(tables, statement)
  if (before === undefined || before.size === 0) return before
  if (verb === 'DROP TRIGGER') {
    const gone = new Set(objects.map(({ name }) => name.toLowerCase()))
    return new Map([...before].map(([key, own]) => [key, own.filter(({ name }) => !gone.has(name.toLowerCase()))]))
  }
  const isRename =
    verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length > 1 && !/\bexchange\b/i.test(text))
  if (verb !== 'DROP TABLE' && !isRename) return before
  const after = new Map(before)
  for (const [index, name] of objects.entries()) {
    const own = after.get(tableKey(tables, name))
    const to = isRename ? objects[index + 1] : undefined
    if (isRename && index % 2 === 1) continue
    after.delete(tableKey(tables, name))
    if (own !== undefined && to !== undefined) after.set(tableKey(tables, to), own)
  }
  return after
}

function withTrigger(tables: Schema, { objects, text }: CalledStatement): Schema['triggers'] {
  const tokens = tokenize(text)
  const at = tokens.findIndex((token, index) => isWord(token, ...events) && isWord(tokens[index + 1], 'ON'))
  const event = tokens[at]?.text.toUpperCase()
  const end = skipName(tokens, at + 2)
  const [first, last] = [tokens[at + 2], tokens[end - 1]]
  const [trigger] = objects
  if (at < 0 || first === undefined || last === undefined || trigger === undefined) return tables.triggers
  if (event !== 'INSERT' && event !== 'UPDATE' && event !== 'DELETE') return tables.triggers
  if (!hasWords(tokens, end, 'FOR', 'EACH', 'ROW')) return tables.triggers
  const table: ObjectName = { type: 'table', schema: first === last ? trigger.schema : first.text, name: last.text }
  const key = tableKey(tables, table)
  const made: TriggerState = { schema: table.schema ?? tables.schema ?? '', name: trigger.name, event, text }
  return new Map(tables.triggers ?? []).set(key, [...(tables.triggers?.get(key) ?? []), made])
}

const events = ['INSERT', 'UPDATE', 'DELETE'] as const
