import type { Fault } from '../core/tool-error.ts'
import { programCutOff } from '../migrations/journal/settlement.ts'
import { isApplicable, platformOf } from '../migrations/plan/database-state.ts'
import { resolveText, schemasOf } from '../migrations/plan/placeholders.ts'
import { type FindRow, indexRows } from './order-rows.ts'
import { describeRow, digestValue, identityOf, nameOf, planRows, RecordIndex, showValue } from './plan-rows.ts'
import type { DoomedRows, PresentRow, SeedRecord, SeedStore, SeedTableShape } from './ports.ts'
import { isSelected, type SeedRequest, type SeedTarget, takesPartIn } from './ports.ts'
import type { SeedRowChange, SeedScript, SeedScriptRun, SeedTargetPlan } from './seed.ts'

export interface TargetPlanning {
  readonly plan: SeedTargetPlan
  readonly scripts: readonly SeedScript[]
  readonly prune: PrunePlanning
  readonly faults: readonly Fault[]
}

/** A script's version in the journal. */
export function versionOf({ name }: Pick<SeedScript, 'name'>): string {
  return `S__${name}`
}

/** What a run would do to one target, given its current rows. Writes and locks nothing. */
export async function planTarget(request: SeedRequest, seeding: SeedTarget): Promise<TargetPlanning> {
  const { store, target } = seeding
  const records = new RecordIndex(await store.readRecords())
  const look = await planTables(request, seeding, records)
  const gone = records
    .without(look.names)
    .filter(({ file, table }) => request.remember !== false && isSelected(request.only, file, table))
  const prune = await planPrune(store, gone, request.prune, false)
  const scripts = chooseScripts(request, seeding, (await store.programs?.read()) ?? new Map())
  const pending = scripts.flatMap(({ run, script }) => (run.state === 'same' ? [] : [script]))
  const schemas = schemasOf(request.config)
  const refused = await store.refuseScripts(pending, (text) => resolveText(text, schemas))
  const plan: SeedTargetPlan = {
    target: target.session.target,
    rows: [...look.rows, ...prune.rows],
    unchanged: look.unchanged,
    scripts: scripts.map(({ run }) => run),
    dependents: prune.dependents,
  }
  await request.object?.(seeding, plan)
  await store.rollback()
  return {
    plan,
    scripts: pending,
    prune,
    faults: [...look.faults, ...prune.faults, ...refused],
  }
}

interface TablesLook {
  readonly rows: readonly SeedRowChange[]
  readonly unchanged: number
  readonly faults: readonly Fault[]
  /** The names of all rows in any file, for any environment. */
  readonly names: ReadonlySet<string>
}

async function planTables(request: SeedRequest, seeding: SeedTarget, records: RecordIndex): Promise<TablesLook> {
  const find = findActive(request, seeding)
  const takesPart = takesPartIn(request)
  const rows: SeedRowChange[] = []
  const faults: Fault[] = []
  const names = new Set<string>()
  let unchanged = 0
  for (const table of seeding.tables) {
    const matches = await seeding.store.match(table.number, table.staged, null, false)
    for (const match of matches) {
      const identity = identityOf(table, match)
      if (identity !== null) names.add(nameOf(table.seed.table, identity))
    }
    const active = matches.filter(({ row }) => {
      const seed = table.seed.rows[row]
      return seed !== undefined && takesPart(seed, table.seed)
    })
    const planning = planRows(table, active, records, find)
    const changes = planning.rows.map((planned) => describeRow(table, planned))
    rows.push(...changes.filter((change) => change !== null))
    unchanged += changes.filter((change) => change === null).length
    faults.push(...planning.faults)
  }
  return { rows, unchanged, faults, names }
}

/** Knows the rows that this run writes. */
export function findActive(request: SeedRequest, { seeds }: SeedTarget): FindRow {
  return indexRows(seeds.tables, takesPartIn(request))
}

/**
 * Scripts that apply here, each with whether its text has run.
 * @param ran the checksums that were committed with the data, which the journal may not have
 */
function chooseScripts(request: SeedRequest, { target, seeds }: SeedTarget, ran: ReadonlyMap<string, string>) {
  const context = {
    environment: request.config.environment,
    references: target.snapshot.settings.get('references') === 'logical' ? ('logical' as const) : ('physical' as const),
    platform: platformOf(target.database),
    serverVersion: target.session.facts.version,
  }
  return seeds.scripts
    .filter((script) => isSelected(request.only, script.file, null) && isApplicable(script, context))
    .map((script) => {
      const version = versionOf(script)
      const passes = target.snapshot.passes.filter(
        (pass) => pass.kind === 'seed' && pass.version === version && pass.open === 0 && pass.closed >= pass.total,
      )
      const last = ran.get(script.name) ?? passes.at(-1)?.checksum
      const state = last === undefined ? 'new' : last === script.checksum ? 'same' : 'changed'
      const onSomeShards = state === 'same' ? null : findOnSomeShards(target.snapshot, script, passes.at(-1)?.pass ?? 0)
      const run: SeedScriptRun = { file: script.file, state, ...(onSomeShards !== null && { onSomeShards }) }
      return { script, run }
    })
}

