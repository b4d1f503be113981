import type { Keyspace } from '../../config/vitess-config.ts'
import type { RunUnderWay, Target } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { Migration } from '../migration.ts'
import { planUp } from '../plan/decide-steps.ts'
import type { SeenTarget } from '../targets.ts'
import { findContradictions } from './compare-records.ts'
import { type BatchDone, halfBatch } from './half-batch.ts'
import type { HeldName } from './held-name.ts'
import { isBaselined, type Pass } from './journal.ts'
import { describeMovedNames } from './moved-names.ts'
import { judgeOwnTables } from './own-tables.ts'
import type { RetiredName } from './retired-name.ts'

type State = MigrationStatus['state']

const nothingRan = { appliedAt: null, milliseconds: null, closed: null, total: null } as const

function stateWithoutPass(target: SeenTarget, migration: Migration): State {
  if (isBaselined(target.state, migration.version) && migration.kind !== 'repeatable') return 'baseline'
  const { highest } = target.state
  const late = migration.kind !== 'repeatable' && highest !== null && compareVersions(migration.version, highest) < 0
  return late ? 'out-of-order' : 'pending'
}

function describeFile(target: SeenTarget, migration: Migration, applicable: boolean): MigrationStatus {
  const { version, name, kind, file } = migration
  const base = { version, name, kind, file }
  const state = target.state.states.get(version) ?? { type: 'pending' as const }
  if (!applicable && state.type === 'pending') return { ...base, state: 'not-applicable', ...nothingRan }
  if (state.type === 'pending') return { ...base, state: stateWithoutPass(target, migration), ...nothingRan }
  const { pass } = state
  const ran = {
    appliedAt: pass.closedAt ?? pass.openedAt,
    // The duration of a statement is unknown before it is closed.
    milliseconds: pass.closed === 0 ? null : pass.milliseconds,
    closed: pass.closed,
    total: pass.total,
  }
  const half = halfBatch(target.snapshot, pass)
  if (state.type === 'reverting') return { ...base, state: 'reverting', ...ran, ...half }
  if (state.type !== 'applied') return { ...base, state: 'partial', ...ran, ...half }
  const same = pass.checksum === migration.checksum
  // A squashed file that is not recorded yet: the files that it replaced have run.
  const stands = migration.squashes !== undefined && pass.kind !== 'squash'
  if (same || stands) return { ...base, state: 'applied', ...ran }
  return { ...base, state: kind === 'repeatable' ? 'outdated' : 'changed', ...ran }
}

function describeMissing(target: SeenTarget): readonly MigrationStatus[] {
  const present = new Set(target.all.map((migration) => migration.version))
  const missing: MigrationStatus[] = []
  for (const [version, state] of target.state.states) {
    if (present.has(version) || state.type === 'pending') continue
    const { pass } = state
    missing.push({
      version,
      name: pass.name,
      kind: pass.kind,
      state: 'missing',
      file: null,
      appliedAt: pass.closedAt,
      milliseconds: pass.milliseconds,
      closed: pass.closed,
      total: pass.total,
    })
  }
  return missing
}

/** Every migration of a target, from its files and its journal, in the order in which they run. Pure. */
export function describeMigrations(target: SeenTarget): readonly MigrationStatus[] {
  const applicable = new Set(target.migrations)
  const files = target.all.map((migration) => describeFile(target, migration, applicable.has(migration)))
  // Until the last file that it replaced has run, that one is shown in its place.
  const squash = target.squash?.record ?? null
  const record = target.state.states.get(squash?.version ?? '')?.type === 'applied' ? squash : null
  return [...files, ...(record === null ? [] : describePending([record])), ...describeMissing(target)].sort((a, b) =>
    compareVersions(a.version, b.version),
  )
}

/** The same for a schema that does not exist yet: everything is pending. */
export function describePending(migrations: readonly Migration[]): readonly MigrationStatus[] {
  return migrations.map(({ version, name, kind, file }) => ({
    version,
    name,
    kind,
    file,
    state: 'pending',
    ...nothingRan,
  }))
}

const quiet: ReadonlySet<State> = new Set(['applied', 'baseline', 'not-applicable'])

