import type { Connection } from '../../mysql/connection.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { DependentRows, DoomedRows } from '../ports.ts'
import { areRows } from './shape.ts'

interface ForeignKey {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
  readonly rule: string
}

/** Rows that would be removed, with a condition that finds them in their table under an alias such as `d0.`. */
interface Doomed {
  readonly schema: string
  readonly table: string
  readonly condition: (alias: string) => string
  /** Keys that were followed to get here: a circle of cascades is walked once. */
  readonly path: readonly string[]
}

async function readKeysInto(connection: Connection, { schema, table }: Doomed): Promise<readonly ForeignKey[]> {
  const { rows } = await connection.ask(
    `SELECT k.CONSTRAINT_NAME,k.TABLE_SCHEMA,k.TABLE_NAME,k.COLUMN_NAME,k.REFERENCED_COLUMN_NAME,r.DELETE_RULE,k.REFERENCED_TABLE_SCHEMA ` +
      `FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r ` +
      `ON r.CONSTRAINT_SCHEMA=k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME=k.CONSTRAINT_NAME AND r.TABLE_NAME=k.TABLE_NAME ` +
      `WHERE k.REFERENCED_TABLE_SCHEMA=${quoteString(schema)} AND k.REFERENCED_TABLE_NAME=${quoteString(table)} ` +
      `ORDER BY k.TABLE_SCHEMA,k.TABLE_NAME,k.CONSTRAINT_NAME,k.ORDINAL_POSITION`,
  )
  const keys = new Map<string, ForeignKey & { readonly columns: string[]; readonly parentColumns: string[] }>()
  for (const [name, foundSchema, child, column, parentColumn, rule, parentSchema] of rows) {
    // Behind vtgate a schema has another name than the keyspace.
    const childSchema = foundSchema === parentSchema ? schema : foundSchema
    const id = `${childSchema}.${child}.${name}`
    const key = keys.get(id) ?? {
      name: String(name),
      schema: String(childSchema),
      table: String(child),
      columns: [],
      parentColumns: [],
      rule: String(rule),
    }
    keys.set(id, key)
    key.columns.push(String(column))
    key.parentColumns.push(String(parentColumn))
  }
  return [...keys.values()]
}

function effectOf(rule: string): DependentRows['effect'] {
  if (rule === 'CASCADE') return 'delete'
  return rule.startsWith('SET') ? 'set-null' : 'refuse'
}

/** Rows that depend on one set of doomed rows by one key, without those that are removed themselves. */
function hangingOn(key: ForeignKey, parent: Doomed, home: string, rows: readonly DoomedRows[]): Doomed['condition'] {
  const outer = `d${parent.path.length}.`
  const parents = key.parentColumns.map((name) => `${outer}${quoteName(name)}`).join(',')
  const chosen = rows.find(({ table }) => key.schema === home && table === key.table)
  const from = `${quoteQualified(parent.schema, parent.table)} d${parent.path.length} WHERE ${parent.condition(outer)}`
  return (alias) => {
    const own = key.columns.map((name) => `${alias}${quoteName(name)}`).join(',')
    const spared = chosen === undefined ? '' : ` AND NOT (${areRows(alias, chosen.shape, chosen.identities)})`
    return `(${own}) IN (SELECT ${parents} FROM ${from})${spared}`
  }
}

/**
 * What depends on rows by foreign keys, and on what would be removed with them, and so on: it is counted, and nothing
 * is changed.
 */
export async function countDependents(
  connection: Connection,
  home: string,
  rows: readonly DoomedRows[],
): Promise<readonly DependentRows[]> {
  const found: DependentRows[] = []
  const queue: Doomed[] = rows.map(({ table, shape, identities }) => ({
    schema: home,
    table,
    condition: (alias) => areRows(alias, shape, identities),
    path: [],
  }))
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    for (const key of await readKeysInto(connection, parent)) {
      const id = `${key.schema}.${key.table}.${key.name}`
      if (parent.path.includes(id)) continue
      const condition = hangingOn(key, parent, home, rows)
      const { rows: counted } = await connection.ask(
        `SELECT ${ownHint} COUNT(*) FROM ${quoteQualified(key.schema, key.table)} child WHERE ${condition('child.')}`,
      )
      const count = Number(counted[0]?.[0] ?? 0)
      if (count === 0) continue
      const effect = effectOf(key.rule)
      const table = key.schema === home ? key.table : `${key.schema}.${key.table}`
      found.push({ table, constraint: key.name, rows: count, effect })
      if (effect === 'delete')
        queue.push({ schema: key.schema, table: key.table, condition, path: [...parent.path, id] })
    }
  }
  return found
}
