import type { DownsamplingDeclaration } from './declaration.ts'
import { readScript } from './import-tasks.ts'
import { change, type Planned, together } from './plan-parts.ts'
import type { ObservedContent } from './ports.ts'

/**
 * Tasks that no file declares any more, and whose whole script is one that a declaration makes. Those that somebody else wrote stay, and so do copies
 * that were changed: the first line of a script says where its text came from, not who made the task.
 */
export function pruneTasks(declared: readonly DownsamplingDeclaration[], { tasks }: ObservedContent): Planned {
  const ours = tasks.filter((task) => readScript(task) !== null && !declared.some(({ name }) => name === task.name))
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
