import { change, type Planned, together } from './plan-parts.ts'
import type { ObservedContent } from './ports.ts'
import { hasMark } from './task-mark.ts'

/**
 * Tasks that no file declares any more, and that are exactly what wwdb wrote under this name. Those that somebody else wrote stay, and so do copies
 * and what was changed: the first line of a script says where its text came from, not who made the task.
 */
export function pruneTasks(declared: readonly { readonly name: string }[], { tasks }: ObservedContent): Planned {
  const ours = tasks.filter((task) => hasMark(task) && !declared.some(({ name }) => name === task.name))
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
