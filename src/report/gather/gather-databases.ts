import type { Context } from '../../command/context.ts'
import { type Config, type DatabaseConfig, selectDatabases } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { countOf } from '../../core/plural.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import { describeUneven } from '../../ddl/merge-shards.ts'
import { readTable } from '../../ddl/read-table.ts'
import { listTables, nameOfTable, type Schema } from '../../ddl/schema.ts'
import type { Table } from '../../ddl/table.ts'
import { readHistory } from '../../lint/review/read-history.ts'
import { holdMigrations } from '../../lint/trial/hold-migrations.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { inspectMigrations } from '../../migrations/files/read-migrations.ts'
import type { TargetStatus } from '../../migrations/journal/status.ts'
import type { Migration } from '../../migrations/migration.ts'
import { judgeDatabases } from '../../migrations/overview/judge-databases.ts'
import { declareKeys } from '../../references/declared-keys.ts'
import { schemaServers } from '../../schema/ports.ts'
import { readLive, type SourcedSchema, type SourceReading } from '../../schema/sources/read-live.ts'
import { inspectFamilies } from '../../shards/templates/read-families.ts'
import { toStatement } from '../../sql/classify.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type DeclaredKeyOfTable, describeTable, describeWritten } from '../describe-tables.ts'
import { followOrigins } from '../origins.ts'
import type { ReportDatabase, ReportGap, ReportKey, ReportTable } from '../report.ts'
import { attemptPart, type PartReading, placeOf, toGap, toGaps } from './attempt.ts'
import { mostDescribed, type TableChoice } from './choose-tables.ts'

/** What the files and the servers say, before it is merged. */
interface Sources {
  readonly migrations: ReadonlyMap<string, readonly Migration[]>
  readonly families: readonly ShardFamily[]
  readonly schemas: ReadonlyMap<string, SourcedSchema>
  readonly statuses: ReadonlyMap<string, TargetStatus>
  /** Declared keys by the database of the child. */
  readonly keys: ReadonlyMap<string, readonly DeclaredKeyOfTable[]>
}

/** Some of the files, and what the report says about the others. */
export interface ReviewedFiles {
  readonly files: readonly string[]
  readonly gaps: readonly ReportGap[]
}

/** The databases, and the files that lint is to judge. */
export interface DatabasesReading {
  readonly databases: readonly ReportDatabase[]
  /** Null for all. Of a database with more tables than are described, only the pending files: the others take minutes, and will not run again. */
  readonly reviewed: ReviewedFiles | null
}

/**
 * Every database with its tables: as its server has them, or, where the server was not read, as its files define them.
 */
export async function gatherDatabases(
  context: Context,
  config: Config,
  choice: TableChoice,
): Promise<PartReading<DatabasesReading>> {
  const databases = selectDatabases(config, context.targets)
  const [files, live, states] = await Promise.all([
    readFiles(config, new Set(databases.map(({ name }) => name))),
    attemptPart<SourceReading>('tables', { schemas: [], unreached: [] }, async () => {
      const reading = await readLive(
        await context.port(schemaServers),
        config,
        context.targets,
        'fold',
        choice.isDescribed,
      )
      return { value: reading, gaps: [...toGaps('tables', reading.unreached), ...hiddenGaps(reading)] }
    }),
    attemptPart<readonly TargetStatus[]>('tables', [], async () => {
      // Drift is its own part.
      const { databases: judged, unreached } = await judgeDatabases(context, true)
      return { value: judged.map(({ status }) => status), gaps: toGaps('tables', unreached) }
    }),
  ])
  const sources: Sources = {
    ...files.value,
    schemas: new Map(live.value.schemas.map((schema) => [schema.database.name, schema])),
    statuses: new Map(states.value.map((one) => [one.target.database, one])),
  }
  const described: ReportDatabase[] = []
  for (const database of databases) described.push(await describeDatabase(database, sources, choice))
  const left = databases.flatMap(({ name }) => choice.gap(name) ?? [])
  const known = new Set([...files.gaps, ...live.gaps].map(({ why }) => why))
  return {
    value: { databases: described, reviewed: chooseReviewed(described, sources) },
    gaps: [...left, ...files.gaps, ...live.gaps, ...states.gaps.filter(({ why }) => !known.has(why))],
  }
}

