import { resolve } from 'node:path'
import type { Context } from '../../command/context.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import { compareSnapshots } from '../../ddl/compare-snapshots.ts'
import type { SchemaSnapshot, TableSnapshot } from '../../ddl/snapshot.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import type { SchemaPair } from '../diff.ts'
import { isTable, knowLive } from '../drift/know-implicit.ts'
import { readDumpStatements } from '../dump-file.ts'
import { unnamedImplicit } from '../foreign-key-indexes.ts'
import { databasesOf, type SchemaSource } from './sources.ts'

/**
 * Both sides with the indexes that MySQL created for foreign keys, of the differing tables and keys: databases are asked about them; in files such indexes
 * are not named.
 */
export async function knowSides(
  context: Context,
  pairs: readonly SchemaPair[],
  sources: { readonly from: SchemaSource; readonly to: SchemaSource },
): Promise<readonly SchemaPair[]> {
  const known: SchemaPair[] = []
  for (const pair of pairs) {
    const written = tablesWithNewKeys(pair)
    known.push(
      written.size === 0
        ? pair
        : {
            ...pair,
            wanted: await knowSide(context, sources.to, pair.wanted, written),
            found: await knowSide(context, sources.from, pair.found, written),
          },
    )
  }
  return known
}

/** Names of tables that one of both ways creates, or adds a foreign key to. */
function tablesWithNewKeys({ wanted, found }: SchemaPair): ReadonlySet<string> {
  const written = compareSnapshots(wanted, found).filter(({ type, change, parts }) => {
    return type === 'table' && (change !== 'differs' || parts.some(({ part }) => part === 'foreign key'))
  })
  return new Set(written.map(({ name }) => name))
}

async function knowSide(
  context: Context,
  source: SchemaSource,
  snapshot: SchemaSnapshot,
  written: ReadonlySet<string>,
): Promise<SchemaSnapshot> {
  const databases = await databasesOf(context, source)
  const database = databases.find(({ name }) => name === snapshot.database)
  if (database === undefined) return snapshot
  const isChosen = ({ name, foreignKeys }: TableSnapshot): boolean => foreignKeys.length > 0 && written.has(name)
  if (source.type === 'live' || source.type === 'environment') return knowLive(context, database, snapshot, isChosen)
  const texts = await readTexts(context, source, database)
  if (texts === null) return snapshot
  const know = (table: TableSnapshot): TableSnapshot => ({ ...table, implicit: unnamedImplicit(table, texts) })
  return { ...snapshot, objects: snapshot.objects.map((one) => (isTable(one) && isChosen(one) ? know(one) : one)) }
}

/** The statements that create the schema; null where a file is too large to be held, and may name an index. */
async function readTexts(
  { config, process }: Context,
  source: SchemaSource,
  { name }: DatabaseConfig,
): Promise<readonly { readonly text: string }[] | null> {
  if (source.type === 'dump') return readDumpStatements(resolve(process.cwd, source.file), source.file)
  const own = await config()
  const { migrations } = await readMigrations({
    root: own.root,
    databases: migrationFolders(own),
    chosen: new Set([name]),
  })
  const scripts = (migrations.get(name) ?? []).map(({ up }) => up)
  if (scripts.some(({ type }) => type === 'stream')) return null
  return scripts.flatMap((script) => (script.type === 'statements' ? script.statements : []))
}
