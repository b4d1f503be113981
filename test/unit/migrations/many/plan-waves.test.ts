import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planWaves } from '../../../../src/migrations/many/plan-waves.ts'
import { runWaves, type WavesEnd, type WorkEnd } from '../../../../src/migrations/many/run-waves.ts'

interface Target {
  readonly id: number
  readonly server: number
}

const someTargets = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 })
  .map((servers): readonly Target[] => servers.map((server, id) => ({ id, server })))
const sizes = fc.record({ canary: fc.integer({ min: 0, max: 5 }), wave: fc.integer({ min: 1, max: 20 }) })
const serverOf = ({ server }: Target): number => server

describe('waves', () => {
  test('have every target once, a canary of its size first, and no wave that is too large or empty', () => {
    fc.assert(
      fc.property(someTargets, sizes, (targets, { canary, wave }) => {
        const waves = planWaves(targets, { canary, wave }, serverOf)
        const ids = waves.flatMap((one) => one.targets.map(({ id }) => id))
        expect(ids.toSorted((a, b) => a - b)).toEqual(targets.map(({ id }) => id))
        for (const [index, one] of waves.entries()) {
          const most = one.isCanary ? canary : wave
          expect(one.targets.length).toBeGreaterThan(0)
          expect(one.targets.length).toBeLessThanOrEqual(most)
          expect(one.isCanary).toBe(index === 0 && canary > 0)
          if (index < waves.length - 1) expect(one.targets).toHaveLength(most)
        }
      }),
    )
  })

  test('keep the order of the list on each server, and let servers take turns', () => {
    fc.assert(
      fc.property(someTargets, sizes, (targets, size) => {
        const order = planWaves(targets, size, serverOf).flatMap((one) => one.targets)
        for (const server of [0, 1, 2, 3, 4]) {
          const own = order.filter((one) => one.server === server).map(({ id }) => id)
          expect(own).toEqual(own.toSorted((a, b) => a - b))
        }
        // As long as each server has targets left, none is ahead of another by more than one.
        const left = new Map<number, number>()
        for (const { server } of targets) left.set(server, (left.get(server) ?? 0) + 1)
        const shortest = Math.min(...left.values(), Number.POSITIVE_INFINITY)
        const head = order.slice(0, Number.isFinite(shortest) ? shortest * left.size : 0)
        for (const count of left.keys()) expect(head.filter(({ server }) => server === count)).toHaveLength(shortest)
      }),
    )
  })
})

interface Outcome {
  readonly end: WavesEnd
  readonly begun: readonly number[]
  readonly notStarted: readonly number[]
  readonly busiest: number
}

/** Runs waves of targets that take a turn of the loop each. */
async function run(
  targets: readonly Target[],
  size: { readonly canary: number; readonly wave: number },
  how: {
    readonly atOnce: number
    readonly errorBudget: number
    readonly bad: ReadonlySet<number>
    readonly idle?: ReadonlySet<number>
    readonly stopAt?: number
  },
): Promise<Outcome> {
  const begun: number[] = []
  const busy = new Map<number, number>()
  let busiest = 0
  const stop = { requested: false }
  const { end, notStarted } = await runWaves({
    waves: planWaves(targets, size, serverOf),
    serverOf,
    ...how,
    stop,
    beforeWave: () => expect([...busy.values()].every((count) => count === 0)).toBe(true),
    work: async ({ id, server }) => {
      begun.push(id)
      busy.set(server, (busy.get(server) ?? 0) + 1)
      busiest = Math.max(busiest, busy.get(server) ?? 0)
      if (begun.length === how.stopAt) stop.requested = true
      await new Promise(setImmediate)
      busy.set(server, (busy.get(server) ?? 0) - 1)
      if (how.bad.has(id)) return 'failed'
      return how.idle?.has(id) === true ? 'idle' : 'worked'
    },
  })
  return { end, begun, notStarted: notStarted.map(({ id }) => id), busiest }
}

