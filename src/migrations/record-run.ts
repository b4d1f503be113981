import type { Emit } from '../command/event.ts'
import type { Config } from '../config/config.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { describeDifference } from '../ddl/compare-snapshots.ts'
import { type RecordedDifference, type Reverts, type TouchedObjects, touchedBy } from '../ddl/recorded-schema.ts'
import type { SchemaScope } from '../ddl/snapshot.ts'
import { compilePattern } from '../sql/object-pattern.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ReplayBehind } from './behind-record.ts'
import { resolveObjects, type Schemas, schemasOf } from './plan/placeholders.ts'
import type { Plan, TargetPlan } from './plan.ts'
import { scriptOf } from './plan-document.ts'
import { beginRecord, type OpenRecord, settleRecord, snapshotOptions } from './record-schema.ts'
import type { OpenTarget } from './targets.ts'

/** What recording needs from the project; it is read when a run has something to do. */
export interface SchemaRecording {
  readonly scope: () => Promise<SchemaScope>
  /** Milliseconds since the epoch: whether an entry of `drift.ignore` has expired. */
  readonly now: () => number
  /** The result of a killed run's statements on the recorded objects. */
  readonly replay: ReplayBehind
}

/** The part of a run that recording uses. */
interface RecordedRun {
  readonly config: Config
  readonly emit: Emit
  readonly options: {
    readonly drift?: 'fail' | 'warn' | 'off' | undefined
    readonly reverts?: Readonly<Record<string, Reverts>>
  }
  readonly recording?: SchemaRecording
}

/** By logical database: those in which the plan does something. */
export type Records = ReadonlyMap<string, OpenRecord>

export async function settleRecords(
  { config, recording, emit }: RecordedRun,
  targets: readonly OpenTarget[],
): Promise<void> {
  const scope = await recording?.scope()
  if (scope === undefined) return
  const settle = (target: OpenTarget): Promise<void> =>
    settleRecord(target, snapshotOptions(config.databases, target.database, scope, recording?.replay), emit)
  await Promise.all(targets.map(settle))
}

export async function beginRecords(
  { config, recording, emit, options: run }: RecordedRun,
  plan: Plan,
  targets: readonly OpenTarget[],
): Promise<Records> {
  const busy = new Map(plan.targets.filter(({ steps }) => steps.length > 0).map((one) => [one.target.database, one]))
  const scope = await recording?.scope()
  if (scope === undefined) return new Map()
  const schemas = schemasOf(config)
  const begun = await Promise.all(
    targets.map(async (target) => {
      const { name } = target.database
      const options = snapshotOptions(config.databases, target.database, scope, recording?.replay)
      const own = busy.get(name)
      if (own === undefined) {
        await settleRecord(target, options, emit)
        return [name, null] as const
      }
      const planned = await listTouched(own, schemas, () => true)
      return [name, await beginRecord(target, options, emit, planned, run.reverts?.[name] ?? null)] as const
    }),
  )
  return new Map(begun.flatMap(([name, record]) => (record === null ? [] : [[name, record] as const])))
}

const isIgnored = ({ drift }: Config, database: string, name: string, today: string): boolean =>
  drift.ignore.some(({ object, until }) => until >= today && compilePattern(object)(database, name))

/** Stops the run before its first statement where it would change something that was changed by hand. Throws ToolError `DRIFT`. */
export async function refuseDrift(
  { config, options, emit, recording }: RecordedRun,
  plan: Plan,
  records: Records,
  targets: readonly OpenTarget[],
): Promise<void> {
  const drift = options.drift ?? config.drift.migrate
  if (drift === 'off' || recording === undefined) return
  const faults: Fault[] = []
  const today = new Date(recording.now()).toISOString().slice(0, 10)
  for (const target of plan.targets) {
    const { database } = target.target
    const record = records.get(database)
    const seen = [{ ...target.target, drift: record?.drift ?? [] }]
    for (const { neighbor, drift: found } of record?.neighbors ?? [])
      seen.push({ ...target.target, database: neighbor.database, schema: neighbor.schema, drift: found })
    if (seen.every((one) => one.drift.length === 0)) continue
    const open = targets.find((one) => one.database.name === database)
    const { objects: defined } = await listTouched(target, schemasOf(config), (version) => !isMended(open, version))
    for (const { drift: found, ...place } of seen) {
      const left = found.filter(({ name }) => !isIgnored(config, place.database, name, today))
      const named = place.database === database ? defined : defined.filter(({ schema }) => schema !== null)
      faults.push(...findDriftOfPlan(named, place.schema, left).map((one) => driftFault(place, one)))
    }
  }
  if (drift === 'fail' && plan.direction === 'up' && faults.length > 0) throw new ToolError('DRIFT', faults)
  for (const { what } of faults) emit({ type: 'warning', message: what, target: null })
}

/** What the plan's statements define, by name; for those that run on shards nothing. A module changes only rows. */
async function listTouched(
  { steps }: TargetPlan,
  schemas: Schemas,
  isChosen: (version: string) => boolean,
): Promise<Omit<TouchedObjects, 'everything'>> {
  const objects: ObjectName[] = []
  let elsewhere = false
  for (const step of steps) {
    const { migration } = step
    const isOwn = step.fanOut === undefined && migration.shards === undefined && isChosen(migration.version)
    const script = isOwn ? scriptOf(step) : null
    if (script === null || script.type === 'module') continue
    for await (const one of script.type === 'statements' ? script.statements : script.open()) {
      if (one.class === 'definition') objects.push(...resolveObjects(one.objects, schemas))
      if (one.class === 'call' || one.class === 'execute') elsewhere = true
    }
  }
  return { elsewhere, objects }
}

/** A step that continues after a failed statement stops for nothing: a person makes it continue by changes made by hand. */
function isMended(target: OpenTarget | undefined, version: string): boolean {
  const state = target?.state.states.get(version)
  if (state === undefined || state.type === 'pending') return false
  if (state.type !== 'partial') return true
  return target?.snapshot.rows.some((row) => row.pass === state.pass.pass && row.state === 'failed') === true
}

/**
 * What was changed by hand among the objects that the plan's statements define. An object that wwdb did not create is left to the statement: its CREATE fails with the advice to mark it, its DROP is
 * a hazard. The same holds for dropped code.
 */
function findDriftOfPlan(
  named: readonly ObjectName[],
  schema: string,
  drift: readonly RecordedDifference[],
): readonly RecordedDifference[] {
  const isTouched = touchedBy({ objects: named }, schema)
  return drift.filter(
    ({ type, name, change, found }) =>
      change !== 'extra' &&
      (type === 'table' || type === 'view' || change !== 'missing') &&
      (isTouched({ type, name }) || (type === 'trigger' && isTouched(found))),
  )
}

/** One object that was changed by hand, with the three possible answers. */
function driftFault({ database, server }: TargetPlan['target'], one: RecordedDifference): Fault {
  return {
    what: `The ${one.type} \`${one.name}\` of \`${database}\` was changed since the last run of wwdb: ${describeDifference(one)}.`,
    where: { database, server },
    why: 'It was not changed by a migration, and the plan changes it, too.',
    next: 'Revert the change with `wwdb drift --revert`, keep it with `wwdb drift --accept NAME`, or list it under `drift.ignore` in the configuration. `--drift warn` continues anyway.',
  }
}