/** True when the migration needs action: pending, stopped half way, changed or missing. */
export function needsAttention(status: MigrationStatus): boolean {
  return !quiet.has(status.state)
}

/** What `migrate` would do to a target, what makes it refuse, and what the journal lacks. Pure. */
export function judgeTarget(
  target: SeenTarget,
  outOfOrder: 'fail' | 'warn' | 'allow',
): { readonly pending: ReadonlySet<string>; readonly findings: readonly Fault[] } {
  const { steps, faults } = planUp({
    migrations: target.migrations,
    state: target.state,
    known: new Set(target.all.map((migration) => migration.version)),
    database: target.database.name,
    to: null,
    outOfOrder,
    record: target.squash?.record ?? null,
  })
  return {
    pending: new Set(steps.map(({ migration }) => migration.version)),
    findings: [...findDisorder(target), ...(target.squash?.faults ?? []), ...faults, ...findJournalGaps(target)],
  }
}

/** What keeps a run from relying on the journal: records that contradict each other, and wwdb tables that are not as wwdb creates them. Pure. */
function findDisorder({ snapshot, session }: SeenTarget): readonly Fault[] {
  const contradictions = findContradictions(snapshot, session.target).map(({ fault }) => fault)
  const moved = describeMovedNames({ snapshot, session })
  const own = judgeOwnTables(snapshot.tables ?? [], session.target)
  return [...contradictions, ...own, ...(moved === null ? [] : [moved])]
}

/** The same migrations, where a living run holds the lock: what has an open row is running, and for how long. */
export function markRunning(
  migrations: readonly MigrationStatus[],
  target: SeenTarget,
  run: Pick<RunningPass, 'seconds'>,
): readonly MigrationStatus[] {
  const open = new Set(target.snapshot.passes.filter((pass) => pass.open > 0).map((pass) => pass.version))
  const milliseconds = run.seconds === null ? null : run.seconds * 1000
  return migrations.map((status) =>
    open.has(status.version) && (status.state === 'partial' || status.state === 'reverting')
      ? { ...status, state: 'running', milliseconds }
      : status,
  )
}

/** A pass that a run is carrying out now. */
export interface RunningPass {
  readonly pass: number
  /** Who started it, and from where: `person@host`, as the journal has it. */
  readonly person: string
  /** The connection that holds the lock of the database. */
  readonly connectionId: number
  /** Its account and client; null where this account may not see it (it needs PROCESS). */
  readonly account: string | null
  /** How long its current statement has been running; null where this account may not see it. */
  readonly seconds: number | null
  /** How far the server is with it; null where it does not report that, or not to this account. */
  readonly percent: number | null
  /** True where the run is known to be dead: only the server still finishes its statement. */
  readonly orphaned: boolean
}

/** How far a migration is on the shards of a family. */
export interface ShardProgress {
  readonly done: number
  readonly total: number
}

/** One migration as `status` shows it. */
export interface MigrationStatus {
  readonly version: string
  readonly name: string
  readonly kind: Pass['kind']
  /**
   * - `outdated`       a repeatable whose text changed since it ran
   * - `changed`        an applied file whose checksum differs from the journal
   * - `missing`        applied, but its file is gone
   * - `out-of-order`   pending, but sorts before an applied one
   * - `running`        a run is applying or reverting it now
   * - `reverting`      a rollback of it stopped half way
   * - `not-applicable` its `-- wwdb:when` does not apply here
   */
  readonly state:
    | 'applied'
    | 'pending'
    | 'partial'
    | 'running'
    | 'reverting'
    | 'outdated'
    | 'changed'
    | 'missing'
    | 'out-of-order'
    | 'baseline'
    | 'not-applicable'
  readonly file: string | null
  readonly appliedAt: string | null
  /** The total duration of its statements; null where none was closed. For `running`: how long the current one has been running. */
  readonly milliseconds: number | null
  /** For `partial`, `running` and `reverting`: closed statements and all statements. */
  readonly closed: number | null
  readonly total: number | null
  /** For a migration of shards that stopped half way: how many have it. */
  readonly shards?: ShardProgress
  /** The progress of a batch that runs or has stopped halfway; absent for others. */
  readonly batch?: BatchDone
}

