import type { Config, DatabaseConfig } from '../config/config.ts'
import type { ForeignKey } from '../ddl/foreign-keys.ts'
import { followForeignKeys } from '../ddl/foreign-keys.ts'
import { isBaselined } from '../migrations/journal/journal.ts'
import type { Migration } from '../migrations/migration.ts'
import { isApplicable, platformOf } from '../migrations/plan/database-state.ts'
import type { OpenTarget, OpenTargets } from '../migrations/targets.ts'
import type { Statement } from '../sql/statement.ts'

/**
 * One end of a declared key. `database` says which server to ask; `logical` is null for a schema that belongs to no
 * database.
 */
export interface KeyEnd {
  readonly database: DatabaseConfig
  readonly logical: string | null
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
}

/** A foreign key that the migrations declare, whether or not the server knows it. */
export interface DeclaredKey {
  readonly name: string
  readonly child: KeyEnd
  /** `columns` is empty where the parent's primary key is meant. */
  readonly parent: KeyEnd
  readonly file: string
  readonly line: number
  /** For a key that a shard template declares: the tables to check, in place of the child's. */
  readonly shards?: readonly string[]
}

/** The files of a database as far as they concern keys, and which of their statements ran. */
interface Declarations {
  readonly database: DatabaseConfig
  readonly migrations: readonly Migration[]
  readonly ran: (migration: Migration, statement: number) => boolean
}

/** True for a complete pass, for a statement before the point where a pass stopped, and for what a baseline covers. */
function hasRun({ state: journal }: OpenTarget, migration: Migration, statement: number): boolean {
  const state = journal.states.get(migration.version)
  if (state === undefined) return migration.kind !== 'repeatable' && isBaselined(journal, migration.version)
  return state.type === 'partial' ? statement < state.pass.closed : state.type === 'applied'
}

/**
 * The migrations that apply, and those that would if references were physical. Where they are logical, the latter never
 * run; a key is still dropped where a file says so.
 */
function readOpened(target: OpenTarget, environment: string | null): Declarations {
  const applies = new Set(target.migrations)
  const physical = {
    environment,
    references: 'physical',
    platform: platformOf(target.database),
    serverVersion: target.session.facts.version,
  } as const
  return {
    database: target.database,
    migrations: target.all.filter((migration) => applies.has(migration) || isApplicable(migration, physical)),
    ran: (migration, statement) => !applies.has(migration) || hasRun(target, migration, statement),
  }
}

async function* statementsOf({ up }: Migration): AsyncGenerator<Statement> {
  if (up.type === 'statements') yield* up.statements
  else if (up.type === 'stream') yield* up.open()
}

async function followFiles({ database, migrations, ran }: Declarations): Promise<readonly ForeignKey[]> {
  const own = { database: database.name, schema: database.schema }
  let keys: readonly ForeignKey[] = []
  for (const migration of migrations) {
    for await (const statement of statementsOf(migration)) {
      keys = followForeignKeys(keys, statement, own, ran(migration, statement.index))
    }
  }
  return keys
}

/** The database that a name in a file of `own` means: its own, one that a placeholder names, or one by its schema. */
function locate(config: Config, own: DatabaseConfig, schema: string | null): Omit<KeyEnd, 'table' | 'columns'> {
  const placeholder = /^\{\{\s*schema:(\w+)\s*\}\}$/.exec(schema ?? '')?.[1]
  const found =
    schema === null
      ? own
      : config.databases.find((one) =>
          placeholder === undefined
            ? one.schema === schema && one.server.label === own.server.label
            : one.name === placeholder,
        )
  if (found !== undefined) return { database: found, logical: found.name, schema: found.schema }
  return { database: own, logical: null, schema: schema ?? own.schema }
}

function declare(config: Config, own: DatabaseConfig, key: ForeignKey): DeclaredKey {
  return {
    name: key.name ?? '',
    child: { ...locate(config, own, key.table.schema), table: key.table.name, columns: key.columns },
    parent: { ...locate(config, own, key.parent.schema), table: key.parent.name, columns: key.parentColumns },
    file: key.file,
    line: key.line,
  }
}

function crosses({ child, parent }: DeclaredKey): boolean {
  return child.logical === null || child.logical !== parent.logical
}

/** A key that a later declaration repeats need be checked only once. */
function isRepeated(key: DeclaredKey, index: number, keys: readonly DeclaredKey[]): boolean {
  const identity = ({ child, parent }: DeclaredKey): string =>
    JSON.stringify([child, parent].map(({ logical, schema, table, columns }) => [logical, schema, table, columns]))
  return keys.findIndex((other) => identity(other) === identity(key)) < index
}

/**
 * The foreign keys that the files of the open (and missing, and unreached) databases declare, in the files' order: those that reference
 * another logical database, or with `all` every one. Statements that PREPARE builds at run time are not seen.
 */
export async function declareKeys(
  config: Config,
  open: Pick<OpenTargets, 'targets' | 'missing' | 'unreached'>,
  migrations: ReadonlyMap<string, readonly Migration[]>,
  all: boolean,
): Promise<readonly DeclaredKey[]> {
  const declarations = [
    ...open.targets.map((target) => readOpened(target, config.environment)),
    ...[...open.missing, ...open.unreached.map(({ database }) => database)].map((database): Declarations => {
      return { database, migrations: migrations.get(database.name) ?? [], ran: () => false }
    }),
  ]
  const order = config.databases.map((database) => database.name)
  declarations.sort((a, b) => order.indexOf(a.database.name) - order.indexOf(b.database.name))
  const keys: DeclaredKey[] = []
  for (const declaration of declarations) {
    const found = await followFiles(declaration)
    keys.push(...found.map((key) => declare(config, declaration.database, key)))
  }
  return keys.filter((key, index) => (all || crosses(key)) && !isRepeated(key, index, keys))
}
