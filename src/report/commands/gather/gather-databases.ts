import { type Config, type DatabaseConfig, selectDatabases } from '../../../config/config.ts'
import type { Context } from '../../../core/context.ts'
import { groupBy } from '../../../core/group-by.ts'
import type { ShardFamily } from '../../../core/shard-family.ts'
import { readTable } from '../../../ddl/read-table.ts'
import { listTables } from '../../../ddl/schema.ts'
import { holdMigrations } from '../../../lint/commands/hold-migrations.ts'
import { readHistory } from '../../../lint/review/read-history.ts'
import { judgeDatabases } from '../../../migrations/commands/judge-databases.ts'
import { migrationFolders } from '../../../migrations/files/folder.ts'
import { inspectMigrations } from '../../../migrations/files/read-migrations.ts'
import type { TargetStatus } from '../../../migrations/journal/status.ts'
import type { Migration } from '../../../migrations/migration.ts'
import { declareKeys } from '../../../references/declared-keys.ts'
import { readLive, type SourcedSchema, type SourceReading } from '../../../schema/commands/read-live.ts'
import { schemaServers } from '../../../schema/ports.ts'
import { inspectFamilies } from '../../../shards/templates/read-families.ts'
import { toStatement } from '../../../sql/classify.ts'
import { tokenize } from '../../../sql/tokens.ts'
import { type DeclaredKeyOfTable, describeTable, describeWritten } from '../../describe-tables.ts'
import { followOrigins } from '../../origins.ts'
import type { ReportDatabase, ReportGap, ReportKey, ReportTable } from '../../report.ts'
import { attemptPart, type PartReading, placeOf, toGap, toGaps } from './attempt.ts'

/** What the files and the servers say, before it is put together. */
interface Sources {
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly families: readonly ShardFamily[]
  readonly schemas: ReadonlyMap<string, SourcedSchema>
  readonly statuses: ReadonlyMap<string, TargetStatus>
  /** By the database of the child. */
  readonly keys: ReadonlyMap<string, readonly DeclaredKeyOfTable[]>
}

/** Every database with its tables: as its server has them, or where that was not read, as its files make them. */
export async function gatherDatabases(
  context: Context,
  config: Config,
): Promise<PartReading<readonly ReportDatabase[]>> {
  const databases = selectDatabases(config, context.targets)
  const [files, live, states] = await Promise.all([
    readFiles(config, new Set(databases.map(({ name }) => name))),
    attemptPart<SourceReading>('tables', { schemas: [], unreached: [] }, async () => {
      const reading = await readLive(await context.port(schemaServers), config, context.targets, 'fold')
      return { value: reading, gaps: [...toGaps('tables', reading.unreached), ...hiddenGaps(reading)] }
    }),
    attemptPart<readonly TargetStatus[]>('tables', [], async () => {
      // Drift is a part of its own.
      const { databases: judged, unreached } = await judgeDatabases(context, true)
      return { value: judged.map(({ status }) => status), gaps: toGaps('tables', unreached) }
    }),
  ])
  const sources: Sources = {
    ...files.value,
    schemas: new Map(live.value.schemas.map((schema) => [schema.database.name, schema])),
    statuses: new Map(states.value.map((one) => [one.target.database, one])),
  }
  const value: ReportDatabase[] = []
  for (const database of databases) value.push(await describeDatabase(database, sources))
  const known = new Set([...files.gaps, ...live.gaps].map(({ why }) => why))
  return { value, gaps: [...files.gaps, ...live.gaps, ...states.gaps.filter(({ why }) => !known.has(why))] }
}

function hiddenGaps({ schemas }: SourceReading): readonly ReportGap[] {
  return schemas.flatMap(({ database, hidden }) =>
    hidden.map((object) => ({
      part: 'tables' as const,
      place: database.name,
      why: `The account cannot read the definition of the ${object}, so it is left out.`,
      next: null,
    })),
  )
}

