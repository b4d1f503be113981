import type { Migration } from '../../core/migration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { JournalState } from '../journal/journal-state.ts'
import type { Pass } from '../journal.ts'
import { migrationLabel } from '../migration-label.ts'
import type { Step } from '../plan.ts'
import { type Decision, makeStep } from './plan-up.ts'

export interface DownRequest {
  readonly migrations: readonly Migration[]
  readonly state: JournalState
  readonly database: string
  /** Revert everything above this version; null when steps are counted instead. */
  readonly to: string | null
}

function withoutFile(pass: Pass, database: string): Fault {
  return {
    what: `${migrationLabel(pass)} of ${database} cannot be rolled back: its file is gone`,
    where: { database },
    next: 'Bring the file back, or forget the migration with `wwdb repair --forget-missing`.',
  }
}

function withoutDown(migration: Migration): Fault {
  return {
    what: `${migration.file} has no down part`,
    where: { file: migration.file, database: migration.database },
    next: 'Write a `-- migrate:down` part (for a data migration: export `down`), or undo it with a new migration.',
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
    else if (migration.down === null) faults.push(withoutDown(migration))
    else {
      if (pass.direction === 'up' && pass.checksum !== migration.checksum)
        notes.push(`${migration.file} was changed after it ran; its present down part is used`)
      steps.push(makeStep(migration, 'revert', pass.direction === 'down' ? pass.closed : 0))
    }
  }
  return { steps, notes, faults }
}
