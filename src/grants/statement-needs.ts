import type { OnlineTool } from '../core/online-tool.ts'
import { placeholderDatabase } from '../migrations/files/placeholders.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'

/** Privileges that a statement needs on the schema of its database, and on those of other logical databases that it names. */
export interface StatementNeeds {
  readonly own: readonly string[]
  /** By logical database. */
  readonly others: ReadonlyMap<string, readonly string[]>
  /** On the whole server. */
  readonly server: readonly string[]
}

/** What each kind of statement needs, by MySQL's manual (the page of the statement); the first that fits counts. */
const kinds: readonly (readonly [verb: RegExp, privileges: readonly string[]])[] = [
  [/^CREATE TEMPORARY TABLE/, ['CREATE TEMPORARY TABLES']],
  [/^DROP TEMPORARY TABLE/, []],
  [/^CREATE TABLE/, ['CREATE']],
  [/^(?:DROP TABLE|TRUNCATE)/, ['DROP']],
  [/^RENAME TABLE/, ['ALTER', 'DROP', 'CREATE', 'INSERT']],
  [/^ALTER TABLE/, ['ALTER', 'CREATE', 'INSERT']],
  [/^(?:CREATE|DROP) INDEX/, ['INDEX']],
  [/^CREATE VIEW/, ['CREATE VIEW', 'SHOW VIEW', 'SELECT']],
  [/^ALTER VIEW/, ['CREATE VIEW', 'DROP', 'SHOW VIEW', 'SELECT']],
  [/^DROP VIEW/, ['DROP', 'SHOW VIEW']],
  [/TRIGGER/, ['TRIGGER']],
  [/EVENT/, ['EVENT']],
  [/^CREATE (?:PROCEDURE|FUNCTION)/, ['CREATE ROUTINE', 'ALTER ROUTINE']],
  [/^(?:ALTER|DROP) (?:PROCEDURE|FUNCTION)/, ['ALTER ROUTINE', 'CREATE ROUTINE']],
  [/^CALL/, ['EXECUTE']],
  [/^(?:CREATE|DROP|ALTER) (?:DATABASE|SCHEMA)/, ['CREATE', 'DROP', 'ALTER']],
  [/^INSERT/, ['INSERT', 'SELECT', 'UPDATE']],
  [/^REPLACE/, ['INSERT', 'DELETE', 'SELECT']],
  [/^LOAD/, ['INSERT']],
  [/^UPDATE/, ['UPDATE', 'SELECT']],
  [/^DELETE/, ['DELETE', 'SELECT']],
  [/^WITH/, ['SELECT', 'UPDATE', 'DELETE']],
  [/^(?:ANALYZE|OPTIMIZE|REPAIR) TABLE/, ['SELECT', 'INSERT']],
]

/** Privileges that an ALTER or CREATE may need, by words of its text. */
const hidden: readonly (readonly [verb: RegExp, text: RegExp, privileges: readonly string[]])[] = [
  [/^ALTER TABLE/, /\bRENAME\s+(?:TO|AS)?\s*[`\w]|\b(?:DROP|TRUNCATE|EXCHANGE)\s+PARTITION/i, ['DROP']],
  [/^CREATE VIEW/, /\bOR\s+REPLACE\b/i, ['DROP']],
  [/^(?:ALTER|CREATE) TABLE/, /\bREFERENCES\b/i, ['REFERENCES']],
  [/^INSERT/, /\bON\s+DUPLICATE\b/i, ['UPDATE']],
]

const serverKinds: readonly (readonly [verb: RegExp, text: RegExp, privilege: string])[] = [
  [/^(?:CREATE|DROP|ALTER|RENAME) (?:USER|ROLE)/, /./, 'CREATE USER'],
  [/^SET/, /\b(?:GLOBAL|PERSIST(?:_ONLY)?)\b/i, 'SYSTEM_VARIABLES_ADMIN'],
  [/^FLUSH/, /./, 'RELOAD'],
]

/** What retires a table, a column or an index: a rename, or a change of its table. */
const hiding = ['ALTER', 'CREATE', 'INSERT'] as const

/** Whether it hides what it drops. @param retiresDrops true where the environment retires what no line asks for */
export function isRetiring({ verb, retire, dropsAtOnce }: Statement, retiresDrops: boolean): boolean {
  const isAsked = retire !== undefined || (retiresDrops && /^DROP (?:TABLE|INDEX)/.test(verb))
  return isAsked && dropsAtOnce !== true
}

/** What one statement of a file needs. Pure. @param retiresDrops true where the environment retires what no line asks for */
export function needsOfStatement(statement: Statement, retiresDrops = false): StatementNeeds {
  const { verb, text, objects, references } = statement
  const base = kinds.find(([pattern]) => pattern.test(verb))?.[1] ?? []
  const more = hidden.flatMap(([pattern, words, privileges]) =>
    pattern.test(verb) && words.test(text) ? privileges : [],
  )
  const retiring = isRetiring(statement, retiresDrops) ? hiding : []
  const privileges = [...base, ...more, ...retiring]
  const others = new Map<string, readonly string[]>()
  const add = (database: string, needed: readonly string[]): void => {
    others.set(database, [...new Set([...(others.get(database) ?? []), ...needed])])
  }
  for (const database of databasesOf(objects)) add(database, privileges)
  for (const database of databasesOf(references)) add(database, ['REFERENCES'])
  // Another database that the statement only reads.
  for (const [, database = ''] of text.matchAll(/\{\{schema:([^{}\s]+)\}\}/g))
    if (!others.has(database)) add(database, ['SELECT'])
  const isElsewhere = objects.length > 0 && objects.every(({ schema }) => databaseOf(schema) !== null)
  return {
    own: isElsewhere ? [] : privileges,
    others,
    server: serverKinds.flatMap(([pattern, words, privilege]) =>
      pattern.test(verb) && words.test(text) ? [privilege] : [],
    ),
  }
}

/** What a tool of online changes needs to copy and swap a table, and wwdb to compare the copy and to rename what was swapped. */
const copying = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'DROP',
  'INDEX',
  'TRIGGER',
  'LOCK TABLES',
] as const

const copyingOnServer: Readonly<Record<OnlineTool, readonly string[]>> = {
  'pt-osc': ['PROCESS'],
  'gh-ost': ['PROCESS', 'REPLICATION CLIENT', 'REPLICATION SLAVE'],
  spirit: ['PROCESS', 'RELOAD', 'REPLICATION CLIENT', 'REPLICATION SLAVE', 'CONNECTION_ADMIN'],
}

/** What a statement with `-- wwdb:online` needs besides, in the database itself; nothing for any other. Pure. @param tool that of the configuration */
export function needsOfCopy({ online }: Statement, tool: OnlineTool): Pick<StatementNeeds, 'own' | 'server'> {
  return online === undefined ? { own: [], server: [] } : { own: copying, server: copyingOnServer[online.tool ?? tool] }
}

function databaseOf(schema: string | null): string | null {
  return schema === null ? null : placeholderDatabase(schema)
}

function databasesOf(objects: readonly ObjectName[]): readonly string[] {
  return objects.flatMap(({ schema }) => databaseOf(schema) ?? [])
}
