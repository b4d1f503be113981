import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import { Governor } from '../../../src/operate/governor.ts'
import type { Reading } from '../../../src/operate/reading.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'
import { target } from '../terminal/samples.ts'

const lag = (value: number | null): Reading => ({
  measure: 'lag',
  of: 'b',
  value,
  bound: 5000,
  why: value === null ? 'its applier is stopped' : null,
})

/** A governor whose readings are given, the last one again and again. */
function govern(values: readonly (number | null)[], limit: number | null = 60_000, stop: StopRequest = neverStopped) {
  const events: RunEvent[] = []
  let reads = 0
  const governor = new Governor({
    target: target('app'),
    throttle: { resume: 0.8, limit, every: 10 },
    reader: {
      read: async () => [lag(values[Math.min(reads++, values.length - 1)] ?? null)],
      close: async () => undefined,
    },
    emit: (event) => events.push(event),
    stop,
  })
  return { governor, events, reads: () => reads }
}

test('work goes on without a word below the bound, and one reading answers all who ask', async () => {
  const { governor, events, reads } = govern([1000])
  await Promise.all([governor.clear(), governor.clear(), governor.clear()])
  expect(reads()).toBe(1)
  expect(events).toEqual([])
})

test('work pauses at the bound until the reading is well below it; the pause has its first reason', async () => {
  const { governor, events, reads } = govern([9000, null, 4500, 3000])
  await governor.clear()
  expect(reads()).toBe(4)
  expect(events.map(({ type }) => type)).toEqual(['throttle-paused', 'throttle-ended'])
  expect(events.at(-1)).toMatchObject({ how: 'went-on', because: { value: 9000 } })
  expect(governor.pauses).toMatchObject([{ why: 'replica b was 9.0 s behind' }])
})

test('what must not be left undone is done before a pause, and only then', async () => {
  const order: string[] = []
  const { governor } = govern([1000, 9000, 1000])
  const flush = async (): Promise<void> => {
    order.push('flush')
  }
  await governor.clear(flush)
  expect(order).toEqual([])
  await new Promise((resolve) => setTimeout(resolve, 20))
  await governor.clear(flush)
  expect(order).toEqual(['flush'])
})

test('who asks during a pause waits for its end, though the reading is below the bound by then', async () => {
  const { governor } = govern([9000, 4500, 4500, 4500, 4500, 3000])
  const ends: string[] = []
  const first = governor.clear().then(() => ends.push('first'))
  await new Promise((resolve) => setTimeout(resolve, 15))
  let flushed = false
  const flush = async (): Promise<void> => {
    flushed = true
  }
  const second = governor.clear(flush).then(() => ends.push(`second, ${flushed ? 'flushed' : 'not flushed'}`))
  await Promise.all([first, second])
  expect(ends).toEqual(['first', 'second, flushed'])
  expect(governor.pauses).toHaveLength(1)
})

test('a pause gives up at the limit, and says what it waited for', async () => {
  const { governor, events } = govern([null], 40)
  await expect(governor.clear()).rejects.toMatchObject({
    code: 'THROTTLED',
    exitCode: 75,
    faults: [{ why: 'At the end, replica b counted as behind, because its applier is stopped (at most 5.0 s).' }],
  })
  expect(events.at(-1)).toMatchObject({ type: 'throttle-ended', how: 'gave-up' })
})

test('a person who stops the run does not wait for the end of a pause', async () => {
  let ask = (): void => undefined
  const request = { requested: false }
  const stop: StopRequest = {
    ...neverStopped,
    get requested() {
      return request.requested
    },
    onStop: (listener) => {
      ask = () => {
        request.requested = true
        listener()
      }
      return () => undefined
    },
  }
  const { governor, events } = govern([9000], null, stop)
  const waiting = governor.clear()
  await new Promise((resolve) => setTimeout(resolve, 25))
  ask()
  await waiting
  expect(events.at(-1)).toMatchObject({ type: 'throttle-ended', how: 'stopped' })
})

test('past the time of `stopAt` nothing begins, with or without a bound, and a pause ends there', async () => {
  const past = { type: 'instant', at: Date.now() - 1000 } as const
  const make = (at: number, values: readonly number[]) => {
    const events: RunEvent[] = []
    const governor = new Governor({
      target: target('app'),
      throttle: { resume: 0.8, limit: null, every: 10, stopAt: { type: 'instant', at } },
      reader: { read: async () => values.map(lag), close: async () => undefined },
      emit: (event) => events.push(event),
      stop: neverStopped,
    })
    return { governor, events }
  }
  let written = 0
  const over = make(past.at, [])
  const refusal = over.governor.clear(async () => {
    written += 1
  })
  await expect(refusal).rejects.toMatchObject({ code: 'THROTTLED', exitCode: 75 })
  expect(written).toBe(1)
  await make(Date.now() + 60_000, []).governor.clear()
  const paused = make(Date.now() + 60, [90_000])
  await expect(paused.governor.clear()).rejects.toMatchObject({ code: 'THROTTLED' })
  expect(paused.events.map(({ type }) => type)).toEqual(['throttle-paused', 'throttle-ended'])
})
