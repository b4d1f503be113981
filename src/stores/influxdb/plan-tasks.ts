import type { StoreDifference } from '../../core/store.ts'
import type { DownsamplingDeclaration } from './declaration.ts'
import { downsamplingFlux } from './downsampling-flux.ts'
import { fluxDuration } from './flux-text.ts'
import type { ObservedContent, ObservedTask } from './observation.ts'
import type { TaskText } from './ports.ts'
import { asDeclared, difference, type Planned, step, together } from './steps.ts'
import { sayTime } from './words.ts'

export function planTasks(declared: readonly DownsamplingDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((task) => planTask(task, content)))
}

/** Names of tasks need not be unique in the store: the one that is as declared counts, else the oldest; the others go. */
function planTask(task: DownsamplingDeclaration, content: ObservedContent): Planned {
  const named = content.tasks.filter(({ name }) => name === task.name)
  const [kept, ...surplus] = named.toSorted(
    (one, other) =>
      differencesOf(task, one).length - differencesOf(task, other).length || one.createdAt - other.createdAt,
  )
  return together([planKept(task, content, kept), ...surplus.map((one) => removeSurplus(one))])
}

function planKept(task: DownsamplingDeclaration, content: ObservedContent, found: ObservedTask | undefined): Planned {
  const resource = { kind: 'task', name: task.name }
  const text: TaskText = { flux: downsamplingFlux(task), description: task.description, active: task.active }
  const work = `from ${task.from} to ${task.to}, windows of ${sayTime(task.windowSeconds)}`
  if (found === undefined) {
    const organizationId = content.organization.id
    const summary = `create task ${task.name}: ${work}, every ${sayTime(task.everySeconds)}`
    return step({ resource, action: 'create', summary }, { type: 'create-task', organizationId, task: text })
  }
  const differences = differencesOf(task, found)
  if (differences.length === 0) return asDeclared(resource)
  const summary = `update task ${task.name}: ${work}`
  return step({ resource, action: 'update', summary, differences }, { type: 'update-task', id: found.id, task: text })
}

function removeSurplus(task: ObservedTask): Planned {
  const why = `There is more than one task called ${task.name}; this one (${task.id}) is removed, with the list of its runs. Points stay.`
  return step(
    {
      // Two of them have one name: the id tells them apart.
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
    ...scriptDifference(found.flux, downsamplingFlux(task)),
  ]
}

function sayStatus(active: boolean): string {
  return active ? 'active' : 'inactive'
}

/** The first line that differs stands for all. The option line is told by its parts where they differ. */
function scriptDifference(actual: string, declared: string): readonly StoreDifference[] {
  if (actual.trim() === declared.trim()) return []
  const [there, here] = [actual.trim().split('\n'), declared.trim().split('\n')]
  const at = here.findIndex((line, index) => line !== there[index])
  const line = at === -1 ? here.length : at
  return [{ path: `flux line ${line + 1}`, actual: there[line]?.trim() ?? null, declared: here[line]?.trim() ?? null }]
}