function chooseReviewed(
  databases: readonly ReportDatabase[],
  { migrations, families, statuses }: Sources,
): ReviewedFiles | null {
  const large = databases
    .filter(({ leftOut, tables }) => leftOut + tables.length > mostDescribed)
    .map(({ name }) => name)
  if (large.length === 0) return null
  const chosen = databases.flatMap(({ name }) => {
    const own = migrations.get(name) ?? []
    if (!large.includes(name)) return own
    const status = statuses.get(name)
    // Without its journal, each of its files may be applied.
    if (status === undefined) return []
    const applied = new Set(status.migrations.flatMap(({ version, appliedAt }) => (appliedAt === null ? [] : version)))
    return own.filter(({ version }) => !applied.has(version))
  })
  return {
    files: [...chosen.map(({ file }) => file), ...families.map(({ template }) => template.file)],
    gaps: large.map((name) => unreviewed(name, statuses.has(name))),
  }
}

function unreviewed(place: string, isKnown: boolean): ReportGap {
  const many = `the database has more than ${countOf(mostDescribed, 'table')}`
  const why = isKnown
    ? `Files that are applied were not reviewed: ${many}.`
    : `No file was reviewed: ${many}, and its journal, which knows the files that are applied, was not read.`
  return { part: 'lint', place, why, next: 'Run `wwdb lint --all`.' }
}

function hiddenGaps({ schemas }: SourceReading): readonly ReportGap[] {
  return schemas.flatMap(({ database, hidden, uneven = [] }) => {
    const gapOf = (why: string): ReportGap => ({ part: 'tables', place: database.name, why, next: null })
    return [
      ...hidden.map((object) => gapOf(`The account cannot read the definition of the ${object}, so it is left out.`)),
      ...uneven.map((one) => gapOf(`Its shards differ, and one of them is described: ${describeUneven(one)}.`)),
    ]
  })
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

async function describeDatabase(
  database: DatabaseConfig,
  sources: Sources,
  choice: TableChoice,
): Promise<ReportDatabase> {
  const { name, schema, server } = database
  const state = sources.statuses.get(name)
  const history = readHistory(name, await holdMigrations(sources.migrations.get(name) ?? []))
  const applied = (state?.migrations ?? []).flatMap(({ version, appliedAt }) =>
    appliedAt === null ? [] : [[version, toIso(appliedAt)] as const],
  )
  const declared = sources.keys.get(name) ?? []
  const live = sources.schemas.get(name)
  const objects = live?.snapshot.objects ?? []
  const written = live === undefined ? writtenTables(name, history.schema, choice) : []
  const asked = [...written, ...objects].map((table) => table.name)
  const origins = followOrigins(history.files, new Map(applied), asked)
  const plain =
    live === undefined
      ? written.map((table) =>
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
    leftOut: choice.leftOut(name),
    others: objects.flatMap(({ type, name: own }) => (type === 'table' ? [] : [{ type, name: own }])),
    migrations: state === undefined ? null : countMigrations(state),
  }
}

/**
 * The tables defined by files about which the report says anything. The others are not read: for 20,000 that takes a
 * minute.
 */
function writtenTables(database: string, schema: Schema, { isDescribed }: TableChoice): readonly Table[] {
  return listTables(schema, (object) => object.type === 'table' && isDescribed(database, nameOfTable(object)))
}

/** The shards of a family as one table: what its template says. */
function describeFamily({ name, database, pattern, template }: ShardFamily, all: readonly ShardFamily[]): ReportTable {
  const { file, text, line } = template
  const statement = toStatement({ type: 'statement', text, source: text, file, line, column: 1 }, 0)
  const table = readTable(statement, tokenize(text))
  const origin = { made: { file, version: null, name, applied: null }, changed: null }
  const siblings = table.foreignKeys.map(({ columns, parent, parentColumns }): ReportKey => {
    const sibling = /^\{\{sibling:(.+)\}\}$/.exec(parent)?.[1]
    const family = all.find((one) => one.name === sibling)
    return {
      columns,
      database: family?.database ?? database,
      table: family?.pattern ?? parent,
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
