import { migrationLabel } from '../../core/migration-label.ts'
import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import {
  isBaselined,
  isStoppedMark,
  type JournalState,
  type MigrationState,
  type Pass,
  ranNothing,
} from '../journal/journal.ts'
import { countStatements, type Migration, type Script } from '../migration.ts'
import type { Step } from '../plan.ts'
import { isBySquash } from './resolve-squash.ts'

/** The result for one direction of one target: what can be done, and what prevents it. */
export interface Decision {
  readonly steps: readonly Step[]
  readonly notes: readonly string[]
  readonly faults: readonly Fault[]
}

export interface UpRequest {
  /** Those that apply here, sorted; repeatable ones last. */
  readonly migrations: readonly Migration[]
  readonly state: JournalState
  /** Versions whose files exist although they do not apply here. */
  readonly known: ReadonlySet<string>
  readonly database: string
  readonly to: string | null
  readonly outOfOrder: 'fail' | 'warn' | 'allow'
  /** A squashed file that is to be recorded after the files that it replaced. */
  readonly record?: Migration | null
}

export function makeStep(migration: Migration, type: Step['type'], from: number): Step {
  const script = type === 'revert' ? migration.down : migration.up
  // On shards the whole script is one row of the target's journal: its statements have rows in the ledger.
  const total = script === null ? 0 : migration.shards === undefined ? countStatements(script) : 1
  return { type, migration, from, total, hazards: [], algorithms: new Map(), after: [] }
}

function changedFile(migration: Migration): Fault {
  return {
    what: `\`${migration.file}\` was changed after it ran on \`${migration.database}\`.`,
    where: { file: migration.file, database: migration.database },
    why: 'Its checksum differs from the journal: the file no longer contains what ran.',
    next: 'Restore the file and write the change as a new migration (`wwdb new`), or accept it with `wwdb repair --accept-checksums`.',
  }
}

function missingFile(state: Exclude<MigrationState, { readonly type: 'pending' }>, database: string): Fault {
  return {
    what: `${describeRun(state, database)}, but its file is gone.`,
    where: { database },
    why: 'It is in the journal, but not in the folder.',
    next: 'Restore the file (another branch may have it), or forget the migration with `wwdb repair --forget-missing`.',
  }
}

/** What is known to have run of a migration; nothing counts as run that may not have. */
function describeRun({ type, pass }: Exclude<MigrationState, { readonly type: 'pending' }>, database: string): string {
  const { closed, open, total } = pass
  const label = migrationLabel(pass)
  if (type === 'applied') return `Migration \`${label}\` ran on \`${database}\``
  if (type === 'reverting')
    return `A rollback of \`${label}\` on \`${database}\` stopped after statement ${closed} of ${total}`
  if (open > 0)
    return `Migration \`${label}\` stopped on \`${database}\` at statement ${closed + 1} of ${total}, which may have run`
  if (closed === 0) return `Migration \`${label}\` began on \`${database}\`, and none of its statements ran`
  return `Migration \`${label}\` stopped on \`${database}\` after statement ${closed} of ${total}`
}

function lateFile(migration: Migration, highest: string): Fault {
  return {
    what: `\`${migration.file}\` sorts before ${highest}, which already ran on \`${migration.database}\`.`,
    where: { file: migration.file, database: migration.database },
    why: 'It was merged late: databases that ran it in order may differ from one that runs it now.',
    next: 'Give it a new version after the last one (rename the file), or run with `--out-of-order allow`.',
  }
}

function unfinishedRollback(migration: Migration, { closed, open, total }: Pass): Fault {
  const at = { file: migration.file, database: migration.database }
  const what = `A rollback of \`${migrationLabel(migration)}\` on \`${migration.database}\` stopped`
  if (open > 0)
    return {
      what: `${what} at statement ${closed + 1} of ${total}, which may have run.`,
      where: at,
      why: 'Only a run, under the lock, finds out whether it ran.',
      next: 'Run `wwdb migrate`: if the rollback turns out to be complete, or to have changed nothing, it continues from there; otherwise it names the command that finishes it.',
    }
  const target = `--steps 1 --target ${migration.database}`
  return {
    what: `${what} after statement ${closed} of ${total}.`,
    where: at,
    why: 'Its tables are neither as before nor as after the migration.',
    next: `Run \`wwdb redo ${target}\`, which finishes the rollback and applies the migration again, or \`wwdb rollback ${target}\`, which only finishes it; if a statement of the down part failed, correct it first.`,
  }
}

function findMissing(request: UpRequest): readonly Fault[] {
  const present = new Set(request.migrations.map((migration) => migration.version))
  const faults: Fault[] = []
  for (const [version, state] of request.state.states) {
    if (present.has(version) || request.known.has(version)) continue
    if (state.type === 'pending' || version.startsWith('R__')) continue
    if (state.type === 'partial' && isStoppedMark(state.pass)) continue
    faults.push(missingFile(state, request.database))
  }
  return faults
}

