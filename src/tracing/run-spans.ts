import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { RunIdentity } from '../audit/run-identity.ts'
import type { RunEvent } from '../command/event.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import type { Holder } from '../core/holder.ts'
import { migrationLabel } from '../core/migration-label.ts'
import type { Target } from '../core/target.ts'
import type { Step } from '../migrations/plan.ts'
import {
  cutShort,
  describeFailure,
  describeFile,
  describeStatement,
  describeStore,
  describeTable,
  describeTarget,
  type Ended,
  type Failure,
  failureOfError,
  failuresOf,
  keyOf,
  stepsOf,
} from './span-attributes.ts'

/** What the spans of a run are made with. */
interface SpansRequest {
  readonly tracer: Tracer
  /** The parent of the run's span. */
  readonly parent: Context
  readonly identity: RunIdentity
  readonly redact: (text: string) => string
  /** Milliseconds since the epoch, with fractions. */
  readonly now: () => number
}

interface Open {
  readonly span: Span
  readonly context: Context
  readonly started: number
}

type StatementEvent = Extract<RunEvent, { readonly type: 'statement-started' }>
type StepEvent = Pick<StatementEvent, 'target' | 'version' | 'name' | 'direction'>

/** A running statement: its span is made when it ends, because only then is its start known. */
interface Running {
  readonly event: StatementEvent
  readonly started: number
  readonly blocked: { readonly at: number; readonly by: readonly Holder[] }[]
}

const stepKey = ({ target, version, direction }: StepEvent): string => `${keyOf(target)}/${version}/${direction}`
const statementKey = (event: StepEvent & { readonly statement: number }): string =>
  `${stepKey(event)}/${event.statement}`
const storeKey = ({ store, summary }: { readonly store: string; readonly summary: string }): string =>
  `${store}/${summary}`

/** Makes spans of a run from its events: the run, its targets, their migrations, statements and shards. */
export class RunSpans {
  readonly #request: SpansRequest
  readonly #run: Open
  readonly #targets = new Map<string, Open & { readonly database: string }>()
  readonly #migrations = new Map<string, Open & { readonly target: string }>()
  readonly #statements = new Map<string, Running>()
  readonly #others = new Map<string, Open>()
  readonly #makings = new Map<string, number>()
  #steps: ReadonlyMap<string, Step> = new Map()