describe('a run of waves', () => {
  const bad = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { maxLength: 6 }).map((ids) => new Set(ids))
  const settings = fc.record({
    atOnce: fc.integer({ min: 1, max: 6 }),
    errorBudget: fc.integer({ min: 0, max: 6 }),
    bad,
  })

  test('begins each target at most once, and no more of a server at once than it may', async () => {
    await fc.assert(
      fc.asyncProperty(someTargets, sizes, settings, async (targets, size, how) => {
        const { begun, notStarted, busiest, end } = await run(targets, size, how)
        expect(new Set(begun).size).toBe(begun.length)
        expect([...begun, ...notStarted].toSorted((a, b) => a - b)).toEqual(targets.map(({ id }) => id))
        expect(busiest).toBeLessThanOrEqual(how.atOnce)
        expect(end === 'done').toBe(notStarted.length === 0 && end !== 'canary-failed')
      }),
    )
  })

  test('begins none once more have failed than the budget has: only what was under way can fail as well', async () => {
    await fc.assert(
      fc.asyncProperty(someTargets, sizes, settings, async (targets, size, how) => {
        const { begun, end } = await run(targets, size, how)
        const failed = begun.filter((id) => how.bad.has(id)).length
        const servers = new Set(targets.map(serverOf)).size
        expect(failed).toBeLessThanOrEqual(how.errorBudget + Math.max(1, how.atOnce * servers))
        if (end === 'budget-spent') expect(failed).toBeGreaterThan(how.errorBudget)
      }),
    )
  })

  test('touches nothing behind a canary that failed', async () => {
    const targets = [0, 1, 2, 3].map((id) => ({ id, server: 0 }))
    const how = { atOnce: 2, errorBudget: 9, bad: new Set([0]) }
    expect(await run(targets, { canary: 1, wave: 2 }, how)).toMatchObject({
      end: 'canary-failed',
      begun: [0],
      notStarted: [1, 2, 3],
    })
  })

  test('takes another canary where one had nothing to do, until one has worked', async () => {
    const targets = [0, 1, 2, 3, 4, 5, 6].map((id) => ({ id, server: 0 }))
    const how = { atOnce: 4, errorBudget: 9, bad: new Set([1]), idle: new Set([0, 2]) }
    expect(await run(targets, { canary: 1, wave: 4 }, how)).toMatchObject({
      end: 'canary-failed',
      begun: [0, 1, 2],
      notStarted: [3, 4, 5, 6],
    })
    const calm = { ...how, bad: new Set<number>() }
    expect(await run(targets, { canary: 1, wave: 4 }, calm)).toMatchObject({ end: 'done', notStarted: [] })
  })

  test('has as its canary what proves most', () => {
    const targets = [2, 1, 0, 0].map((rank, id) => ({ id, server: 0, rank }))
    const waves = planWaves(targets, { canary: 1, wave: 9 }, serverOf, ({ rank }) => rank)
    expect(waves.map((wave) => wave.targets.map(({ id }) => id))).toEqual([[2], [0, 1, 3]])
  })

  test('begins none after it is stopped, and ends what it has begun', async () => {
    const targets = [0, 1, 2, 3, 4, 5].map((id) => ({ id, server: 0 }))
    const how = { atOnce: 2, errorBudget: 0, bad: new Set<number>(), stopAt: 3 }
    const { end, begun } = await run(targets, { canary: 0, wave: 4 }, how)
    expect(end).toBe('stopped')
    expect(begun.length).toBeLessThanOrEqual(4)
  })

  test('throws a defect, once what was under way has ended', async () => {
    const ended: number[] = []
    const work = async ({ id }: Target): Promise<WorkEnd> => {
      await new Promise(setImmediate)
      ended.push(id)
      if (id === 0) throw new Error('a defect')
      return 'worked'
    }
    const targets = [0, 1, 2, 3].map((id) => ({ id, server: 0 }))
    const running = runWaves({
      ...{ waves: planWaves(targets, { canary: 0, wave: 4 }, serverOf), serverOf, work },
      ...{ atOnce: 2, errorBudget: 0, stop: { requested: false }, beforeWave: () => undefined },
    })
    await expect(running).rejects.toThrow('a defect')
    expect(ended).toEqual([0, 1])
  })
})
