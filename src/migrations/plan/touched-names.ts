import { hasWords, isName } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'

/** What statements change of what was there before. */
export interface Touched {
  /** Tables and views. */
  readonly tables: readonly string[]
  /** Routines and schemas, for sentences: no statement is looked for that uses these. */
  readonly others: readonly string[]
}

/** What statements change in a schema: definitions, and those that change rows. What they make themselves no statement can have named yet: it is left out, also where they change it later. Pure. */
export function listTouched(statements: readonly Statement[], own: string): Touched {
  const made = new Set<string>()
  const tables = new Set<string>()
  const others = new Set<string>()
  const isOwn = ({ schema }: ObjectName): boolean => schema === null || schema === own
  for (const statement of statements.filter((one) => one.class === 'definition' || one.class === 'data')) {
    const objects = objectsOf(statement).filter(isOwn)
    if (isMaking(statement)) {
      for (const { name } of objects) if (!tables.has(name)) made.add(name)
      continue
    }
    for (const [at, { type, name }] of objects.entries()) {
      const from = objects[at - 1]?.name
      // A new table that is renamed is new under that name, too.
      if (isRenaming(statement) && at % 2 === 1 && from !== undefined && made.has(from)) made.add(name)
      if (type === 'table' || type === 'view') {
        if (!made.has(name)) tables.add(name)
      } else if (type !== 'event' && type !== 'trigger' && !made.has(name)) others.add(`${type} \`${name}\``)
    }
  }
  return { tables: [...tables], others: [...others] }
}

/** A trigger changes what statements on its table do; without it, none of them fails. */
function objectsOf({ verb, objects, text }: Statement): readonly ObjectName[] {
  if (verb !== 'CREATE TRIGGER') return objects
  const tokens = tokenize(text)
  const row = tokens.findIndex((_, at) => hasWords(tokens, at, 'FOR', 'EACH', 'ROW'))
  const table = tokens.slice(0, Math.max(0, row)).findLast(isName)
  return table === undefined ? objects : [{ type: 'table', schema: objects[0]?.schema ?? null, name: table.text }]
}

/** A view that is there may be replaced; of a table, IF NOT EXISTS changes nothing. */
function isMaking({ verb, idempotent }: Statement): boolean {
  if (verb === 'CREATE TABLE') return true
  return /^CREATE (?:VIEW|PROCEDURE|FUNCTION|EVENT|DATABASE)$/.test(verb) && !idempotent
}

const isRenaming = ({ verb, objects }: Statement): boolean =>
  verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length === 2)
