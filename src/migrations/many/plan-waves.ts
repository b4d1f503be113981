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
 * Divides targets into a canary, of those that prove most, and waves. Servers take turns, so that a wave is spread over all of them; on one server the order of the list
 * stays. Pure.
 *
 * @param serverOf what tells the servers of targets apart
 * @param rankOf the lower, the more a canary proves by this target
 */
export function planWaves<Target>(
  targets: readonly Target[],
  { canary, wave }: WaveSizes,
  serverOf: (target: Target) => unknown,
  rankOf: (target: Target) => number = () => 0,
): readonly Wave<Target>[] {
  const order = takeTurns(targets, serverOf)
  const first = order.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, canary)
  const chosen = new Set(first)
  const rest = order.filter((target) => !chosen.has(target))
  const waves: Wave<Target>[] = first.length === 0 ? [] : [{ isCanary: true, targets: first }]
  for (let at = 0; at < rest.length; at += wave) waves.push({ isCanary: false, targets: rest.slice(at, at + wave) })
  return waves
}

function takeTurns<Target>(targets: readonly Target[], serverOf: (target: Target) => unknown): readonly Target[] {
  const queues = [...groupBy(targets, serverOf).values()]
  const rounds = Math.max(0, ...queues.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1))).flat()
}

/** The waves behind a canary that had nothing to do, and so proved nothing: their first targets are another canary. Pure. */
export function chooseAgain<Target>(waves: readonly Wave<Target>[], canary: number): readonly Wave<Target>[] {
  const [next, ...others] = waves
  if (next === undefined) return []
  const [first, rest] = [next.targets.slice(0, canary), next.targets.slice(canary)]
  const after = rest.length === 0 ? [] : [{ isCanary: false, targets: rest }]
  return [{ isCanary: true, targets: first }, ...after, ...others]
}
