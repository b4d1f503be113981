import { describe, expect, test } from 'vitest'
import type { StopRequest } from '../../../../src/core/stop-request.ts'
import {
  type RunEnd,
  runSchedule,
  type ScheduleState,
  type ScheduleWork,
} from '../../../../src/shards/schedule/run-schedule.ts'

const [second, minute, hour] = [1000, 60_000, 3_600_000]
const begin = Date.parse('2026-11-24T20:00:30Z')
const good: RunEnd = { exitCode: 0, fault: null }

/** A world whose clock moves only when somebody waits or works. It stops after so many runs. */
function createWorld(options: {
  readonly runs: number
  readonly expression?: string
  readonly jitter?: number
  /** How long each run takes, and how it ends. */
  readonly run?: (count: number) => { readonly takes: number; readonly end?: RunEnd }
  /** What happens to the clock during a pause, besides that the pause passes. */
  readonly during?: (clock: number) => number
}) {
  let [clock, requested] = [begin, false]
  const began: number[] = []
  const states: ScheduleState[] = []
  const stop: StopRequest = {
    get requested() {
      return requested
    },
    killRequested: false,
    onStop: () => () => {},
    onKill: () => () => {},
  }
  const work: ScheduleWork = {
    schedule: { expression: options.expression ?? '17 * * * *', zone: 'UTC' },
    jitter: options.jitter ?? 0,
    now: () => clock,
    random: () => 0.5,
    pause: async (milliseconds) => {
      clock += milliseconds
      clock = options.during?.(clock) ?? clock
    },
    run: async () => {
      began.push(clock)
      const { takes, end = good } = options.run?.(began.length) ?? { takes: second }
      clock += takes
      requested = began.length === options.runs
      return end
    },
    stop,
    report: async (state) => {
      states.push(state)
    },
  }
  const texts = () => began.map((instant) => new Date(instant).toISOString().slice(5, 19))
  return { work, texts, states, ask: () => (requested = true) }
}

describe('runSchedule', () => {
  test('runs at once, and then when the schedule says', async () => {
    const { work, texts } = createWorld({ runs: 3 })
    await runSchedule(work)
    expect(texts()).toEqual(['11-24T20:00:30', '11-24T20:17:00', '11-24T21:17:00'])
  })

  test('begins late by the jitter, and misses nothing by it', async () => {
    const { work, texts } = createWorld({ runs: 3, jitter: minute })
    await runSchedule(work)
    expect(texts()).toEqual(['11-24T20:00:30', '11-24T20:17:30', '11-24T21:17:30'])
  })

  test('makes up once for all that passed while a run took long', async () => {
    const { work, texts } = createWorld({ runs: 3, run: () => ({ takes: 3.5 * hour }) })
    await runSchedule(work)
    expect(texts()).toEqual(['11-24T20:00:30', '11-24T23:30:30', '11-25T03:00:30'])
  })

  test('runs when a machine wakes up that slept through several times', async () => {
    let slept = false
    const { work, texts } = createWorld({
      runs: 3,
      during: (clock) => {
        if (slept || clock < begin + 5 * minute) return clock
        slept = true
        return clock + 26 * hour
      },
    })
    await runSchedule(work)
    expect(texts()).toEqual(['11-24T20:00:30', '11-25T22:05:31', '11-25T22:17:00'])
  })

  test('does not wait for a time that a clock set back has moved far away', async () => {
    let set = false
    const { work, texts } = createWorld({
      runs: 2,
      during: (clock) => {
        if (set) return clock
        set = true
        return clock - 240 * hour
      },
    })
    await runSchedule(work)
    expect(texts()).toEqual(['11-24T20:00:30', '11-14T20:17:00'])
  })

  test('a schedule continues after a failed run, and counts failures in a row', async () => {
    const ends = [good, { exitCode: 2, fault: 'a' }, { exitCode: 69, fault: 'b' }, { exitCode: 75, fault: 'c' }]
    const { work } = createWorld({ runs: 4, run: (count) => ({ takes: second, end: ends[count - 1] ?? good }) })
    const state = await runSchedule(work)
    expect(state).toMatchObject({ phase: 'stopped', due: null, runs: 4, failures: 2, lastSuccessAt: begin + second })
    expect(state.last).toMatchObject({ exitCode: 75, fault: 'c' })
  })

  test('a run that went well ends the row of failures', async () => {
    const ends = [{ exitCode: 2, fault: 'a' }, good]
    const { work } = createWorld({ runs: 2, run: (count) => ({ takes: second, end: ends[count - 1] ?? good }) })
    expect(await runSchedule(work)).toMatchObject({ failures: 0, runs: 2 })
  })

  test('a schedule reports every change, and when the next run is due', async () => {
    const { work, states } = createWorld({ runs: 2 })
    await runSchedule(work)
    expect(states.map(({ phase, due }) => [phase, due === null ? null : new Date(due).toISOString()])).toEqual([
      ['waiting', '2026-11-24T20:00:30.000Z'],
      ['running', null],
      ['waiting', '2026-11-24T20:17:00.000Z'],
      ['running', null],
      ['stopped', null],
    ])
  })

  test('stops while it waits, without another run', async () => {
    const world = createWorld({
      runs: 99,
      during: (clock) => {
        if (clock > begin + 5 * minute) world.ask()
        return clock
      },
    })
    expect(await runSchedule(world.work)).toMatchObject({ phase: 'stopped', runs: 1 })
  })

  test('does nothing when it is asked to stop before it began', async () => {
    const world = createWorld({ runs: 99 })
    world.ask()
    expect(await runSchedule(world.work)).toMatchObject({ phase: 'stopped', runs: 0, lastSuccessAt: null })
  })
})