async function readFiles(
  config: Config,
  chosen: ReadonlySet<string>,
): Promise<PartReading<Pick<Sources, 'migrations' | 'families' | 'keys'>>> {
  const { migrations, faults } = await inspectMigrations({
    root: config.root,
    databases: migrationFolders(config),
    check: 'all',
    chosen,
  })
  const templates = await inspectFamilies({ ...config, chosen })
  const nowhere = { targets: [], missing: config.databases, unreached: [] }
  const declared = await declareKeys(config, nowhere, migrations, true)
  const keys = groupBy(
    declared.map(({ child, parent }) => ({
      owner: child.logical ?? child.database.name,
      key: {
        child: child.table,
        columns: child.columns,
        database: parent.logical,
        table: parent.table,
        parentColumns: parent.columns,
      },
    })),
    ({ owner }) => owner,
  )
  return {
    value: {
      migrations,
      families: templates.families,
      keys: new Map([...keys].map(([owner, list]) => [owner, list.map(({ key }) => key)])),
    },
    gaps: [...faults, ...templates.faults].map((fault) => toGap('tables', placeOf(fault), fault)),
  }
}

async function describeDatabase(database: DatabaseConfig, sources: Sources): Promise<ReportDatabase> {
  const { name, schema, server } = database
  const state = sources.statuses.get(name)
  const history = readHistory(name, await holdMigrations(sources.migrations.get(name) ?? []))
  const applied = (state?.migrations ?? []).flatMap(({ version, appliedAt }) =>
    appliedAt === null ? [] : [[version, toIso(appliedAt)] as const],
  )
  const origins = followOrigins(history.files, new Map(applied))
  const declared = sources.keys.get(name) ?? []
  const live = sources.schemas.get(name)
  const objects = live?.snapshot.objects ?? []
  const plain =
    live === undefined
      ? listTables(history.schema).map((table) =>
          describeWritten(table, {
            name: table.name,
            family: null,
            madeBy: (column) =>
              (column === null ? null : origins.ofColumn(table.name, column)) ?? {
                made: origins.ofTable(table.name),
                changed: null,
              },
            keys: declared.filter(({ child }) => child === table.name).map((key) => ({ ...key, physical: false })),
          }),
        )
      : objects.flatMap((object) => (object.type === 'table' ? [describeTable(name, object, origins, declared)] : []))
  const families = sources.families
    .filter((family) => family.database === name)
    .map((family) => describeFamily(family, sources.families))
  return {
    name,
    schema,
    server: server.label,
    serverVersion: state?.serverVersion ?? null,
    source: live === undefined ? 'files' : 'server',
    tables: [...plain, ...families].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    others: objects.flatMap(({ type, name: own }) => (type === 'table' ? [] : [{ type, name: own }])),
    migrations: state === undefined ? null : countMigrations(state),
  }
}

/** The shards of a family as one table: what its template says. */
function describeFamily({ name, database, pattern, template }: ShardFamily, all: readonly ShardFamily[]): ReportTable {
  const { file, text, line } = template
  const statement = toStatement({ type: 'statement', text, source: text, file, line, column: 1 }, 0)
  const table = readTable(statement, tokenize(text))
  const origin = { made: { file, version: null, name, applied: null }, changed: null }
  const siblings = table.foreignKeys.map(({ columns, parent, parentColumns }): ReportKey => {
    const sibling = /^\{\{sibling:(.+)\}\}$/.exec(parent.name)?.[1]
    const family = all.find((one) => one.name === sibling)
    return {
      columns,
      database: family?.database ?? database,
      table: family?.pattern ?? parent.name,
      parentColumns,
      physical: true,
    }
  })
  const shared = template.sharedReferences.map(
    (reference): ReportKey => ({
      columns: reference.columns,
      database: reference.database,
      table: reference.table,
      parentColumns: reference.parentColumns,
      physical: all.find((one) => one.name === name)?.policy.references === 'physical',
    }),
  )
  return describeWritten(table, { name: pattern, family: name, madeBy: () => origin, keys: [...siblings, ...shared] })
}

function countMigrations({ migrations }: TargetStatus): { readonly applied: number; readonly pending: number } {
  const count = (...states: readonly string[]): number =>
    migrations.filter(({ state }) => states.includes(state)).length
  return {
    applied: count('applied', 'baseline', 'changed', 'missing'),
    pending: count('pending', 'partial', 'outdated', 'out-of-order'),
  }
}

/** A time of the journal, `YYYY-MM-DD HH:MM:SS.ffffff`. */
function toIso(time: string): string {
  return `${time.slice(0, 19).replace(' ', 'T')}Z`
}
