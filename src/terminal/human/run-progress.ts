import type { RunEvent } from '../../command/event.ts'
import type { Holder } from '../../core/holder.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { timeLeft } from '../../core/progress.ts'
import type { Target } from '../../core/target.ts'

/** What a target is doing now. `since` is in milliseconds of the reporter's clock. */
export type Activity =
  | { readonly type: 'starting'; readonly since: number }
  | { readonly type: 'locked-out'; readonly since: number; readonly holder: Holder | null }
  | { readonly type: 'planning'; readonly since: number }
  /** Waits for steps of other targets. */
  | { readonly type: 'waiting'; readonly since: number; readonly after: readonly string[] }
  | { readonly type: 'between'; readonly since: number }
  | {
      readonly type: 'statement'
      readonly since: number
      readonly statement: number
      readonly total: number
      readonly summary: string
      readonly blockedBy: readonly Holder[]
      /** The progress, as far as the server shows it. */
      readonly percent: number | null
      /** Of a statement in batches: the rows changed so far, and the keys walked a second. */
      readonly batch?: { readonly rows: number; readonly rate: number }
      /** Milliseconds. */
      readonly left: number | null
    }
  /** A migration runs on the shards of a family, several at a time. */
  | {
      readonly type: 'fan-out'
      readonly since: number
      readonly done: number
      readonly total: number
      readonly failed: number
      /** Tables that are being changed, longest first. */
      readonly running: readonly string[]
      readonly blockedBy: readonly Holder[]
      /** Milliseconds. */
      readonly left: number | null
    }
  /** Rotation creates tables, several at a time. */
  | {
      readonly type: 'making'
      readonly since: number
      readonly done: number
      readonly total: number
      readonly left: number | null
    }
  /** Rotation carries out a step of one shard; null between two steps. */
  | {
      readonly type: 'retiring'
      readonly since: number
      readonly shard: { readonly step: string; readonly table: string } | null
      /** Rows done, and how many there are; null where they are not counted. */
      readonly rows: { readonly done: number; readonly total: number; readonly left: number | null } | null
    }
  | { readonly type: 'finished'; readonly since: number }

/** The progress of one target. */
export interface TargetProgress {
  readonly target: Target
  readonly activity: Activity
  /** The current step, as `version_name`. */
  readonly step: string | null
  readonly stepsDone: number
  /** Null until the plan is known. */
  readonly steps: number | null
}

/** Slow work outside the databases. */
export interface OutsideWork {
  readonly message: string
  readonly since: number
}

/** Follows the events of a run: what every target does and since when. It shows nothing. */
export class RunProgress {
  readonly #targets = new Map<string, TargetProgress>()
  readonly #readable: <Value>(value: Value) => Value
  #outside: OutsideWork | null = null

  /** @param readable makes texts fit to be shown when they are needed: most events of a run are never shown */
  constructor(readable: <Value>(value: Value) => Value = (value) => value) {
    this.#readable = readable
  }

  /** @param now milliseconds of the reporter's clock */
  apply(event: RunEvent, now: number): void {
    this.#outside = outsideWork(event, now)
    if (event.type === 'run-started') {
      for (const target of event.targets) this.#start(target, now)
    } else if (event.type === 'plan-ready') {
      for (const plan of event.plan.targets) this.#plan(plan.target, plan.steps.length, now)
    } else if ('target' in event && event.target !== null) {
      const before = this.#targets.get(keyOf(event.target)) ?? this.#start(event.target, now)
      this.#targets.set(keyOf(event.target), advance(before, event, now))
    }
  }

  /** Targets that still have something to do, in the order of the run. */
  get running(): readonly TargetProgress[] {
    return [...this.#targets.values()].filter(({ activity }) => activity.type !== 'finished').map(this.#readable)
  }

  /** What is known about a target, or undefined before its first event. */
  of(target: Target): TargetProgress | undefined {
    return this.#targets.get(keyOf(target))
  }

  get outside(): OutsideWork | null {
    return this.#readable(this.#outside)
  }

  #start(target: Target, now: number): TargetProgress {
    const activity: Activity = { type: 'starting', since: now }
    const progress: TargetProgress = { target, activity, step: null, stepsDone: 0, steps: null }
    this.#targets.set(keyOf(target), progress)
    return progress
  }

  #plan(target: Target, steps: number, now: number): void {
    const before = this.#targets.get(keyOf(target)) ?? this.#start(target, now)
    const total = before.stepsDone + steps
    const activity: Activity = { type: steps === 0 ? 'finished' : 'between', since: now }
    this.#targets.set(keyOf(target), { ...before, steps: total, activity })
  }
}

