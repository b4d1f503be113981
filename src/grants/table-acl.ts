import type { DatabaseConfig } from '../config/config.ts'
import type { Migration } from '../migrations/migration.ts'
import type { Statement } from '../sql/statement.ts'
import { isVschemaVerb } from '../sql/statements/vschema.ts'
import { backingOf, readVindex, type SequenceName, sequenceOf } from '../sql/vschema.ts'
import { type GrantProject, statementsOf } from './compute-grants.ts'
import type { Purpose } from './purpose.ts'

/** An entry of the file that Vitess' tablets read (`--table-acl-config`), in its own words. */
interface TableGroup {
  readonly name: string
  /** Names of tables; one that ends with `%` is a beginning of names. No table is in two groups. */
  readonly table_names_or_prefixes: readonly string[]
  readonly readers: readonly string[]
  readonly writers: readonly string[]
  readonly admins: readonly string[]
}

/** What users of vtgate need on the tablets of one keyspace. */
export interface TableAcl {
  readonly keyspace: string
  readonly config: { readonly table_groups: readonly TableGroup[] }
  /** What else they need, each a sentence. */
  readonly notes: readonly string[]
}

/** A user of vtgate, and what it is for. */
export interface VtgateUser {
  readonly user: string
  readonly purposes: readonly Purpose[]
}

export const tableRoles = ['readers', 'writers', 'admins'] as const

/** A list of an entry. */
export type TableRole = (typeof tableRoles)[number]
type Role = TableRole
type Kind = 'tables' | 'wwdb' | 'metadata'

/** What a purpose needs of each kind of tables; the others have no work on a keyspace. */
const needs: Readonly<Partial<Record<Purpose, Readonly<Record<Kind, readonly Role[]>>>>> = {
  migrate: { tables: ['readers', 'writers', 'admins'], wwdb: ['readers', 'writers', 'admins'], metadata: ['readers'] },
  check: { tables: ['readers'], wwdb: ['readers'], metadata: ['readers'] },
  seed: { tables: ['readers', 'writers'], wwdb: ['readers', 'writers', 'admins'], metadata: ['readers'] },
  read: { tables: ['readers'], wwdb: [], metadata: [] },
  write: { tables: ['readers', 'writers'], wwdb: [], metadata: [] },
}

/** Tables of `information_schema` that wwdb reads: a tablet that is strict (`--queryserver-config-strict-table-acl`) judges them by their bare names, too. */
export const metadataTables: readonly string[] = [
  ...['CHARACTER_SETS', 'CHECK_CONSTRAINTS', 'COLLATIONS', 'COLUMNS', 'EVENTS', 'KEY_COLUMN_USAGE', 'PARTITIONS'],
  ...['REFERENTIAL_CONSTRAINTS', 'ROUTINES', 'SCHEMATA', 'STATISTICS', 'TABLES', 'TABLE_CONSTRAINTS', 'TRIGGERS'],
  'VIEWS',
]

/** The tables that statements of a database name, of itself. */
function tablesOf(statements: readonly Statement[], { name }: DatabaseConfig): readonly string[] {
  const own = statements.flatMap(({ objects }) =>
    objects.filter(
      ({ type, schema }) =>
        (type === 'table' || type === 'view') && (schema === null || schema === `{{schema:${name}}}`),
    ),
  )
  return [...new Set(own.map((one) => one.name))].toSorted()
}

interface WantedRole {
  readonly user: string
  readonly role: Role
}

/** Tables of other keyspaces that vtgate writes for the user, sequences and those of lookup vindexes; by the logical database where a file names that. */
function listWrittenElsewhere(statements: readonly Statement[]): readonly SequenceName[] {
  return statements.flatMap(({ text, verb }) => {
    if (!isVschemaVerb(verb)) return []
    const plain = text.replaceAll(/\{\{schema:(\w+)\}\}/g, '$1')
    return [sequenceOf(plain), backingOf(readVindex(plain))].flatMap((one) => one ?? [])
  })
}

