import { groupBy } from '../../core/group-by.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { chooseAgain, type Wave } from './plan-waves.ts'

interface WaveRequest<Target> {
  readonly waves: readonly Wave<Target>[]
  readonly serverOf: (target: Target) => unknown
  /** How many targets of one server are worked on at once. */
  readonly atOnce: number
  /** How many targets may fail before no further one is started. */
  readonly errorBudget: number
  readonly stop: Pick<StopRequest, 'requested'>
  /** Works on one target; throws only for a defect, which ends the run. */
  readonly work: (target: Target) => Promise<WorkEnd>
  /** Called before each wave, with its number from 1 and how many there are. */
  readonly beforeWave: (wave: Wave<Target>, number: number, all: number) => void
}

/** How the work on one target ended: with something done, without anything to do, or badly. */
export type WorkEnd = 'worked' | 'idle' | 'failed'

/** Why no further target was started. */
export type WavesEnd = 'done' | 'canary-failed' | 'budget-spent' | 'stopped'

/** Runs wave after wave until all are done, too many targets have failed, or the run is stopped: then what was begun is still finished. */
export async function runWaves<Target>(
  request: WaveRequest<Target>,
): Promise<{ readonly end: WavesEnd; readonly notStarted: readonly Target[]; readonly waves: number }> {
  let failures = 0
  let hasWorked = false
  let isBroken = false
  const started = new Set<Target>()
  const isOver = (wave: Wave<Target>): boolean =>
    isBroken || request.stop.requested || failures > (wave.isCanary ? 0 : request.errorBudget)
  const runOne = async (target: Target): Promise<void> => {
    started.add(target)
    try {
      const end = await request.work(target)
      if (end === 'failed') failures += 1
      else if (end === 'worked') hasWorked = true
    } catch (error) {
      isBroken = true
      throw error
    }
  }
  let end: WavesEnd = 'done'
  let number = 0
  let left = request.waves
  for (let [wave] = left; wave !== undefined; [wave] = left) {
    if (isOver(wave)) break
    number += 1
    request.beforeWave(wave, number, number - 1 + left.length)
    left = left.slice(1)
    await runWave(request, wave, () => isOver(wave), runOne)
    if (!wave.isCanary) continue
    if (failures > 0) {
      end = 'canary-failed'
      break
    }
    // What had nothing to do proves nothing about those that have. Where that is so of thousands, they are not looked at one by one.
    if (!hasWorked) left = chooseAgain(left, 2 * wave.targets.length)
  }
  const notStarted = request.waves.flatMap(({ targets }) => targets.filter((target) => !started.has(target)))
  if (end === 'done' && notStarted.length > 0) end = request.stop.requested ? 'stopped' : 'budget-spent'
  return { end, notStarted, waves: number + left.length }
}

/** Each server works through its own part of the wave. Rejects only when all that was begun has ended. */
async function runWave<Target>(
  { serverOf, atOnce }: WaveRequest<Target>,
  { targets }: Wave<Target>,
  isOver: () => boolean,
  runOne: (target: Target) => Promise<void>,
): Promise<void> {
  const queues = [...groupBy(targets, serverOf).values()].map((queue) => [...queue])
  const work = async (queue: Target[]): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (isOver()) return
      await runOne(next)
    }
  }
  const workers = queues.flatMap((queue) => Array.from({ length: Math.min(atOnce, queue.length) }, () => work(queue)))
  for (const ended of await Promise.allSettled(workers)) if (ended.status === 'rejected') throw ended.reason
}
