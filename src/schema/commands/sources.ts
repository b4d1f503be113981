import { resolve } from 'node:path'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import type { Context } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hazardCodes } from '../../lint/allowances.ts'
import { command as status } from '../../migrations/commands/status.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import { runTargets } from '../../migrations/run-targets.ts'
import { withTargets } from '../../migrations/with-targets.ts'
import { findScope } from '../../shards/schema-scope.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SchemaScope, SchemaSnapshot } from '../../sql/snapshot.ts'
import { readDumpStatements } from '../dump-file.ts'
import type { SchemaServers, ScratchSchemas, TableRows } from '../ports.ts'

/**
 * Where a schema is taken from.
 * - `live`        the databases as they are
 * - `files`       what all migration files make, in scratch schemas
 * - `applied`     what the migrations make that the journals record as applied, in scratch schemas
 * - `environment` the databases of another environment of the configuration
 * - `dump`        what a file of SQL makes, in a scratch schema
 */
export type SchemaSource =
  | { readonly type: 'live' }
  | { readonly type: 'files' }
  | { readonly type: 'applied'; readonly steps?: AppliedSteps }
  | { readonly type: 'environment'; readonly name: string }
  | { readonly type: 'dump'; readonly file: string }

/** Reads `live`, `files`, `applied`, `env:NAME` or `file:PATH`. Throws ToolError `USAGE` (64). */
export function parseSource(flag: string, text: string): SchemaSource {
  if (text === 'live' || text === 'files' || text === 'applied') return { type: text }
  const [, kind, rest = ''] = /^(env|file):(.+)$/.exec(text) ?? []
  if (kind === 'env') return { type: 'environment', name: rest }
  if (kind === 'file') return { type: 'dump', file: rest }
  throw new ToolError('USAGE', {
    what: `\`--${flag} ${text}\` is not a source of a schema.`,
    next: 'Give live, files, applied, env:NAME or file:PATH.',
  })
}

/** A schema that was read, and what could not be. */
export interface SourcedSchema {
  readonly database: DatabaseConfig
  readonly snapshot: SchemaSnapshot
  /** Objects that are there and that this user may not read. */
  readonly hidden: readonly string[]
}

/** Reads the chosen databases from a source, in the order of the configuration. Rejects with ToolError. */
export async function readSource(context: Context, source: SchemaSource): Promise<readonly SourcedSchema[]> {
  const servers = await context.mysql.schemaServers()
  switch (source.type) {
    case 'live':
      return readLive(servers, await context.config(), context.targets)
    case 'environment':
      return readLive(servers, await configOf(context, source.name), context.targets)
    case 'files':
      return replay(context, servers, (scratch) => runMigrations(context, scratch, null))
    case 'applied': {
      const { done } = source.steps ?? (await findApplied(context))
      return replay(context, servers, (scratch) => runMigrations(context, scratch, done))
    }
    case 'dump':
      return readDump(context, servers, source.file)
  }
}

/** The configuration of another environment; flags and variables that choose servers hold for the present one alone. */
async function configOf(context: Context, name: string): Promise<Config> {
  const { file } = await context.config()
  return loadConfig({
    cwd: context.process.cwd,
    file,
    environmentName: name,
    flags: {},
    environment: context.process.variables,
  })
}

async function readLive(
  servers: SchemaServers,
  config: Config,
  targets: readonly string[],
): Promise<readonly SourcedSchema[]> {
  const databases = selectDatabases(config, targets)
  const scope = await findScope(config)
  return Promise.all(databases.map((database) => readOne(servers, config, config.databases, database, scope)))
}

async function readOne(
  servers: SchemaServers,
  { timeouts }: Config,
  all: readonly DatabaseConfig[],
  database: DatabaseConfig,
  scope: SchemaScope,
): Promise<SourcedSchema> {
  const session = await servers.open(database, timeouts)
  try {
    const { snapshot, hidden } = await session.read(snapshotOptions(all, database, scope))
    return { database, snapshot, hidden }
  } finally {
    await session.close()
  }
}

/** Fills scratch schemas, reads the chosen ones, and drops them. */
async function replay(
  context: Context,
  servers: SchemaServers,
  fill: (config: Config, run: ScratchSchemas['run']) => Promise<void>,
): Promise<readonly SourcedSchema[]> {
  const config = await context.config()
  const chosen = selectDatabases(config, context.targets).map(({ name }) => name)
  return withScratch(servers, config, async (scratch, inside, read) => {
    await fill(inside, scratch.run)
    return Promise.all(scratch.databases.filter(({ name }) => chosen.includes(name)).map(read))
  })
}

type ReadDatabase = (database: DatabaseConfig) => Promise<SourcedSchema>

/** Makes scratch schemas of all databases, and drops them when the work is done. */
async function withScratch<T>(
  servers: SchemaServers,
  config: Config,
  work: (scratch: ScratchSchemas, inside: Config, read: ReadDatabase) => Promise<T>,
): Promise<T> {
  const scratch = await servers.openScratch(config.databases, config.timeouts)
  try {
    const inside: Config = { ...config, databases: scratch.databases }
    const scope = await findScope(config)
    const around = [...config.databases, ...scratch.databases]
    return await work(scratch, inside, (database) => readOne(servers, inside, around, database, scope))
  } finally {
    await scratch.close()
  }
}

/**
 * Runs migrations in scratch schemas and reads all databases, with the rows that are left.
 * @param config the folders that the files are read from may be others than the project's
 * @param only the steps that run, by name
 */
