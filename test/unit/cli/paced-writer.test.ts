import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { paceWrites } from '../../../src/cli/reporting.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('texts of one moment are written together, in order, and once', () => {
  const written: string[] = []
  const writer = paceWrites({ write: (text) => written.push(text) })
  writer.write('a\n')
  writer.write('b\n')
  expect(written).toEqual([])
  vi.runAllTimers()
  expect(written).toEqual(['a\nb\n'])
  writer.write('c\n')
  vi.runAllTimers()
  expect(written).toEqual(['a\nb\n', 'c\n'])
})

test('flush writes at once, and nothing comes twice', () => {
  const written: string[] = []
  const writer = paceWrites({ write: (text) => written.push(text) })
  writer.write('a\n')
  writer.flush()
  writer.flush()
  vi.runAllTimers()
  expect(written).toEqual(['a\n'])
})
