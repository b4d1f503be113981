import { groupBy } from '../../core/group-by.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import type { Wave } from './plan-waves.ts'

interface WaveRequest<Target> {
  readonly waves: readonly Wave<Target>[]
  readonly serverOf: (target: Target) => unknown
  /** How many targets of one server are worked on at once. */
  readonly atOnce: number
  /** How many targets may fail before no further one is started. */
  readonly errorBudget: number
  readonly stop: Pick<StopRequest, 'requested'>
  /** Works on one target. Returns whether that went well; throws only for a defect, which ends the run. */
  readonly work: (target: Target) => Promise<boolean>
  /** Called before each wave, with its number from 1. */
  readonly beforeWave: (wave: Wave<Target>, number: number) => void
}

/** Why no further target was started. */
export type WavesEnd = 'done' | 'canary-failed' | 'budget-spent' | 'stopped'

/** Runs wave after wave until all are done, too many targets have failed, or the run is stopped: then what was begun is still finished. */
export async function runWaves<Target>(
  request: WaveRequest<Target>,
): Promise<{ readonly end: WavesEnd; readonly notStarted: readonly Target[] }> {
  let failures = 0
  let isBroken = false
  const started = new Set<Target>()
  const isOver = (wave: Wave<Target>): boolean =>
    isBroken || request.stop.requested || failures > (wave.isCanary ? 0 : request.errorBudget)
  const runOne = async (target: Target): Promise<void> => {
    started.add(target)
    try {
      if (!(await request.work(target))) failures += 1
    } catch (error) {
      isBroken = true
      throw error
    }
  }
  let end: WavesEnd = 'done'
  for (const [index, wave] of request.waves.entries()) {
    if (isOver(wave)) break
    request.beforeWave(wave, index + 1)
    await runWave(request, wave, () => isOver(wave), runOne)
    if (wave.isCanary && failures > 0) {
      end = 'canary-failed'
      break
    }
  }
  const notStarted = request.waves.flatMap(({ targets }) => targets.filter((target) => !started.has(target)))
  if (end === 'done' && notStarted.length > 0) end = request.stop.requested ? 'stopped' : 'budget-spent'
  return { end, notStarted }
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
