import { resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { inOneSentence, ToolError } from '../../core/tool-error.ts'
import { findScope } from '../../shards/schema-scope.ts'
import { readDumpStatements } from '../dump-file.ts'
import { type SchemaServers, schemaServers } from '../ports.ts'
import { withoutUntried } from '../replay-reach.ts'
import { listUneven, refuseUneven } from '../uneven-schema.ts'
import { type AppliedSteps, findApplied } from './applied.ts'
import { withOldFiles } from './old-files.ts'
import { readLive, type SourcedSchema, type SourceReading } from './read-live.ts'
import { listUnfilled, replay, replayMigrations } from './replay.ts'

/**
 * Where a schema is taken from.
 * - `live`        the databases as they are
 * - `files`       the result of all migration files, in scratch schemas
 * - `applied`     the result of the migrations that the journals record as applied, in scratch schemas
 * - `environment` the databases of another environment of the configuration
 * - `dump`        the result of an SQL file, in a scratch schema
 */
export type SchemaSource =
  | { readonly type: 'live' }
  | { readonly type: 'files'; readonly isFresh?: boolean }
  | { readonly type: 'applied'; readonly steps?: AppliedSteps; readonly isFresh?: boolean }
  | { readonly type: 'environment'; readonly name: string }
  | { readonly type: 'dump'; readonly file: string }

/**
 * Reads `live`, `files`, `applied`, `env:NAME` or `file:PATH`. Throws ToolError `USAGE` (64).
 * @param isFresh replays migrations even where the user's cache has their result
 */
export function parseSource(flag: string, text: string, isFresh = false): SchemaSource {
  if (text === 'live') return { type: text }
  if (text === 'files' || text === 'applied') return { type: text, isFresh }
  const [, kind, rest = ''] = /^(env|file):(.+)$/.exec(text) ?? []
  if (kind === 'env') return { type: 'environment', name: rest }
  if (kind === 'file') return { type: 'dump', file: rest }
  throw new ToolError('USAGE', {
    what: `\`--${flag} ${text}\` is not a source of a schema.`,
    next: 'Give live, files, applied, env:NAME or file:PATH.',
  })
}

/** Reads the chosen databases from a source. Rejects with ToolError, even where only one of them is not reached, and `SHARDS_DIFFER` where a keyspace has no one schema. */
export async function readSource(context: Context, source: SchemaSource): Promise<readonly SourcedSchema[]> {
  const { schemas, unreached } = await readReachable(context, source)
  refuseUneven(listUneven(schemas))
  const [lacking] = unreached
  if (lacking === undefined) return schemas
  throw new ToolError(
    lacking.code,
    unreached.map(({ fault }) => fault),
    { exitCode: exitCodes.unreachable },
  )
}

/**
 * The same for those that can be reached, with the list of the others. Rejects with ToolError where none can.
 * @param shards `write` has the shards of a database among its tables
 */
export async function readReachable(
  context: Context,
  source: SchemaSource,
  shards: 'fold' | 'write' = 'fold',
): Promise<SourceReading> {
  const servers = await context.port(schemaServers)
  switch (source.type) {
    case 'live':
      return readLive(servers, await context.config(), context.targets, shards)
    case 'environment':
      return readLive(servers, await configOf(context, source.name), context.targets, shards)
    case 'files':
      return replayMigrations(context, servers, {
        config: await context.config(),
        only: null,
        isFresh: source.isFresh === true,
      })
    case 'applied': {
      const { done, unreached } = source.steps ?? (await findApplied(context))
      const reading = await withOldFiles(await context.config(), done, (config) =>
        replayMigrations(context, servers, { config, only: done, isFresh: source.isFresh === true }),
      )
      return withoutDatabases(reading, await chosenOf(context, unreached))
    }
    case 'dump':
      return readDump(context, servers, source.file)
  }
}

/** Without facts that its journal does not prove: a server that was unreachable when its journal was read may be back. */
function withoutDatabases({ schemas, unreached }: SourceReading, unread: readonly UnreachedTarget[]): SourceReading {
  const names = new Set(unread.map(({ target }) => target.database))
  return {
    schemas: schemas.filter(({ database }) => !names.has(database.name)),
    unreached: [...unread, ...unreached.filter(({ target }) => !names.has(target.database))],
  }
}

async function chosenOf(context: Context, unreached: readonly UnreachedTarget[]): Promise<readonly UnreachedTarget[]> {
  const chosen = new Set(selectDatabases(await context.config(), context.targets).map(({ name }) => name))
  return unreached.filter(({ target }) => chosen.has(target.database))
}

const describeLeftOut = ({ target, fault }: UnreachedTarget): string =>
  `\`${target.database}\` is left out: ${inOneSentence(fault)}`

/** Names the databases that are missing from an answer in the form of a text or files. */
export function warnOfUnreached({ emit }: Pick<Context, 'emit'>, unreached: readonly UnreachedTarget[]): void {
  for (const one of unreached) emit({ type: 'warning', message: describeLeftOut(one), target: one.target })
}

/** The databases of a source, with the schemas that hold them there: those of this configuration, unless it is another environment. */
export async function databasesOf(context: Context, source: SchemaSource): Promise<Config['databases']> {
  const { databases } = source.type === 'environment' ? await configOf(context, source.name) : await context.config()
  return databases
}

/** The configuration of another environment; flags and variables that choose servers apply only to the current one. */
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

async function readDump(context: Context, servers: SchemaServers, file: string): Promise<SourceReading> {
  const config = await withoutUntried(await context.config(), context.targets)
  const [database, ...others] = selectDatabases(config, context.targets)
  if (database === undefined || others.length > 0) {
    throw new ToolError('USAGE', {
      what: 'An SQL file describes one database, but several are selected.',
      next: `Choose one: \`--target ${database?.name ?? 'NAME'}\`.`,
    })
  }
  const statements = readDumpStatements(resolve(context.process.cwd, file), file)
  return replay(
    { servers, config, scope: await findScope(config), begin: 'present' },
    [database.name],
    async (_, scratch) => {
      const unfilled = listUnfilled(scratch)
      if (unfilled.some(({ target }) => target.database === database.name)) return unfilled
      for (const { text, line } of statements) {
        await scratch.run(database.name, text).catch((error: unknown) => {
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
      return unfilled
    },
  )
}
