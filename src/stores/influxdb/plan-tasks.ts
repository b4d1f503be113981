import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { type Aggregate, type DownsamplingDeclaration, formatRetention, formatTime } from './declaration.ts'
import { asDeclared, change, difference, type Planned, together } from './plan-parts.ts'
import type { ObservedContent, ObservedTask, TaskText } from './ports.ts'
import { hasMark, markScript, withoutMarks } from './task-mark.ts'
import { fluxDuration } from './time.ts'

export function planTasks(declared: readonly DownsamplingDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((task) => planTask(task, content)))
}

/** A task as it is declared, and how it differs from one of the server. */
export interface NamedTask {
  readonly name: string
  /** What it does, for people; of a new one also when. */
  readonly work: string
  readonly timing: string
  readonly text: TaskText
  readonly differencesOf: (found: ObservedTask) => readonly StoreDifference[]
  /** What is lost where the server's becomes the declared one, beside a script that somebody else wrote. */
  readonly lossOf: (found: ObservedTask) => StoreLoss | null
}

function planTask(task: DownsamplingDeclaration, content: ObservedContent): Planned {
  return planNamed(
    {
      name: task.name,
      work: `from ${task.from} to ${task.to}, windows of ${formatTime(task.windowSeconds)}`,
      timing: `every ${formatTime(task.everySeconds)}`,
      text: { flux: downsamplingFlux(task), description: task.description, active: task.active },
      differencesOf: (found) => differencesOf(task, found),
      lossOf: (found) => lostPoints(task, found, content),
    },
    content,
  )
}

/** Names of tasks need not be unique in the store: the one that is as declared counts, else the oldest; the others are removed. */
export function planNamed(task: NamedTask, content: ObservedContent): Planned {
  const named = content.tasks.filter(({ name }) => name === task.name)
  const [kept, ...surplus] = named.toSorted(
    (one, other) =>
      task.differencesOf(one).length - task.differencesOf(other).length || one.createdAt - other.createdAt,
  )
  return together([planKept(task, content, kept), ...surplus.map((one) => removeSurplus(one))])
}

function planKept(task: NamedTask, content: ObservedContent, found: ObservedTask | undefined): Planned {
  const { name, work, timing, text } = task
  const resource = { kind: 'task', name }
  if (found === undefined) {
    const organizationId = content.organization.id
    const summary = `create task ${name}: ${work}, ${timing}`
    return change({ resource, action: 'create', summary }, { type: 'create-task', organizationId, task: text })
  }
  const differences = task.differencesOf(found)
  if (differences.length === 0) return asDeclared(resource)
  const summary = `update task ${name}: ${work}`
  const loss = lostScript(found, differences) ?? task.lossOf(found)
  return change(
    { resource, action: 'update', summary, differences, loss },
    { type: 'update-task', id: found.id, task: text },
  )
}

/** The digest says whether the script is still what wwdb wrote; its first line is in every copy that a person makes, too. */
function lostScript(found: ObservedTask, differences: readonly StoreDifference[]): StoreLoss | null {
  const isReplaced = differences.some(({ path }) => path.startsWith(scriptPath) || path.startsWith(optionPath))
  if (!isReplaced || hasMark(found)) return null
  const { name, id } = found
  const why = `The script of task \`${name}\` is not as wwdb wrote it: the declared one takes its place, and the server keeps no copy.`
  return { code: 'removed-resource', why, affected: [`task ${id}`] }
}

/** Points that expire uncondensed while the task does not run. */
function lostPoints(
  { name, from, active }: DownsamplingDeclaration,
  found: ObservedTask,
  { buckets }: ObservedContent,
): StoreLoss | null {
  const kept = buckets.find((bucket) => bucket.name === from)?.rule.seconds ?? 0
  if (active || !found.active || kept === 0) return null
  const why = `Nothing is computed by it from then on, and \`${from}\` keeps points ${formatRetention(kept)}: those that expire meanwhile are in no result.`
  return { code: 'removed-resource', why, affected: [`task ${name}`] }
}