/** The slow work outside the databases that an event starts; every other event ends it. */
function outsideWork(event: RunEvent, now: number): OutsideWork | null {
  if (event.type === 'progress') return { message: event.message, since: now }
  return event.type === 'store-change-started' ? { message: `${event.store}: ${event.summary}`, since: now } : null
}

const keys = new WeakMap<Target, string>()

/** One name for one target. */
export function keyOf(target: Target): string {
  const known = keys.get(target)
  if (known !== undefined) return known
  const key = JSON.stringify([target.database, target.schema, target.server])
  keys.set(target, key)
  return key
}

function advance(before: TargetProgress, event: RunEvent, now: number): TargetProgress {
  if (event.type === 'step-finished') return finishStep(before, migrationLabel(event), now)
  const isOfStatement = event.type === 'statement-blocked' || event.type === 'statement-progress'
  const isShards = isOfStatement && before.activity.type === 'fan-out'
  const step = 'version' in event && !isShards ? migrationLabel(event) : before.step
  return { ...before, activity: nextActivity(before.activity, event, now), step }
}

/** A step may be reported as finished after later ones have begun: then those continue. */
function finishStep(before: TargetProgress, label: string, now: number): TargetProgress {
  const stepsDone = before.stepsDone + 1
  if (before.steps !== null && stepsDone >= before.steps) {
    return { ...before, stepsDone, step: null, activity: { type: 'finished', since: now } }
  }
  if (before.step !== label) return { ...before, stepsDone }
  return { ...before, stepsDone, step: null, activity: { type: 'between', since: now } }
}

function nextActivity(before: Activity, event: RunEvent, now: number): Activity {
  switch (event.type) {
    case 'lock-waiting': {
      const since = before.type === 'locked-out' ? before.since : now - event.milliseconds
      return { type: 'locked-out', since, holder: event.holder }
    }
    case 'lock-acquired':
      return { type: 'planning', since: now }
    case 'step-waiting':
      return { type: 'waiting', since: before.type === 'waiting' ? before.since : now, after: event.after }
    case 'statement-started': {
      const { statement, total, summary } = event
      return { type: 'statement', since: now, statement, total, summary, blockedBy: [], percent: null, left: null }
    }
    case 'fan-out-started':
    case 'shard-started':
    case 'shard-finished':
    case 'shard-failed':
      return advanceFanOut(before, event, now)
    case 'rotation-making-started':
      return { type: 'making', since: now, done: 0, total: event.total, left: null }
    case 'rotation-step-started':
      return { type: 'retiring', since: now, shard: { step: event.step, table: event.table }, rows: null }
    case 'rotation-step-finished':
      return before.type === 'making' && event.step === 'create'
        ? oneMore(before, now)
        : { type: 'retiring', since: now, shard: null, rows: null }
    case 'rotation-step-progress': {
      const { done, total, left } = event
      return before.type === 'retiring' ? { ...before, rows: { done, total, left } } : before
    }
    case 'statement-progress':
      return before.type === 'statement' && before.statement === event.statement
        ? { ...before, percent: event.percent, left: event.left, blockedBy: [], ...rowsOf(event) }
        : before
    case 'statement-blocked': {
      if (before.type === 'fan-out') return { ...before, blockedBy: event.by }
      const { statement, total, summary } = event
      const same = before.type === 'statement' && before.statement === statement
      const since = same ? before.since : now
      return { type: 'statement', since, statement, total, summary, blockedBy: event.by, percent: null, left: null }
    }
    default:
      return before
  }
}

function rowsOf({ batch }: Extract<RunEvent, { readonly type: 'statement-progress' }>) {
  return batch === undefined ? {} : { batch: { rows: batch.rows, rate: batch.rate } }
}

function oneMore(before: Extract<Activity, { readonly type: 'making' }>, now: number): Activity {
  const done = before.done + 1
  return { ...before, done, left: timeLeft(done, before.total, now - before.since) }
}

type ShardEvent = Extract<
  RunEvent,
  { readonly type: 'fan-out-started' | 'shard-started' | 'shard-finished' | 'shard-failed' }
>

function advanceFanOut(before: Activity, event: ShardEvent, now: number): Activity {
  if (event.type === 'fan-out-started') {
    const { done, total } = event
    return { type: 'fan-out', since: now, done, total, failed: 0, running: [], blockedBy: [], left: null }
  }
  if (before.type !== 'fan-out') return before
  const running = before.running.filter((table) => table !== event.table)
  switch (event.type) {
    case 'shard-started':
      return { ...before, running: [...running, event.table] }
    case 'shard-finished':
      return { ...before, running, done: event.done, blockedBy: [], left: event.left ?? null }
    case 'shard-failed':
      return { ...before, running, failed: before.failed + 1, blockedBy: [] }
  }
}
