import { describe, expect, test } from 'vitest'
import { Gates, Slots } from '../../../src/migrations/execute/work.ts'

/** Whether a promise is settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => {
    settled = true
  })
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  return settled
}

describe('gates', () => {
  test('let through who waits for nothing, or for what has passed before', async () => {
    const gates = new Gates(['a/1'])
    expect(await gates.wait([])).toBeNull()
    gates.pass('a/1')
    expect([gates.isOpen(['a/1']), gates.isOpen(['a/1', 'a/2'])]).toEqual([true, false])
    expect(await gates.wait(['a/1'])).toBeNull()
  })

  test('wake everybody who waits, only when all that they wait for has passed', async () => {
    const gates = new Gates(['a/1', 'b/1'])
    const [both, one] = [gates.wait(['a/1', 'b/1']), gates.wait(['b/1'])]
    gates.pass('b/1')
    expect([await isSettled(both), await isSettled(one)]).toEqual([false, true])
    gates.pass('a/1')
    expect(await both).toBeNull()
  })

  test('lose no call: not one between two waits, and not one before the first', async () => {
    const gates = new Gates(['a/1', 'b/1'])
    const waiting = gates.wait(['a/1', 'b/1'])
    gates.pass('a/1')
    gates.pass('b/1')
    expect(await waiting).toBeNull()
  })

  test('gates report which step will not complete, and why, before and after the wait began', async () => {
    const gates = new Gates(['a/1'])
    const waiting = gates.wait(['a/1'])
    gates.break('a/1', 'it failed')
    expect(await waiting).toEqual({ name: 'a/1', why: 'it failed' })
    expect(await gates.wait(['a/1'])).toEqual({ name: 'a/1', why: 'it failed' })
  })

  test('do not break what has passed', async () => {
    const gates = new Gates(['a/1'])
    gates.pass('a/1')
    gates.break('a/1', 'its run was stopped later')
    expect(await gates.wait(['a/1'])).toBeNull()
  })

  test('gates know which steps are waited for', () => {
    const gates = new Gates(['a/1'])
    expect([gates.isAwaited('a/1'), gates.isAwaited('a/2')]).toEqual([true, false])
  })
})

describe('slots', () => {
  test('are as many as was asked for, at least one', async () => {
    for (const [count, free] of [
      [2, 2],
      [0, 1],
    ] as const) {
      const slots = new Slots(count)
      for (let taken = 0; taken < free; taken += 1) await slots.take()
      expect(await isSettled(slots.take())).toBe(false)
    }
  })

  test('go to who has waited longest, one each', async () => {
    const slots = new Slots(1)
    await slots.take()
    const [first, second] = [slots.take(), slots.take()]
    slots.give()
    expect([await isSettled(first), await isSettled(second)]).toEqual([true, false])
    slots.give()
    expect(await isSettled(second)).toBe(true)
  })

  test('slots that no target waits for are free for the next', async () => {
    const slots = new Slots(1)
    await slots.take()
    slots.give()
    expect(await isSettled(slots.take())).toBe(true)
    expect(await isSettled(slots.take())).toBe(false)
  })
})
