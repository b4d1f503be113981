import { groupBy } from '../../core/group-by.ts'

/** How many targets come first, and how many a wave has. */
export interface WaveSizes {
  readonly canary: number
  readonly wave: number
}

/** Targets that run together; all of them end before the next wave begins. */
export interface Wave<Target> {
  /** True for the first one: a single failure there ends the run. */
  readonly isCanary: boolean
  readonly targets: readonly Target[]
}

/**
 * Divides targets into a canary and waves. Servers take turns, so that a wave is spread over all of them; on one server the order of the list stays. Pure.
 *
 * @param serverOf what tells the servers of targets apart
 */
export function planWaves<Target>(
  targets: readonly Target[],
  { canary, wave }: WaveSizes,
  serverOf: (target: Target) => unknown,
): readonly Wave<Target>[] {
  const order = takeTurns(targets, serverOf)
  const first = order.slice(0, canary)
  const waves: Wave<Target>[] = first.length === 0 ? [] : [{ isCanary: true, targets: first }]
  for (let at = first.length; at < order.length; at += wave)
    waves.push({ isCanary: false, targets: order.slice(at, at + wave) })
  return waves
}

function takeTurns<Target>(targets: readonly Target[], serverOf: (target: Target) => unknown): readonly Target[] {
  const queues = [...groupBy(targets, serverOf).values()]
  const rounds = Math.max(0, ...queues.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1))).flat()
}
