import type { RunEvent } from '../../command/event.ts'
import { formatDuration } from '../../core/duration.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import type { EventViews } from '../event-views.ts'
import { type Line, toned, whole } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { describeWarning, joinSentences, type Page, paragraph, symbol } from './page.ts'

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>

/** Milliseconds. */
const noticeableWait = 1000

/** What an event leaves on the screen permanently, whether or not lines move below it. Most events leave nothing. */
export function describeEvent(event: RunEvent, page: Page, { plan, lines }: EventViews): readonly Line[] {
  switch (event.type) {
    case 'run-started':
      return wrapLine(
        [toned('faint', [event.command, namesOf(event.targets)].filter(Boolean).join(': '))],
        page.columns,
        2,
      )
    case 'plan-ready':
      return plan.outline(event, page)
    case 'lock-acquired':
      return describeLockAcquired(event, page)
    case 'statement-settled':
      return describeSettled(event, page)
    case 'step-started':
      return describeStepStarted(event, page)
    case 'statement-finished':
      return describeStatement(event, page)
    case 'step-finished':
      return describeStepFinished(event, page)
    case 'rotation-step-finished':
      return describeRotationStep(event, page)
    case 'store-change-finished':
      return describeStoreChange(event, page)
    case 'fan-out-started':
      return describeFanOutStarted(event, page)
    case 'shard-finished':
      return describeShardFinished(event, page)
    case 'shard-failed':
      return describeShardFailed(event, page)
    case 'record-removed':
      return line(event.target, event.summary, page)
    case 'warning':
      return describeWarning(event.target, event.message, page)
    case 'progress':
      return wrapLine([toned('faint', event.message)], page.columns, 2)
    case 'stopping':
      return wrapLine([toned('warning', stoppingSentence(event))], page.columns, 2)
    default:
      return showOwn(event, lines, page)
  }
}

/** What the capability of an event shows of it. */
function showOwn<Event extends RunEvent>(event: Event, lines: EventViews['lines'], page: Page): readonly Line[] {
  // The table has a function for exactly the type under which it is found.
  const show = lines[event.type] as ((event: Event, page: Page) => readonly Line[]) | undefined
  return show?.(event, page) ?? []
}

/** `✓ user_db 20260101000100_create_users (1 statement, 23 ms)`. */
function describeStepFinished(event: EventOf<'step-finished'>, page: Page): readonly Line[] {
  const how = event.direction === 'down' ? ' reverted' : ''
  const size = `(${countOf(event.statements, 'statement')}, ${formatDuration(event.milliseconds)})`
  const name = migrationLabel(event)
  const { database } = event.target
  return wrapLine(
    [symbol('good'), ' ', toned('strong', database), ` ${name}${how} `, whole('faint', size)],
    page.columns,
    2,
  )
}

/** `✓ message_db messages_202601: seal (120 rows, 3 ms)`; the summary shows new tables. */
function describeRotationStep(event: EventOf<'rotation-step-finished'>, page: Page): readonly Line[] {
  if (event.step === 'create' && !page.verbose) return []
  const rows = event.rows === null ? [] : [countOf(event.rows, 'row')]
  const took = event.milliseconds === null ? [] : [formatDuration(event.milliseconds)]
  const size = [...rows, ...took].join(', ')
  const text: Line = [symbol('good'), ' ', toned('strong', event.target.database), ` ${event.table}: ${event.step} `]
  return wrapLine(size === '' ? text : [...text, whole('faint', `(${size})`)], page.columns, 2)
}

/** `✓ redis meet 127.0.0.1:7001 (12 ms)`. */
function describeStoreChange(event: EventOf<'store-change-finished'>, page: Page): readonly Line[] {
  const took = whole('faint', `(${formatDuration(event.milliseconds)})`)
  return wrapLine([symbol('good'), ' ', toned('strong', event.store), ` ${event.summary} `, took], page.columns, 2)
}

function namesOf(targets: readonly Target[]): string {
  return targets.map((target) => target.database).join(', ')
}

function line(target: Target, text: string, page: Page): readonly Line[] {
  return wrapLine(['  ', toned('strong', target.database), ` ${text}`], page.columns, 4)
}

function describeLockAcquired(event: EventOf<'lock-acquired'>, page: Page): readonly Line[] {
  // After a line about a wait, a line about its end.
  if (!page.verbose && event.milliseconds < noticeableWait) return []
  return line(event.target, `has the lock after ${formatDuration(event.milliseconds)}`, page)
}

function describeSettled(event: EventOf<'statement-settled'>, page: Page): readonly Line[] {
  const found = event.ran ? 'had run' : event.mayHaveRun === true ? 'may have run' : 'had not run'
  const what = `statement ${event.statement + 1} of ${event.total} (${event.summary})`
  const text = `${migrationLabel(event)}: ${what} of an earlier run ${found}: ${event.why}`
  return wrapLine([symbol('warning'), ' ', toned('strong', event.target.database), ` ${text}`], page.columns, 2)
}

function describeStepStarted(event: EventOf<'step-started'>, page: Page): readonly Line[] {
  if (event.from === 0) return []
  return line(event.target, `${migrationLabel(event)} continues at statement ${event.from + 1} of ${event.total}`, page)
}

function describeStatement(event: EventOf<'statement-finished'>, page: Page): readonly Line[] {
  const where = `${migrationLabel(event)} statement ${event.statement + 1} of ${event.total}`
  const warnings = event.warnings.flatMap((text) => describeWarning(event.target, `${where}: ${text}`, page))
  if (!page.verbose) return warnings
  const rows = event.rows === null ? '' : `${countOf(event.rows, 'row')}, `
  const took = whole('faint', `(${rows}${formatDuration(event.milliseconds)})`)
  const text: Line = ['  ', toned('strong', event.target.database), ` ${where}: ${event.summary} `, took]
  return [...wrapLine(text, page.columns, 4), ...warnings]
}

function describeFanOutStarted(event: EventOf<'fan-out-started'>, page: Page): readonly Line[] {
  const { total, done, family, canary } = event
  const through = done === 0 ? '' : `, ${done} of which ${done === 1 ? 'is' : 'are'} complete`
  const first = canary === null ? '' : `; ${canary} first, alone`
  const shards = `${countOf(total, 'shard')} of ${family}`
  return line(event.target, `${migrationLabel(event)} runs on ${shards}${through}${first}`, page)
}

/** Each is shown on request; otherwise they are only counted. */
function describeShardFinished(event: EventOf<'shard-finished'>, page: Page): readonly Line[] {
  if (!page.verbose) return []
  const took = whole('faint', `(${formatDuration(event.milliseconds)})`)
  const text: Line = ['  ', toned('strong', event.target.database), ` ${event.table}, ${event.done} of ${event.total} `]
  return wrapLine([...text, took], page.columns, 4)
}

function describeShardFailed(event: EventOf<'shard-failed'>, page: Page): readonly Line[] {
  const text = ` ${event.table}: ${joinSentences(event.fault)}`
  return paragraph([symbol('bad'), ' ', toned('strong', event.target.database)], text, 2, page)
}

function stoppingSentence(event: EventOf<'stopping'>): string {
  return event.how === 'after-statement'
    ? 'Stopping after the current statement; press Ctrl-C again to kill it.'
    : 'Killing the current statement.'
}
