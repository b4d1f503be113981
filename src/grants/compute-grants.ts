import type { Config, DatabaseConfig } from '../config/config.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { isQuickCreation } from '../migrations/execute/ready-statement.ts'
import type { Migration, Script } from '../migrations/migration.ts'
import type { Statement } from '../sql/statement.ts'
import { lookPrivileges, needsOf, scratchPrivileges, shapePrivileges } from './command-needs.ts'
import { everything, type Grant, joinGrants, scratchPlace } from './grant.ts'
import type { Purpose } from './purpose.ts'
import { isRetiring, needsOfCopy, needsOfStatement } from './statement-needs.ts'

/** The parts of a project on which privileges depend. */
export interface GrantProject {
  readonly config: Config
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly families: readonly ShardFamily[]
  /** Logical databases with seed files. */
  readonly seeded: readonly string[]
}

/** The least that the commands of a purpose need on the server of some databases. Pure. */
export function computeGrants(
  project: GrantProject,
  purpose: Purpose,
  databases: readonly DatabaseConfig[],
): readonly Grant[] {
  return joinGrants(databases.flatMap((database) => grantsFor(project, purpose, database)))
}

function grantsFor(project: GrantProject, purpose: Purpose, database: DatabaseConfig): readonly Grant[] {
  const own = (privileges: readonly string[]): Grant => ({ privileges, place: placeOf(database) })
  switch (purpose) {
    case 'migrate':
      return forMigrations(project, database)
    case 'rotate':
      return forRotation(project, database)
    case 'split':
      return forSplit(project, database)
    case 'check':
      return [own([...needsOf('status', 'shards check'), ...textsOfViews(project, database)])]
    case 'seed':
      return project.seeded.includes(database.name) ? [own(needsOf('seed'))] : []
    case 'provision':
      return forTestEnvironments(project, database)
    case 'read':
      return [own(['SELECT'])]
    case 'write':
      return [own(['SELECT', 'INSERT', 'UPDATE', 'DELETE'])]
  }
}

/**
 * The privileges that let `schema dump` and `drift` read the text of a view, where migrations create one: with SELECT
 * alone it is hidden.
 */
function textsOfViews({ migrations }: GrantProject, { name }: DatabaseConfig): readonly string[] {
  const statements = (migrations.get(name) ?? []).flatMap(statementsOf)
  return statements.some((statement) => needsOfStatement(statement).own.includes('CREATE VIEW')) ? ['SHOW VIEW'] : []
}

function placeOf({ schema }: DatabaseConfig): Grant['place'] {
  return { type: 'schema', schema }
}

/**
 * Everything, because a test environment has whatever its files create. Each environment prefixes the names of the databases with its own name; templates and the registry have
 * their own schemas.
 */
function forTestEnvironments({ migrations }: GrantProject, { name }: DatabaseConfig): readonly Grant[] {
  const patterns = [
    `%\\_${name.replaceAll('_', '\\_')}`,
    'wwdb\\_template\\_%',
    'wwdb\\_scratch\\_%',
    'wwdb\\_provision',
  ]
  const server = [...migrations.values()]
    .flat()
    .flatMap((migration) => statementsOf(migration).flatMap((statement) => needsOfStatement(statement).server))
  return [
    ...patterns.map((pattern): Grant => ({ privileges: everything, place: { type: 'pattern', pattern } })),
    { privileges: server, place: { type: 'server' } },
    ...([...migrations.values()].flat().some((migration) => statementsOf(migration).some(looksForHolders))
      ? looking
      : []),
  ]
}

function forMigrations(project: GrantProject, database: DatabaseConfig): readonly Grant[] {
  // These let a data migration, whose code is not read, change the rows of its own database, which its connection cannot leave.
  const own = needsOf('plan', 'migrate', 'rollback', 'undo')
  const files = project.migrations.get(database.name) ?? []
  const { isDefault } = project.config.retire
  const { tool } = project.config.online
  const needs = files.flatMap((migration) => statementsOf(migration).map((one) => needsOfStatement(one, isDefault)))
  const copies = files.flatMap((migration) => statementsOf(migration).map((one) => needsOfCopy(one, tool)))
  return [
    { privileges: [...own, ...[...needs, ...copies].flatMap((need) => need.own)], place: placeOf(database) },
    ...needs.flatMap(({ others }) =>
      [...others].flatMap(([name, privileges]) => inOther(project, database, name, privileges)),
    ),
    ...files.flatMap(({ requires }) =>
      requires.flatMap((reference) => inOther(project, database, reference.database, ['SELECT'])),
    ),
    { privileges: [...needs, ...copies].flatMap(({ server }) => server), place: { type: 'server' } },
    { privileges: inScratchSchemas(files), place: scratchPlace },
    ...(files.some((migration) => statementsOf(migration).some(looksForHolders)) ? looking : []),
  ]
}

/** Whether the guard looks for who holds a table before it: not where it creates one that nothing waits for. */
function looksForHolders(statement: Statement): boolean {
  const { class: kind, objects, references } = statement
  const isOfTables = [...objects, ...references].some(({ type }) => type === 'table')
  return kind === 'definition' && isOfTables && !isQuickCreation(statement)
}

const looking: readonly Grant[] = [
  { privileges: lookPrivileges.server, place: { type: 'server' } },
  { privileges: lookPrivileges.performanceSchema, place: { type: 'schema', schema: 'performance_schema' } },
]