/** Tables with the same users in one group. */
function groupTables(keyspace: string, tables: ReadonlyMap<string, readonly WantedRole[]>): readonly TableGroup[] {
  const groups = new Map<string, { readonly names: string[]; readonly roles: readonly WantedRole[] }>()
  for (const [table, roles] of tables) {
    const key = JSON.stringify(roles)
    const group = groups.get(key) ?? { names: [], roles }
    group.names.push(table)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ names, roles }, index) => {
    const usersOf = (role: Role): readonly string[] =>
      [...new Set(roles.filter((one) => one.role === role).map(({ user }) => user))].toSorted()
    return {
      name: `${keyspace}_${index + 1}`,
      table_names_or_prefixes: names.toSorted(),
      ...{ readers: usersOf('readers'), writers: usersOf('writers'), admins: usersOf('admins') },
    }
  })
}

/** The entries for each keyspace of these databases, and for those of their journals. Pure. */
export function computeTableAcls(
  { migrations, seeded, families }: Pick<GrantProject, 'migrations' | 'seeded' | 'families'>,
  users: readonly VtgateUser[],
  databases: readonly DatabaseConfig[],
): readonly TableAcl[] {
  const keyspaces = new Map<string, Map<string, WantedRole[]>>()
  const notes = new Map<string, string[]>()
  const add = (keyspace: string, table: string, wanted: readonly WantedRole[]): void => {
    const tables = keyspaces.get(keyspace) ?? new Map<string, WantedRole[]>()
    keyspaces.set(keyspace, tables)
    tables.set(table, [...(tables.get(table) ?? []), ...wanted])
  }
  for (const database of databases) {
    const { name, schema, vitess } = database
    if (vitess === undefined) continue
    const statements = (migrations.get(name) ?? []).flatMap((one: Migration) => statementsOf(one))
    const rolesOf = (kind: Kind): readonly WantedRole[] =>
      users.flatMap(({ user, purposes }) =>
        purposes
          .filter((purpose) => purpose !== 'seed' || seeded.includes(name))
          .flatMap((purpose) => (needs[purpose]?.[kind] ?? []).map((role) => ({ user, role }))),
      )
    for (const table of tablesOf(statements, database)) if (!/^wwdb_/.test(table)) add(schema, table, rolesOf('tables'))
    for (const keyspace of [schema, vitess.journal]) {
      add(keyspace, 'wwdb_%', rolesOf('wwdb'))
      for (const table of metadataTables) add(keyspace, table, rolesOf('metadata'))
    }
    const writers = rolesOf('tables').filter(({ role }) => role === 'writers')
    for (const { keyspace, name: table } of listWrittenElsewhere(statements))
      add(databases.find((one) => one.name === keyspace)?.schema ?? keyspace ?? schema, table, writers)
    const migrating = users.filter(({ purposes }) => purposes.includes('migrate')).map(({ user }) => user)
    const note = (text: string): unknown => notes.set(schema, [...(notes.get(schema) ?? []), text])
    const own = families.filter((family) => family.database === name).map((family) => `\`${family.name}\``)
    if (own.length > 0 && users.some(({ purposes }) => purposes.includes('rotate')))
      note(`The tables that \`rotate\` makes, reads and drops, of ${own.join(', ')}, are not in these entries.`)
    if (migrating.length > 0 && statements.some(({ verb }) => isVschemaVerb(verb)))
      note(
        `vtgate takes \`ALTER VSCHEMA\` of ${migrating.map((user) => `\`${user}\``).join(', ')} where \`--vschema-ddl-authorized-users\` names it.`,
      )
  }
  return [...keyspaces].map(([keyspace, tables]) => {
    const used = new Map([...tables].map(([table, wanted]) => [table, unique(wanted)] as const))
    const kept = new Map([...used].filter(([, wanted]) => wanted.length > 0))
    return { keyspace, config: { table_groups: groupTables(keyspace, kept) }, notes: notes.get(keyspace) ?? [] }
  })
}

function unique(wanted: readonly WantedRole[]): readonly WantedRole[] {
  const all = new Map(wanted.map((one) => [`${one.user} ${one.role}`, one]))
  return [...all.keys()].toSorted().flatMap((key) => all.get(key) ?? [])
}
