import { groupBy } from '../../core/group-by.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import type { BlockedStep } from '../../core/target.ts'
import type { Hazard } from '../../lint/rule.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { type Page, paragraph, symbol, targetHeading } from '../../terminal/human/page.ts'
import { cutLine, type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { FanOutPlan } from '../fan-out-plan.ts'
import type { Script } from '../migration.ts'
import type { Plan, Step, TargetPlan } from '../plan.ts'
import { countPlan, type PlanCounts, scriptOf, statementsToRun } from '../plan-document.ts'
import { isOpenHazard, renderHazard } from './hazard.ts'
import { renderPlannedStatement, statementIndent, textIndent } from './planned-statement.ts'

const hazardIndent = textIndent

/** The whole plan: every target, migration and statement with its text, hazards, expected algorithm and the size of its table, and the counts. */
export function* renderPlan(plan: Plan, page: Page): Iterable<Line> {
  for (const [index, target] of plan.targets.entries()) {
    if (index > 0) yield []
    yield* renderTargetPlan(target, page)
  }
  const unreached = renderUnreached(plan.unreached ?? [], page)
  if (unreached.length > 0) yield* [[], ...unreached]
  yield []
  yield* wrapLine(describeCounts(plan, countPlan(plan)), page.columns)
}

/** `7 migrations to apply, 1 to record`. */
export function describeSteps(steps: readonly Step[]): string {
  const words = { apply: 'to apply', revert: 'to revert', record: 'to record' } as const
  const parts = (['apply', 'revert', 'record'] as const).flatMap((type) => {
    const count = steps.filter((step) => step.type === type).length
    return count === 0 ? [] : [`${countOf(count, 'migration')} ${words[type]}`]
  })
  return parts.join(', ')
}

/** Statements of a target's plan that will run. */
export function statementsOf(plan: TargetPlan): number {
  return plan.steps.reduce((sum, step) => sum + statementsToRun(step), 0)
}

function* renderTargetPlan({ target, notes, steps, blocked = [] }: TargetPlan, page: Page): Iterable<Line> {
  const remark = steps.length > 0 || blocked.length > 0 ? [] : [': nothing to do']
  yield* wrapLine([...targetHeading(target), ...remark], page.columns, 2)
  for (const note of notes) yield* paragraph(['  ', symbol('warning'), ' '], note, 4, page)
  for (const step of steps) yield* renderStep(step, page)
  for (const step of blocked) yield* renderBlocked(step, page)
}

function renderBlocked(step: BlockedStep, page: Page): readonly Line[] {
  const { by, database, server } = step
  const why = `: it depends on ${by}, but ${database} at ${server} could not be opened.`
  return wrapLine(['  ', toned('warning', 'blocked'), ` ${migrationLabel(step)}`, why], page.columns, 4)
}

function* renderStep(step: Step, page: Page): Iterable<Line> {
  const { migration } = step
  const heading: Line = [
    '  ',
    toned(step.type === 'revert' ? 'warning' : 'good', step.type),
    ` ${migrationLabel(migration)}`,
    toned('faint', `  ${migration.file}`),
  ]
  const remarks = describeStep(step).map((text): Line => ['    ', toned('faint', text)])
  yield* wrapLine(heading, page.columns, 4)
  for (const line of remarks) yield* wrapLine(line, page.columns, 4)
  yield* renderStatements(step, page)
}

function describeStep(step: Step): readonly string[] {
  const remarks: string[] = []
  if (step.after.length > 0) remarks.push(`after ${step.after.join(', ')}`)
  if (step.type === 'record') remarks.push('only writes the journal')
  else if (step.fanOut !== undefined) remarks.push(...describeFanOut(step.fanOut))
  else if (step.from > 0) remarks.push(`resumes at statement ${step.from + 1} of ${step.total}`)
  return remarks
}

/** `on 3 of 1,815 shards of messages, which gives the template version 4; 2 shapes: 1,813 like messages_202601, ...`. */
function describeFanOut(fanOut: FanOutPlan): readonly string[] {
  const { family, version, total, done, shapes, near, online, proven } = fanOut
  if (version === null) return [`on the shards of ${family}, none of which exists yet`]
  const shards = done === 0 ? countOf(total, 'shard') : `${total - done} of ${countOf(total, 'shard')}`
  const proof = proven ? '; proven: its result matches the template' : ''
  const remarks = [`on ${shards} of ${family}, and gives the template version ${version}${proof}`]
  if (shapes.length > 1) {
    const groups = shapes.map(({ names, shards: count }) => `${count} like ${names.table}`)
    remarks.push(`${countOf(shapes.length, 'shape')}: ${groups.join(', ')}`)
  }
  if (online !== undefined) {
    const { table, bytes } = online.largest
    const sizes = `${formatSize(online.bytes)} in all; the largest, ${table}, has ${formatSize(bytes)}`
    remarks.push(`online, one shard after another: ${sizes}`)
  }
  if (near.length > 0) {
    const names = near.slice(0, 5).map(({ table, used, limit }) => `${table} (${used} of ${limit})`)
    const more = near.length > 5 ? ` and ${near.length - 5} more` : ''
    remarks.push(
      `near the limit of instant column changes, after which the server rebuilds a table: ${names.join(', ')}${more}`,
    )
  }
  return remarks
}

function* renderStatements(step: Step, page: Page): Iterable<Line> {
  const script = scriptOf(step)
  if (script === null) return
  if (script.type === 'module') {
    const line: Line = [`${' '.repeat(statementIndent)}one transaction of ${script.path}`]
    yield* wrapLine(line, page.columns, statementIndent)
    return yield* renderHazards(step.hazards, page)
  }
  const known = script.type === 'stream' ? script.sample : script.statements
  const statements = known.filter((statement) => statement.index >= step.from)
  // Statements may share a line: what is known about the line is shown under the last of them.
  const lastOfLine = new Map(statements.map((statement) => [statement.line, statement]))
  const hazards = groupBy(step.hazards, ({ line }) => line)
  for (const statement of statements) {
    yield* renderPlannedStatement(statement, step, page)
    if (lastOfLine.get(statement.line) === statement) yield* renderHazards(hazards.get(statement.line) ?? [], page)
  }
  yield* countRest(script, step, page)
  const elsewhere = step.hazards.filter((hazard) => !lastOfLine.has(hazard.line))
  yield* renderHazards(elsewhere, page)
}

/** Counts what is not shown. Only the beginning of a file that is too large to hold is known. */
function countRest(script: Script, step: Step, page: Page): readonly Line[] {
  const more = script.type === 'stream' ? script.total - Math.max(step.from, script.sample.length) : 0
  if (more <= 0) return []
  return [cutLine([`${' '.repeat(statementIndent)}and ${countOf(more, 'statement')} more`], page.columns)]
}

function renderHazards(hazards: readonly Hazard[], page: Page): readonly Line[] {
  return hazards.flatMap((hazard) => renderHazard(hazard, `line ${hazard.line}`, hazardIndent, page))
}

function describeCounts(plan: Plan, counts: PlanCounts): Line {
  const isIncomplete =
    (plan.unreached ?? []).length > 0 || plan.targets.some(({ blocked }) => (blocked ?? []).length > 0)
  if (counts.steps === 0) return [isIncomplete ? 'Nothing to do in the databases that were reached.' : 'Nothing to do.']
  const hazards = plan.targets.flatMap((target) => target.steps.flatMap((step) => step.hazards))
  const open = hazards.filter(isOpenHazard).length
  const work = describeSteps(plan.targets.flatMap((target) => target.steps))
  const size = `${countOf(counts.statements, 'statement')} in ${countOf(counts.targets, 'database')}`
  const danger = hazards.length === 0 ? '' : `; ${countOf(hazards.length, 'hazard')}`
  // A rollback is confirmed as a whole, with any statements: no hazard stops it.
  const stops: readonly Span[] =
    open === 0 || plan.direction === 'down'
      ? [plan.direction === 'down' && hazards.length > 0 ? '. A rollback asks before it removes anything.' : '.']
      : [', ', toned('bad', `${open} of which ${open === 1 ? 'stops' : 'stop'} the run until accepted`), '.']
  return [`${work}: ${size}${danger}`, ...stops]
}
