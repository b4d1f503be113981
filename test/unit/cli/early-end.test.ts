import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { watchEarlyEnd } from '../../../src/cli/main.ts'

function watch() {
  const source: EventEmitter & { exitCode?: number | string | null | undefined } = new EventEmitter()
  const reported: unknown[] = []
  const surrendered: unknown[] = []
  const answered = watchEarlyEnd(
    source,
    (error) => reported.push(error),
    (error) => surrendered.push(error),
  )
  return { source, reported, surrendered, answered }
}

test('an exit before the answer is a failure with a sentence, said once', () => {
  const { source, reported } = watch()
  source.emit('exit', 0)
  source.emit('exit', 0)
  expect(source.exitCode).toBe(2)
  expect(reported).toEqual([expect.objectContaining({ code: 'ENDED_EARLY', exitCode: 2 })])
})

test('an empty event loop before the answer is one, too', () => {
  const { source, surrendered, reported } = watch()
  source.emit('beforeExit', 0)
  expect(surrendered).toEqual([expect.objectContaining({ code: 'ENDED_EARLY' })])
  expect(reported).toEqual([])
})

test('after the answer both are the usual end', () => {
  const { source, reported, surrendered, answered } = watch()
  answered()
  source.emit('beforeExit', 0)
  source.emit('exit', 0)
  expect([reported, surrendered, source.exitCode]).toEqual([[], [], undefined])
})
