import type { Fault } from '../core/tool-error.ts'
import { isApplicable } from '../migrations/plan/applicable.ts'
import { type FindRow, indexRows } from './order-rows.ts'
import { type PrunePlanning, planPrune } from './plan-prune.ts'
import { describeRow, identityOf, nameOf, planRows, RecordIndex } from './plan-rows.ts'
import { isSelected, type SeedRequest, type SeedTarget, takesPartIn } from './request.ts'
import type { SeedScript } from './seed.ts'
import type { SeedRowChange, SeedScriptRun, SeedTargetPlan } from './seed-plan.ts'

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

/** What a run would do to one target, from its rows as they are now. Writes nothing, and locks nothing. */
export async function planTarget(request: SeedRequest, seeding: SeedTarget): Promise<TargetPlanning> {
  const { store, target } = seeding
  const records = new RecordIndex(await store.readRecords())
  const look = await planTables(request, seeding, records)
  const gone = records
    .without(look.names)
    .filter(({ file, table }) => request.remember !== false && isSelected(request.only, file, table))
  const prune = await planPrune(store, gone, request.prune, false)
  const scripts = chooseScripts(request, seeding)
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
    scripts: scripts.flatMap(({ run, script }) => (run.state === 'same' ? [] : [script])),
    prune,
    faults: [...look.faults, ...prune.faults],
  }
}

interface TablesLook {
  readonly rows: readonly SeedRowChange[]
  readonly unchanged: number
  readonly faults: readonly Fault[]
  /** Of all rows that any file has, of whatever environment. */
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

/** Scripts that hold here, each with whether its text has run. */
function chooseScripts(request: SeedRequest, { target, seeds }: SeedTarget) {
  const circumstances = {
    environment: request.config.environment,
    references: target.snapshot.settings.get('references') === 'logical' ? ('logical' as const) : ('physical' as const),
    serverVersion: target.session.facts.version,
  }
  return seeds.scripts
    .filter((script) => isSelected(request.only, script.file, null) && isApplicable(script, circumstances))
    .map((script) => {
      const version = versionOf(script)
      const passes = target.snapshot.passes.filter(
        (pass) => pass.kind === 'seed' && pass.version === version && pass.open === 0 && pass.closed >= pass.total,
      )
      const last = passes.at(-1)
      const state = last === undefined ? 'new' : last.checksum === script.checksum ? 'same' : 'changed'
      const run: SeedScriptRun = { file: script.file, state }
      return { script, run }
    })
}

const writes: ReadonlySet<SeedRowChange['action']> = new Set(['insert', 'update', 'adopt', 'delete'])

/** True where the plan writes anything. */
export function hasWork({ rows, scripts }: SeedTargetPlan): boolean {
  return rows.some(({ action }) => writes.has(action)) || scripts.some(({ state }) => state !== 'same')
}