export async function replaySteps(context: Context, config: Config, only: ReadonlySet<string>) {
  return withScratch(await context.mysql.schemaServers(), config, async (scratch, inside, read) => {
    await runMigrations(context, inside, only)
    const replayed: (SourcedSchema & { readonly rows: readonly TableRows[] })[] = []
    for (const schema of await Promise.all(scratch.databases.map(read))) {
      replayed.push({ ...schema, rows: await scratch.readRows(schema.snapshot) })
    }
    return replayed
  })
}

/**
 * The migrations of all databases, by the run that makes any: what one needs may be in another.
 * @param only the steps that run, by name; null for all
 */
async function runMigrations(context: Context, config: Config, only: ReadonlySet<string> | null): Promise<void> {
  const inside: Context = {
    ...context,
    targets: [],
    config: async () => config,
    confirm: async () => undefined,
    emit: () => undefined,
  }
  const options = { direction: 'up', to: null, steps: null, probe: false, allow: [...hazardCodes] } as const
  const { result, exitCode } = await withTargets(inside, { writable: true, plans: true }, (_, open) =>
    runTargets(inside, config, open, {
      ...options,
      ...(only !== null && { only }),
      command: 'migrate',
      records: false,
      dryRun: false,
      confirm: async () => undefined,
    }),
  )
  if (exitCode === exitCodes.done) return
  const failures = result.kind === 'run' ? result.outcomes : []
  const faults = failures.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  const code = failures.find((failure) => failure.code !== null)?.code ?? 'STOPPED'
  const stopped = { what: 'The migrations were stopped before they had made the schema in scratch schemas.' }
  throw new ToolError(code, faults.length === 0 ? stopped : faults, { exitCode })
}

/** What the journals of all databases record. */
export interface AppliedSteps {
  /** Steps that ran whole, by name: `user_db/0001`. */
  readonly done: ReadonlySet<string>
  /** Databases with a migration that is under way or stopped half way, and its label: what they should look like is not known. */
  readonly unfinished: ReadonlyMap<string, string>
}

const wholeStates: ReadonlySet<string> = new Set(['applied', 'baseline', 'changed', 'outdated'])
const unfinishedStates: ReadonlySet<string> = new Set(['running', 'partial', 'reverting'])

/** Throws ToolError `SCHEMA_UNKNOWN` where the file of an applied migration is gone. */
export async function findApplied(context: Context): Promise<AppliedSteps> {
  const { result } = await status.run({}, { ...context, targets: [] })
  const targets = result.kind === 'status' ? result.targets : []
  const all = targets.flatMap(({ target, migrations }) =>
    migrations.map((one) => ({ ...one, database: target.database })),
  )
  const gone = all.filter(({ state }) => state === 'missing')
  if (gone.length > 0) {
    throw new ToolError(
      'SCHEMA_UNKNOWN',
      gone.map(({ database, version, name }) => ({
        what: `What the applied migrations make is not known: the file of \`${version}_${name}\` is gone.`,
        where: { database },
        next: 'Bring the file back, or compare with `wwdb schema diff --to files`.',
      })),
    )
  }
  const under = all.filter(({ state }) => unfinishedStates.has(state))
  return {
    done: new Set(
      all.filter(({ state }) => wholeStates.has(state)).map(({ database, version }) => `${database}/${version}`),
    ),
    unfinished: new Map(under.map(({ database, version, name }) => [database, `${version}_${name}`])),
  }
}

async function readDump(context: Context, servers: SchemaServers, file: string): Promise<readonly SourcedSchema[]> {
  const config = await context.config()
  const [database, ...others] = selectDatabases(config, context.targets)
  if (database === undefined || others.length > 0) {
    throw new ToolError('USAGE', {
      what: 'A file of SQL makes one database, and several are chosen.',
      next: `Name it: \`--target ${database?.name ?? 'NAME'}\`.`,
    })
  }
  const statements = readDumpStatements(resolve(context.process.cwd, file), file)
  return replay(context, servers, async (_, run) => {
    for (const { text, line } of statements) {
      await run(database.name, text).catch((error: unknown) => {
        throw new ToolError(
          'STATEMENT_FAILED',
          {
            what: 'A statement of the file failed in a scratch schema.',
            where: { file, line, database: database.name },
            why: error instanceof Error ? error.message : String(error),
            next: 'Correct the file.',
          },
          { cause: error },
        )
      })
    }
  })
}

/** SQL with the schemas of this configuration in place of `{{schema:user_db}}`. */
export function nameSchemas(text: string, { databases }: Pick<Config, 'databases'>): string {
  return databases.reduce(
    (sql, { name, schema }) => sql.replaceAll(`{{schema:${name}}}`, () => quoteName(schema)),
    text,
  )
}

/** Throws ToolError `SCHEMA_HIDDEN`: without an object that is there, a schema would pass for the whole one. */
export function refuseHidden(schemas: readonly SourcedSchema[]): void {
  const faults = schemas.flatMap(({ database, hidden }) =>
    hidden.map((object) => ({
      what: `The user of ${database.name} may not read the text of the ${object}.`,
      where: { database: database.name, server: database.server.label },
      next: `GRANT ${object.startsWith('view ') ? `SHOW VIEW ON \`${database.schema}\`.*` : 'SHOW_ROUTINE ON *.*'} to the user.`,
    })),
  )
  if (faults.length > 0) throw new ToolError('SCHEMA_HIDDEN', faults)
}