/** Decides what `migrate` does to one target. Pure: it sees only the journal's state and the files. */
export function planUp(request: UpRequest): Decision {
  const steps: Step[] = []
  const notes: string[] = []
  const faults: Fault[] = [...findMissing(request)]
  for (const migration of request.migrations) {
    if (migration.kind === 'repeatable') continue
    const state = request.state.states.get(migration.version) ?? { type: 'pending' }
    if (state.type === 'applied') {
      if (migration.squashes !== undefined && !isBySquash(state)) steps.push(makeStep(migration, 'record', 0))
      else if (state.pass.checksum !== migration.checksum) faults.push(changedFile(migration))
      continue
    }
    if (isBaselined(request.state, migration.version)) continue
    if (request.to !== null && compareVersions(migration.version, request.to) > 0) continue
    if (state.type === 'reverting') {
      faults.push(unfinishedRollback(migration, state.pass))
      continue
    }
    const { highest } = request.state
    if (state.type === 'pending' && highest !== null && compareVersions(migration.version, highest) < 0) {
      if (request.outOfOrder === 'fail') {
        faults.push(lateFile(migration, highest))
        continue
      }
      if (request.outOfOrder === 'warn') notes.push(`\`${migration.file}\` runs out of order: ${highest} ran before it`)
    }
    if (state.type === 'partial' && isStoppedMark(state.pass) && state.pass.checksum === migration.checksum) {
      steps.push(makeStep(migration, 'record', 0))
      continue
    }
    steps.push(makeStep(migration, 'apply', state.type === 'partial' ? state.pass.closed : 0))
  }
  if (request.to === null) steps.push(...planRepeatable(request))
  return { steps: withRecord(steps, request), notes, faults }
}

/** The squashed file is recorded when the last file that it replaced has run. */
function withRecord(steps: readonly Step[], { record, to }: UpRequest): readonly Step[] {
  if (record == null || (to !== null && compareVersions(record.version, to) > 0)) return steps
  const isLater = ({ migration: { kind, version } }: Step): boolean =>
    kind === 'repeatable' || compareVersions(version, record.version) > 0
  const old = steps.filter((step) => !isLater(step))
  return [...old, makeStep(record, 'record', 0), ...steps.filter(isLater)]
}

function planRepeatable(request: UpRequest): readonly Step[] {
  return request.migrations
    .filter((migration) => migration.kind === 'repeatable')
    .flatMap((migration) => {
      const state = request.state.states.get(migration.version)
      if (state?.type === 'applied' && state.pass.checksum === migration.checksum) return []
      const resumed = state?.type === 'partial' && state.pass.checksum === migration.checksum
      return [makeStep(migration, 'apply', resumed ? state.pass.closed : 0)]
    })
}

interface DownRequest {
  readonly migrations: readonly Migration[]
  readonly state: JournalState
  readonly database: string
  /** Revert everything above this version; null when steps are counted instead. */
  readonly to: string | null
}

function withoutFile(pass: Pass, database: string): Fault {
  return {
    what: `\`${migrationLabel(pass)}\` of \`${database}\` cannot be rolled back: its file is gone.`,
    where: { database },
    next: 'Restore the file, or forget the migration with `wwdb repair --forget-missing`.',
  }
}

function withoutDown(migration: Migration): Fault {
  if (migration.squashes !== undefined)
    return {
      what: `\`${migration.file}\` replaced older migrations, and cannot be rolled back.`,
      where: { file: migration.file, database: migration.database },
      next: 'Revert what it created with a new migration.',
    }
  return {
    what: `\`${migration.file}\` has no down part.`,
    where: { file: migration.file, database: migration.database },
    next: 'Write a `-- migrate:down` part (for a data migration: export `down`), or revert it with a new migration.',
  }
}

/** Candidates of one target, latest first: a stopped rollback, then what ran last, which need not be the highest version. */
export function listReversible(state: JournalState): readonly Pass[] {
  const passes: Pass[] = []
  for (const [version, of] of state.states) {
    if (of.type !== 'pending' && !version.startsWith('R__')) passes.push(of.pass)
  }
  const rank = (pass: Pass): number => (pass.direction === 'down' ? 1 : 0)
  return passes.sort((a, b) => rank(b) - rank(a) || b.pass - a.pass)
}

/** What takes an online change, a retirement or a migration of Vitess back stands in no file. */
const isReturn = (down: Script): boolean =>
  down.type === 'statements' &&
  down.statements.some(
    ({ online, retire, reverts }) => online?.back !== undefined || retire?.back !== undefined || reverts !== undefined,
  )

/** What a person is told of the statements that take migrations of Vitess back. */
const listSaid = (down: Script): readonly string[] =>
  down.type === 'statements' ? down.statements.flatMap(({ reverts }) => reverts?.says ?? []) : []

/** Decides what `rollback` does to one target. `chosen` are the versions to revert, or null for everything above `to`. */
export function planDown(request: DownRequest, chosen: ReadonlySet<string> | null): Decision {
  const byVersion = new Map(request.migrations.map((migration) => [migration.version, migration]))
  const steps: Step[] = []
  const notes: string[] = []
  const faults: Fault[] = []
  for (const pass of listReversible(request.state)) {
    const wanted =
      chosen === null ? request.to === null || compareVersions(pass.version, request.to) > 0 : chosen.has(pass.version)
    if (!wanted) continue
    const migration = byVersion.get(pass.version)
    if (migration === undefined) faults.push(withoutFile(pass, request.database))
    else if (migration.irreversible !== undefined) faults.push(migration.irreversible)
    else if (migration.down === null) faults.push(withoutDown(migration))
    else {
      if (pass.direction === 'up' && pass.checksum !== migration.checksum && !isReturn(migration.down))
        notes.push(`\`${migration.file}\` was changed after it ran; its current down part is used`)
      notes.push(...listSaid(migration.down))
      const state = request.state.states.get(pass.version)
      if (state?.type === 'partial' && !ranNothing(state))
        notes.push(
          `${describeRun(state, request.database)}; its whole down part runs, also for statements that did not run`,
        )
      steps.push(makeStep(migration, 'revert', pass.direction === 'down' ? pass.closed : 0))
    }
  }
  return { steps, notes, faults }
}