function removeSurplus(task: ObservedTask): Planned {
  const why = `There is more than one task named \`${task.name}\`; this one (${task.id}) is removed, including its run history. Points stay.`
  return change(
    {
      // Two tasks have the same name: the id distinguishes them.
      resource: { kind: 'task', name: `${task.name} (${task.id})` },
      action: 'remove',
      summary: `remove the surplus task ${task.name} (${task.id})`,
      loss: { code: 'surplus-task', why, affected: [`task ${task.id}`] },
    },
    { type: 'remove-task', id: task.id },
  )
}

function differencesOf(task: DownsamplingDeclaration, found: ObservedTask): readonly StoreDifference[] {
  return [
    ...difference('status', sayStatus(found.active), sayStatus(task.active)),
    ...difference('description', found.description, task.description),
    ...difference('every', found.cron === '' ? found.every : `cron ${found.cron}`, fluxDuration(task.everySeconds)),
    ...difference('offset', found.offset === '' ? '0s' : found.offset, fluxDuration(task.offsetSeconds)),
    ...scriptDifference(withoutMarks(found.flux), withoutMarks(downsamplingFlux(task))),
  ]
}

export function sayStatus(active: boolean): string {
  return active ? 'active' : 'inactive'
}

const scriptPath = 'flux line '

/** What the option of a script sets beside what is declared. */
export const optionPath = 'option task.'

/** Reports the first different line only. Parts of the option line are compared separately. */
export function scriptDifference(actual: string, declared: string): readonly StoreDifference[] {
  if (actual.trim() === declared.trim()) return []
  const [there, here] = [actual.trim().split('\n'), declared.trim().split('\n')]
  const at = here.findIndex((line, index) => line !== there[index])
  const line = at === -1 ? here.length : at
  return [
    { path: `${scriptPath}${line + 1}`, actual: there[line]?.trim() ?? null, declared: here[line]?.trim() ?? null },
  ]
}

/** The measurement that `verify` writes and removes again. Every task includes it. */
export const canaryMeasurement = 'wwdb_canary'

/**
 * The script of a downsampling task. A run covers only whole windows, the last one ending at or before the time it was due,
 * and goes back further than the start of the previous run: a late or repeated run writes the same points again. The time of a
 * point is the start of its window; it has the same measurement and tags, and the field `<field>_<aggregate>`. Numbers are
 * converted to floats first, because an integer and a float could not share a field in the other bucket.
 */
export function downsamplingFlux(task: DownsamplingDeclaration): string {
  const window = fluxDuration(task.windowSeconds)
  const timing = `every: ${fluxDuration(task.everySeconds)}, offset: ${fluxDuration(task.offsetSeconds)}`
  const text = `import "date"
import "types"

option task = {name: ${fluxString(task.name)}, ${timing}}

end = date.truncate(t: now(), unit: ${window})
begin = date.sub(d: ${fluxDuration(task.lookBackSeconds)}, from: end)

numbers =
    from(bucket: ${fluxString(task.from)})
        |> range(start: begin, stop: end)
${measurementFilter(task.measurements)}        |> filter(
            fn: (r) =>
                types.isType(v: r._value, type: "float") or types.isType(v: r._value, type: "int") or types.isType(
                    v: r._value,
                    type: "uint",
                ),
        )
        |> toFloat()

condense = (tables=<-, fn, suffix) =>
    tables
        |> aggregateWindow(every: ${window}, fn: fn, createEmpty: false, timeSrc: "_start")
        |> map(fn: (r) => ({r with _field: r._field + suffix}))
        |> to(bucket: ${fluxString(task.to)})

${task.aggregates.map(aggregateLine).join('\n')}`
  return markScript(task.name, text)
}

function measurementFilter(measurements: readonly string[]): string {
  if (measurements.length === 0) return ''
  const wanted = [...measurements, canaryMeasurement].map((name) => `r._measurement == ${fluxString(name)}`)
  return `        |> filter(fn: (r) => ${wanted.join(' or ')})\n`
}

/** Each result of a script needs its own name. */
function aggregateLine(aggregate: Aggregate): string {
  return `numbers |> condense(fn: ${aggregate}, suffix: "_${aggregate}") |> yield(name: "${aggregate}")`
}

/** A text as a Flux string, which knows these escapes and replaces `${`. */
export function fluxString(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('${', '\\${')
  return `"${escaped}"`
}