/** What shards may have of a program since it last ran to its end. */
function findOnSomeShards(
  { passes, rows }: SeedTarget['target']['snapshot'],
  script: SeedScript,
  since: number,
): NonNullable<SeedScriptRun['onSomeShards']> | null {
  const cutOff = new Set(rows.flatMap(({ pass, error }) => (error === programCutOff && pass > since ? [pass] : [])))
  const own = passes.filter(({ version, pass }) => version === versionOf(script) && cutOff.has(pass))
  if (own.length === 0) return null
  return own.every(({ checksum }) => checksum === script.checksum) ? 'this-text' : 'former-text'
}

const writes: ReadonlySet<SeedRowChange['action']> = new Set(['insert', 'update', 'adopt', 'delete'])

/** True where the plan writes anything. */
export function hasWork({ rows, scripts }: SeedTargetPlan): boolean {
  return rows.some(({ action }) => writes.has(action)) || scripts.some(({ state }) => state !== 'same')
}

/** A row that the tool inserted, and that is no longer in any file. */
interface Leftover {
  readonly record: SeedRecord
  readonly present: PresentRow
  readonly shape: SeedTableShape
}

export interface PrunePlanning {
  readonly rows: readonly SeedRowChange[]
  readonly doomed: readonly DoomedRows[]
  /** Records of rows to be removed, and of rows that no longer exist or now belong to others. */
  readonly forget: readonly SeedRecord[]
  readonly dependents: SeedTargetPlan['dependents']
  readonly faults: readonly Fault[]
}

/**
 * Finds the rows that left the files. Only rows count that the tool itself inserted and that still have their natural key: a row that was renamed by hand, or replaced by another, is not removed.
 * @param records of rows that no file has, of any environment
 * @param prune false only looks which there are
 */
export async function planPrune(
  store: SeedStore,
  records: readonly SeedRecord[],
  prune: boolean,
  lock: boolean,
): Promise<PrunePlanning> {
  const leftovers = await findLeftovers(store, records, lock)
  const doomed = groupRows(leftovers)
  const dependents = prune && doomed.length > 0 ? await store.countDependents(doomed) : []
  return {
    rows: leftovers.map((leftover) => describeLeftover(leftover, prune)),
    doomed,
    forget: records,
    dependents,
    faults: dependents.filter(({ effect }) => effect === 'refuse').map(refusedByKey),
  }
}

async function findLeftovers(
  store: SeedStore,
  records: readonly SeedRecord[],
  lock: boolean,
): Promise<readonly Leftover[]> {
  const tables = [...new Set(records.map(({ table }) => table))]
  const shapes = await store.describe(tables)
  const leftovers: Leftover[] = []
  for (const table of tables) {
    const shape = shapes.get(table)
    const own = records.filter((record) => record.table === table && record.inserted)
    if (shape === undefined || own.length === 0) continue
    const identities = own.map(({ identity }) => shape.identity.map((column) => identity[column] ?? ''))
    const present = await store.findRows({ table, shape, identities }, lock)
    for (const [index, record] of own.entries()) {
      const row = present.find(({ identity }) => identity.join('\n') === identities[index]?.join('\n'))
      if (row !== undefined && isOurs(record, row)) leftovers.push({ record, present: row, shape })
    }
  }
  return leftovers
}

function isOurs({ keyColumns, written }: SeedRecord, { values }: PresentRow): boolean {
  return keyColumns.every((column) => written[column] === digestValue(values.get(column) ?? null))
}

function groupRows(leftovers: readonly Leftover[]): readonly DoomedRows[] {
  const groups = new Map<string, { table: string; shape: SeedTableShape; identities: (readonly string[])[] }>()
  for (const { record, present, shape } of leftovers) {
    const group = groups.get(record.table) ?? { table: record.table, shape, identities: [] }
    group.identities.push(present.identity)
    groups.set(record.table, group)
  }
  return [...groups.values()]
}

/** Changes made to the row since are shown: they would be lost. */
function describeLeftover({ record, present }: Leftover, prune: boolean): SeedRowChange {
  const changed = [...present.values].filter(([column, text]) => {
    const left = record.written[column]
    return left !== undefined && left !== digestValue(text)
  })
  const changes = changed.map(([column, text]) => ({
    column,
    before: showValue(column, text),
    after: null,
    byHand: true,
    kept: !prune,
  }))
  const { table, key, file } = record
  return { table, key, action: prune ? 'delete' : 'leave', file, line: null, changes }
}

function refusedByKey({ table, constraint, rows }: SeedTargetPlan['dependents'][number]): Fault {
  return {
    what: `${rows} ${rows === 1 ? 'row' : 'rows'} of \`${table}\` still reference rows removed from the seed files; foreign key \`${constraint}\` prevents deleting them.`,
    why: 'They were not inserted by seeds, or are still in the files.',
    next: 'Change their references or delete them first, or restore the rows in the files. Without `--prune` the rows simply stay.',
  }
}