/**
 * Without INDEX, which the files' own CREATE INDEX statements add: nothing else needs it. `baseline`, `squash` and `drift --replay` apply the files there, with
 * a journal, and compare; `adopt` those of another tool, where there are none yet.
 */
function inScratchSchemas(files: readonly Migration[]): readonly string[] {
  const needed = files.flatMap((migration) => statementsOf(migration).flatMap((one) => needsOfStatement(one).own))
  const replaced = files.flatMap(({ up }) => readStatements(up)).some(meetsView)
  return [
    ...scratchPrivileges.filter((privilege) => privilege !== 'INDEX'),
    ...['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    ...needed.filter((privilege) => privilege !== 'SHOW VIEW'),
    ...(replaced ? ['SHOW VIEW'] : []),
  ]
}

/**
 * Whether a statement may encounter the view that it names: then the journal of a replay records what SHOW CREATE TABLE says
 * of the view.
 */
function meetsView({ verb, text }: Statement): boolean {
  return /^(?:ALTER|DROP) VIEW/.test(verb) || (/^CREATE VIEW/.test(verb) && /\bOR\s+REPLACE\b/i.test(text))
}

/** On the schema of another logical database of the same server. */
function inOther(
  { config }: GrantProject,
  { server }: DatabaseConfig,
  name: string,
  privileges: readonly string[],
): readonly Grant[] {
  const other = config.databases.find((database) => database.name === name)
  return other === undefined || other.server.label !== server.label ? [] : [{ privileges, place: placeOf(other) }]
}

export function statementsOf({ up, down }: Migration): readonly Statement[] {
  return [...readStatements(up), ...(down === null ? [] : readStatements(down))]
}

/** A file that is too large to hold is judged by its beginning. */
function readStatements(script: Script): readonly Statement[] {
  switch (script.type) {
    case 'statements':
      return script.statements
    case 'stream':
      return script.sample
    case 'module':
      return []
  }
}

function forRotation(project: GrantProject, database: DatabaseConfig): readonly Grant[] {
  const families = project.families.filter((family) => family.database === database.name)
  if (families.length === 0) return []
  const own = needsOf('rotate run')
  const sources = families.flatMap(({ division }) => (division.type === 'key' ? [division.source.database] : []))
  const shared = families.flatMap(({ template }) => template.sharedReferences)
  const isPhysical = families.some(({ template }) => /\bREFERENCES\b/i.test(template.text))
  const { isDefault } = project.config.retire
  const files = project.migrations.get(database.name) ?? []
  const retires = files.some((migration) => statementsOf(migration).some((one) => isRetiring(one, isDefault)))
  const moves = isPhysical || families.some(({ policy }) => policy.keep !== null || policy.view !== null)
  return [
    {
      privileges: [
        ...own,
        // A shard is renamed before it is dropped.
        ...(families.some(({ policy }) => policy.keep !== null) ? ['ALTER', 'DROP'] : []),
        ...(families.some(({ policy }) => policy.view !== null) ? ['CREATE VIEW', 'SHOW VIEW', 'DROP'] : []),
        ...(isPhysical || shared.length > 0 ? ['REFERENCES'] : []),
        // It drops what migrations have hidden.
        ...(retires ? [...needsOf('retire run'), 'ALTER', 'DROP'] : []),
      ],
      place: placeOf(database),
    },
    ...sources.flatMap((name) => inOther(project, database, name, ['SELECT'])),
    ...shared.flatMap(({ database: name }) => inOther(project, database, name, ['REFERENCES'])),
    { privileges: inScratchShards(project, database, families, isPhysical), place: scratchPlace },
    ...(moves || retires ? looking : []),
  ]
}

/** A table becomes tables: partitions and shards with foreign keys take no part in it. */
function forSplit(project: GrantProject, database: DatabaseConfig): readonly Grant[] {
  const families = project.families.filter(
    (family) => family.database === database.name && family.keeper !== 'partition',
  )
  if (families.length === 0) return []
  const sources = families.flatMap(({ division }) => (division.type === 'key' ? [division.source.database] : []))
  const own = needsOf('shards split', 'shards split --view', 'shards split --undo', 'shards split --final')
  return [
    { privileges: own, place: placeOf(database) },
    ...sources.flatMap((name) => inOther(project, database, name, ['SELECT'])),
    { privileges: shapePrivileges, place: scratchPlace },
    ...looking,
  ]
}

/**
 * Templates are created there, and `template check` applies pending changes of shards to them: their definitions. Only a rename needs INSERT, and no shard is renamed
 * there.
 */
function inScratchShards(
  { migrations }: GrantProject,
  { name }: DatabaseConfig,
  families: readonly ShardFamily[],
  isPhysical: boolean,
): readonly string[] {
  const changes = (migrations.get(name) ?? []).filter(({ shards }) => families.some((family) => family.name === shards))
  const definitions = changes.flatMap(({ up }) => readStatements(up).filter(({ class: kind }) => kind === 'definition'))
  const changed = definitions.flatMap((one) => needsOfStatement(one).own).filter((privilege) => privilege !== 'INSERT')
  return [...shapePrivileges, ...(isPhysical ? ['REFERENCES'] : []), ...changed]
}