  constructor(request: SpansRequest) {
    this.#request = request
    const { id, command, person, host, toolVersion } = request.identity
    this.#run = this.#open(`wwdb ${command}`, request.parent, request.now(), {
      'wwdb.run.id': id,
      'wwdb.command': command,
      'wwdb.person': person,
      'host.name': host,
      'wwdb.version': toolVersion,
    })
  }

  observe(event: RunEvent): void {
    const { now } = this.#request
    switch (event.type) {
      case 'plan-ready':
        this.#steps = stepsOf(event.plan)
        break
      case 'lock-acquired':
        this.#target(event.target, now() - event.milliseconds)
        break
      case 'step-started':
        this.#beginMigration(event)
        break
      case 'step-finished':
        this.#finish(this.#migrations, stepKey(event), event.milliseconds)
        break
      case 'statement-started':
        this.#statements.set(statementKey(event), { event, started: now(), blocked: [] })
        break
      case 'statement-blocked':
        this.#statements.get(statementKey(event))?.blocked.push({ at: now(), by: event.by })
        break
      case 'statement-finished':
        this.#finishStatement(statementKey(event), event.milliseconds, event.rows)
        break
      default:
        this.#observeOthers(event)
    }
  }

  /** Events of shards and stores, which are not statements of a migration. */
  #observeOthers(event: RunEvent): void {
    switch (event.type) {
      case 'shard-started':
        this.#begin(`${stepKey(event)}/${event.table}`, `${event.version} on ${event.table}`, this.#parentOf(event), {
          ...describeTable(event),
        })
        break
      case 'shard-finished':
        this.#finish(this.#others, `${stepKey(event)}/${event.table}`, null)
        break
      case 'shard-failed':
        this.#fail(`${stepKey(event)}/${event.table}`, event)
        break
      case 'rotation-making-started':
        this.#makings.set(keyOf(event.target), this.#request.now())
        break
      case 'rotation-step-started':
      case 'rotation-step-finished':
        this.#rotate(event)
        break
      case 'store-change-started':
        this.#begin(storeKey(event), `${event.store} ${event.summary}`, this.#run.context, describeStore(event))
        break
      case 'store-change-finished':
        this.#finish(this.#others, storeKey(event), event.milliseconds)
        break
    }
  }

  /** Ends every open span, the run's last. */
  end(ended: Ended, exitCode: ExitCode): void {
    const failures = failuresOf(ended)
    const general = 'error' in ended ? failureOfError(ended.error) : null
    const failureOf = (target: string): Failure | null => failures.get(target) ?? general
    for (const [key, { event }] of this.#statements)
      this.#finishStatement(key, null, null, failureOf(keyOf(event.target)) ?? cutShort)
    for (const { span } of this.#others.values()) this.#close(span, this.#request.now(), cutShort)
    for (const { span, target } of this.#migrations.values())
      this.#close(span, this.#request.now(), failureOf(target) ?? cutShort)
    for (const [key, { span }] of this.#targets) this.#close(span, this.#request.now(), failureOf(key))
    const { span } = this.#run
    // By now every secret is known, so that flags can be masked.
    span.setAttributes({ 'wwdb.flags': this.#request.redact(this.#request.identity.flags), 'wwdb.exit_code': exitCode })
    const isFailed = exitCode > exitCodes.findings
    this.#close(span, this.#request.now(), isFailed ? (general ?? [...failures.values()][0] ?? cutShort) : null)
  }

  #target(target: Target, started: number): Open {
    const key = keyOf(target)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const open = this.#open(target.database, this.#run.context, started, describeTarget(target))
    this.#targets.set(key, { ...open, database: target.database })
    return open
  }

  #beginMigration(event: StepEvent & { readonly total: number }): void {
    const { target, version, name, direction } = event
    const parent = this.#target(target, this.#request.now()).context
    const open = this.#open(`${migrationLabel({ version, name })} ${direction}`, parent, this.#request.now(), {
      ...describeTarget(target),
      'wwdb.migration.version': version,
      'wwdb.migration.name': name,
      'wwdb.migration.direction': direction,
      'wwdb.migration.statements': event.total,
      ...describeFile(this.#stepOf(event)),
    })
    this.#migrations.set(stepKey(event), { ...open, target: keyOf(target) })
  }

  #finishStatement(
    key: string,
    milliseconds: number | null,
    rows: number | null,
    failure: Failure | null = null,
  ): void {
    const running = this.#statements.get(key)
    if (running === undefined) return
    this.#statements.delete(key)
    const { event, blocked } = running
    const now = this.#request.now()
    // A statement of a packet ran before it was reported.
    const started = milliseconds === null ? running.started : Math.min(running.started, now - milliseconds)
    const { span } = this.#open(event.summary, this.#parentOf(event), started, {
      ...describeTarget(event.target),
      'db.query.summary': event.summary,
      ...describeStatement(this.#stepOf(event), event),
      ...(rows === null ? {} : { 'wwdb.rows': rows }),
    })
    for (const { at, by } of blocked)
      span.addEvent('blocked', { 'wwdb.blocked_by': by.map(({ connectionId }) => connectionId).join(', ') }, at)
    this.#close(span, now, failure)
  }

  #rotate(event: Extract<RunEvent, { readonly type: 'rotation-step-started' | 'rotation-step-finished' }>): void {
    const { target, table, step } = event
    const key = `${keyOf(target)}/${step}/${table}`
    if (event.type === 'rotation-step-started' || !this.#others.has(key)) {
      const made = event.type === 'rotation-step-finished' ? this.#makings.get(keyOf(target)) : undefined
      const started = made ?? this.#request.now()
      const parent = this.#target(target, started).context
      this.#others.set(key, this.#open(`${step} ${table}`, parent, started, describeTable(event)))
    }
    if (event.type === 'rotation-step-finished') this.#finish(this.#others, key, event.milliseconds)
  }

  #parentOf(event: StepEvent): Context {
    const migration = this.#migrations.get(stepKey(event))
    return (migration ?? this.#target(event.target, this.#request.now())).context
  }

  #stepOf({ target, version }: StepEvent): Step | null {
    return this.#steps.get(`${target.database}/${version}`) ?? null
  }

  #begin(key: string, name: string, parent: Context, attributes: Attributes): void {
    this.#others.set(key, this.#open(name, parent, this.#request.now(), attributes))
  }

  #open(name: string, parent: Context, startTime: number, attributes: Attributes): Open {
    const span = this.#request.tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes }, parent)
    return { span, context: trace.setSpan(parent, span), started: startTime }
  }

  #finish(among: Map<string, Open>, key: string, milliseconds: number | null): void {
    const open = among.get(key)
    if (open === undefined) return
    among.delete(key)
    open.span.end(milliseconds === null ? this.#request.now() : open.started + milliseconds)
  }

  #fail(key: string, failure: Failure): void {
    const open = this.#others.get(key)
    this.#others.delete(key)
    if (open !== undefined) this.#close(open.span, this.#request.now(), failure)
  }

  #close(span: Span, at: TimeInput, failure: Failure | null): void {
    if (failure !== null) {
      span.setAttributes(describeFailure(failure))
      span.setStatus({ code: SpanStatusCode.ERROR, message: this.#request.redact(failure.fault?.what ?? '') })
    }
    span.end(at)
  }
}
