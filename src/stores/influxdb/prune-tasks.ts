import { readScript } from './import-tasks.ts'
import { hasMark } from './own-script.ts'
import { change, type Planned, together } from './plan-parts.ts'
import type { ObservedContent, ObservedTask } from './ports.ts'

/**
 * Tasks that no file declares any more, and whose whole script is one that a declaration makes. Those that somebody else wrote stay, and so do copies
 * that were changed: the first line of a script says where its text came from, not who made the task.
 */
export function pruneTasks(declared: readonly { readonly name: string }[], { tasks }: ObservedContent): Planned {
  const isOurs = (task: ObservedTask): boolean => hasMark(task) || readScript(task) !== null
  const ours = tasks.filter((task) => isOurs(task) && !declared.some(({ name }) => name === task.name))
  return together(
    ours.map(({ id, name }) =>
      change(
        {
          resource: { kind: 'task', name: `${name} (${id})` },
          action: 'remove',
          summary: `remove task ${name} (${id}), which no file declares any more`,
          loss: {
            code: 'removed-resource',
            why: 'Nothing is computed by it from then on, and its run history is gone. Points stay.',
            affected: [`task ${id}`],
          },
        },
        { type: 'remove-task', id },
      ),
    ),
  )
}