export interface TargetStatus {
  readonly target: Target
  readonly serverVersion: string | null
  /** Absent where it is a schema of MySQL itself. */
  readonly keyspace?: Keyspace
  /** True where the server accepts no writes, as a replica: what is pending may be pending only there; absent elsewhere. */
  readonly readOnly?: true
  /** False while the schema does not exist yet. */
  readonly schemaExists: boolean
  readonly migrations: readonly MigrationStatus[]
  /** The run in progress; absent where there is none. */
  readonly run?: RunningPass
  /** Runs that hold it now with no statement of a migration in progress; absent where there are none. */
  readonly runs?: readonly RunUnderWay[]
  /** Tables that `drift --revert` renamed aside; absent where there are none, or it is unknown. */
  readonly held?: readonly HeldName[]
  /** What migrations retired and is not dropped yet; absent where there is nothing. */
  readonly retired?: readonly RetiredName[]
  /** Objects that differ from what wwdb left; absent where nothing is recorded. */
  readonly drift?: number
  /** What makes `migrate` refuse, and faults of the journal, each with what to do. */
  readonly findings: readonly Fault[]
}

const restore = (database: string): string =>
  `Restore the rows of \`wwdb_journal\` from a backup; if they were removed on purpose, see \`wwdb history --target ${database}\` for what is left, and do not remove any more.`

function fault(target: SeenTarget, what: string, next: string): Fault {
  const { database, session } = target
  return {
    what,
    where: { database: database.name, server: session.target.server },
    why: 'wwdb numbers passes and statements without gaps, and never removes a row of what ran.',
    next,
  }
}

/** Rows that the journal must have had and no longer has. If the last pass was removed completely, there is no trace. Pure. */
function findJournalGaps(target: SeenTarget): readonly Fault[] {
  const { passes, gaps = [] } = target.snapshot
  const { name } = target.database
  const numbers = new Set(passes.map(({ pass }) => pass))
  const last = passes.at(-1)?.pass ?? 0
  const missing = Array.from({ length: last }, (_, index) => index + 1).filter((number) => !numbers.has(number))
  const faults: Fault[] = []
  if (missing.length > 0) {
    const list =
      missing.length > 5 ? `${missing.slice(0, 5).join(', ')} and ${missing.length - 5} more` : missing.join(', ')
    faults.push(fault(target, `The journal of \`${name}\` lacks pass ${list} of ${last}`, restore(name)))
  }
  for (const gap of gaps) {
    const of = passes.find(({ pass }) => pass === gap.pass)
    const rows = gap.missing === 1 ? '1 statement' : `${gap.missing} statements`
    faults.push(
      fault(target, `The journal of \`${name}\` lacks ${rows} of ${of?.version ?? `pass ${gap.pass}`}`, restore(name)),
    )
  }
  return [...faults, ...findCutPasses(target)]
}

/**
 * Migrations that the journal has in part although later ones ran: rows of applied statements are gone, and `migrate` would run these a
 * second time. It stops instead. Pure.
 */
export function findCutPasses(target: SeenTarget): readonly Fault[] {
  const { passes } = target.snapshot
  const { name } = target.database
  const faults: Fault[] = []
  for (const [version, state] of target.state.states) {
    if (state.type !== 'partial' || version.startsWith('R__')) continue
    const { pass, closed, total, open } = state.pass
    // A killed run leaves open rows after which the next migration had begun: they are settled first.
    if (open > 0) continue
    const after = passes.find(
      (one) =>
        one.pass > pass &&
        one.closed > 0 &&
        one.direction === 'up' &&
        (one.kind === 'versioned' || one.kind === 'data') &&
        compareVersions(one.version, version) > 0,
    )
    if (after === undefined) continue
    const what = `The journal of \`${name}\` has ${closed} of the ${total} statements of ${version}, and ${after.version} ran after it`
    const next = `Check whether all of ${version} ran: if so, \`wwdb mark ${version} --applied --target ${name}\`; otherwise restore its rows from a backup.`
    faults.push(fault(target, what, next))
  }
  return faults
}
