import type { DownsamplingDeclaration } from './declaration.ts'

/**
 * How long a bucket must keep its points for a task, in seconds. A run begins its look-back at the end of the last whole window, which
 * may be a window ago, starts the offset late, and the next one comes a period later: all of them count.
 */
export function neededRetention(task: DownsamplingDeclaration): number {
  return task.lookBackSeconds + task.windowSeconds + task.everySeconds + task.offsetSeconds
}
