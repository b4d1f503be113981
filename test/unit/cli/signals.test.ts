import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type StopSignal, watchSignals } from '../../../src/cli/signals.ts'
import type { RunEvent } from '../../../src/command/event.ts'

/** A process that nobody can kill, and what was said and done meanwhile. */
function watch() {
  const source = new EventEmitter()
  const events: RunEvent[] = []
  const exits: number[] = []
  const watched = watchSignals({ source, emit: (event) => events.push(event), exit: (code) => exits.push(code) })
  return { source, events, exits, watched, send: (signal: StopSignal) => source.emit(signal, signal) }
}

describe('signals', () => {
  test('without one, nothing is asked', () => {
    const { watched, events } = watch()
    expect(watched.stop.requested).toBe(false)
    expect(watched.stop.killRequested).toBe(false)
    expect(watched.exitCode()).toBeNull()
    expect(events).toEqual([])
  })

  test('the first asks to stop, the second to kill, the third ends the process', () => {
    const { watched, events, exits, send } = watch()
    send('SIGINT')
    expect([watched.stop.requested, watched.stop.killRequested]).toEqual([true, false])
    send('SIGINT')
    expect([watched.stop.requested, watched.stop.killRequested]).toEqual([true, true])
    expect(exits).toEqual([])
    send('SIGINT')
    expect(exits).toEqual([130])
    expect(events).toEqual([
      { type: 'stopping', how: 'after-statement' },
      { type: 'stopping', how: 'kill' },
    ])
  })

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s means exit code %i, with any signal after it', (signal, code) => {
    const { watched, exits, send } = watch()
    send(signal)
    send('SIGINT')
    send('SIGTERM')
    expect(watched.exitCode()).toBe(code)
    expect(exits).toEqual([code])
  })

  test('a program that asks to stop is distinguished from a person, and reported once', () => {
    const { watched, send } = watch()
    const calls: string[] = []
    watched.stop.onTerminate?.(() => calls.push('terminate'))
    send('SIGINT')
    expect(calls).toEqual([])
    const other = watch()
    other.watched.stop.onTerminate?.(() => calls.push('terminate'))
    other.send('SIGTERM')
    other.send('SIGTERM')
    expect(calls).toEqual(['terminate'])
  })

  test('listeners are called once, in their own moment', () => {
    const { watched, send } = watch()
    const calls: string[] = []
    watched.stop.onStop(() => calls.push('stop'))
    watched.stop.onKill(() => calls.push('kill'))
    send('SIGINT')
    expect(calls).toEqual(['stop'])
    send('SIGINT')
    expect(calls).toEqual(['stop', 'kill'])
  })

  test('who listens after the fact is called at once', () => {
    const { watched, send } = watch()
    send('SIGTERM')
    let called = false
    watched.stop.onStop(() => {
      called = true
    })
    expect(called).toBe(true)
  })

  test('who has unsubscribed is not called', () => {
    const { watched, send } = watch()
    const calls: string[] = []
    const forget = watched.stop.onStop(() => calls.push('stop'))
    forget()
    send('SIGINT')
    expect(calls).toEqual([])
  })

  test('a listener sees the request that it is called for', () => {
    const { watched, send } = watch()
    const seen: boolean[] = []
    watched.stop.onStop(() => seen.push(watched.stop.requested))
    send('SIGINT')
    expect(seen).toEqual([true])
  })

  test('closing gives the signals back', () => {
    const { watched, source, send } = watch()
    watched.close()
    send('SIGINT')
    expect(watched.stop.requested).toBe(false)
    expect(source.eventNames()).toEqual([])
  })
})
