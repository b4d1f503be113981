import type { Emit } from '../command/event.ts'
import type { TargetOutcome } from '../command/result.ts'
import type { Config } from '../config/config.ts'
import { sessionSettings } from '../config/session.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'
import { type JournalFormat, journalFormat, missingSteps, readFormat } from './journal/journal-format.ts'
import { namesSetting, unrecordedNames } from './journal/moved-names.ts'
import { noChange } from './journal/rows.ts'
import { dropLost, type OpenTarget, type OpenTargets, refreshTarget } from './targets.ts'
import { isLost, type Unreached } from './unreached.ts'

/** What waiting for locks needs from the run. */
export interface LockRequest {
  readonly config: Config
  readonly emit: Emit
  readonly stop: StopRequest
}

function stoppedWhileWaiting(): ToolError {
  return new ToolError('STOPPED', {
    what: 'Stopped before anything was done.',
    next: 'Run the command again when ready.',
  })
}

async function lockTarget(request: LockRequest, { session }: OpenTarget): Promise<void> {
  if (request.stop.requested) throw stoppedWhileWaiting()
  const started = performance.now()
  await session.lock(request.config.timeouts.lock, (holder, milliseconds) => {
    if (request.stop.requested) throw stoppedWhileWaiting()
    request.emit({ type: 'lock-waiting', target: session.target, holder, milliseconds })
  })
  request.emit({ type: 'lock-acquired', target: session.target, milliseconds: performance.now() - started })
}

/**
 * Takes the locks one after another, in the same order in all runs, so that two runs never deadlock. Returns the databases without
 * those whose servers were lost, as `dropLost` does. The run has its row in a database only when `recorded` of its session says so: nothing is written before. Throws ToolError `LOCK_HELD`, `LOCK_UNRELIABLE`, `STOPPED`.
 */
export async function lockTargets<T extends OpenTargets>(request: LockRequest, open: T): Promise<T> {
  const order = (target: OpenTarget): string => `${target.session.target.server}/${target.session.target.schema}`
  const lost = new Map<OpenTarget, ToolError>()
  for (const target of [...open.targets].sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    try {
      await lockTarget(request, target)
    } catch (error) {
      if (!isLost(error)) throw error
      lost.set(target, error)
    }
  }
  return dropLost(open, lost)
}

/** Reads a journal again under its lock, once the run has its row in that database: none waits for the rows of the others. Throws where a hook forbids the run. */
export async function refreshLocked(target: OpenTarget): Promise<OpenTarget> {
  await target.session.recorded?.()
  return refreshTarget(target)
}

/**
 * Does the work for all databases in parallel, before anything is written there. Returns the results, in their order, and the databases:
 * those whose servers were lost meanwhile are left out of both, as in `dropLost`.
 */
export async function workOnTargets<T extends OpenTargets, R>(
  open: T,
  work: (target: OpenTarget) => Promise<R>,
): Promise<{ readonly open: T; readonly results: readonly R[] }> {
  const lost = new Map<OpenTarget, ToolError>()
  const results = await Promise.all(
    open.targets.map(async (target) => {
      try {
        return [await work(target)]
      } catch (error) {
        if (!isLost(error)) throw error
        lost.set(target, error)
        return []
      }
    }),
  )
  return { open: dropLost(open, lost), results: results.flat() }
}

/**
 * Reads the journals again under the locks, or does other work that must come first; databases whose servers were lost are left out.
 */
export async function refreshTargets<T extends OpenTargets>(
  open: T,
  refresh: (target: OpenTarget) => Promise<OpenTarget>,
): Promise<T> {
  const { open: left, results } = await workOnTargets(open, refresh)
  return { ...left, targets: results }
}

/** Releases the locks; a lost connection has released its own already. */
export async function unlockTargets(targets: readonly OpenTarget[]): Promise<void> {
  await Promise.allSettled(targets.map((target) => target.session.unlock()))
}

/**
 * Creates the journal where there is none, records the choices that must not change later, and upgrades a journal of an earlier format. Needs the lock. Returns the target with its current journal.
 * @param format what this wwdb writes; another one only in tests
 */
export async function prepareJournal(
  target: OpenTarget,
  references: 'physical' | 'logical',
  format: JournalFormat = journalFormat,
): Promise<OpenTarget> {
  const { session, database } = target
  const { exists, settings } = target.snapshot
  // A table without settings was created by a run of any version that was killed there: unnecessary steps do nothing.
  const first = exists ? readFormat(settings.get('format')) : format.number
  const chosen = new Map([['references', references], ['format', String(first)], ...sessionSettings(database.session)])
  // Names on a server that compares them differently are written with the record, which uses them.
  const names = settings.has(namesSetting) ? null : unrecordedNames(target)
  if (!exists) {
    await session.createJournal({ settings: chosen, names })
    return target
  }
  if (!settings.has('references')) await session.recordSettings(chosen)
  if (names !== null) await session.writeJournal({ ...noChange, names })
  const steps = missingSteps(settings.get('format'), format)
  if (steps.length === 0) return target
  await session.upgradeJournal(steps)
  return refreshTarget(target, format)
}

interface JournalWork {
  readonly config: Config
  readonly open: OpenTargets
  readonly emit: Emit
  readonly stop: StopRequest
  /** Changes the journal of one target; returns a line for each change. */
  readonly work: (target: OpenTarget) => Promise<readonly string[]>
}

/** Takes the locks of all targets, then changes one journal after another. Returns what was done, and what could not be reached. */
export async function changeJournals(
  request: JournalWork,
): Promise<{ readonly outcomes: readonly TargetOutcome[]; readonly unreached: readonly Unreached[] }> {
  const { references } = request.open
  try {
    const locked = await lockTargets(request, request.open)
    const open = await refreshTargets(locked, async (target) => prepareJournal(await refreshLocked(target), references))
    const outcomes: TargetOutcome[] = []
    for (const target of open.targets) {
      const started = performance.now()
      const done = await request.work(target)
      outcomes.push({
        target: target.session.target,
        state: done.length > 0 ? 'done' : 'nothing-to-do',
        done,
        notDone: [],
        statements: 0,
        milliseconds: performance.now() - started,
        fault: null,
        code: null,
      })
    }
    return { outcomes, unreached: open.unreached }
  } finally {
    await unlockTargets(request.open.targets)
  }
}
