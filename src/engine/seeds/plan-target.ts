import { type FindRow, indexRows } from '../../domain/seeds/order-rows.ts'
import type { DatabaseSeeds, SeedScript } from '../../domain/seeds/seed.ts'
import type { SeedRowChange, SeedScriptRun, SeedTargetPlan } from '../../domain/seeds/seed-plan.ts'
import type { Fault } from '../../domain/tool-error.ts'
import { isApplicable } from '../applicable.ts'
import type { OpenTarget } from '../targets.ts'
import { describeRow, planRows, RecordIndex } from './plan-rows.ts'
import type { SeedStore } from './ports.ts'
import { isSelected, type SeedRequest, takesPartIn } from './request.ts'
import type { StagedSeed } from './stage-target.ts'

/** One target with all that its seeding needs. */
export interface SeedTarget {
  readonly target: OpenTarget
  readonly store: SeedStore
  readonly seeds: DatabaseSeeds
  readonly tables: readonly StagedSeed[]
}

export interface TargetPlanning {
  readonly plan: SeedTargetPlan
  readonly scripts: readonly SeedScript[]
  readonly faults: readonly Fault[]
}

/** A script's version in the journal. */
export function versionOf({ name }: Pick<SeedScript, 'name'>): string {
  return `S__${name}`
}

/** What a run would do to one target, from its rows as they are now. Writes nothing, and locks nothing. */
export async function planTarget(request: SeedRequest, seeding: SeedTarget): Promise<TargetPlanning> {
  const { store, target, tables } = seeding
  const find = findActive(request, seeding)
  const takesPart = takesPartIn(request)
  const records = new RecordIndex(await store.readRecords())
  const rows: SeedRowChange[] = []
  const faults: Fault[] = []
  let unchanged = 0
  for (const table of tables) {
    const matches = await store.match(table.number, table.staged, null, false)
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
  await store.rollback()
  const scripts = chooseScripts(request, seeding)
  const plan: SeedTargetPlan = {
    target: target.session.target,
    rows,
    unchanged,
    scripts: scripts.map(({ run }) => run),
    dependents: [],
  }
  return { plan, scripts: scripts.flatMap(({ run, script }) => (run.state === 'same' ? [] : [script])), faults }
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
