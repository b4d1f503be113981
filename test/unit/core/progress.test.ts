import { describe, expect, test } from 'vitest'
import { percentOf, timeLeft } from '../../../src/core/progress.ts'

describe('the time left', () => {
  test.each([
    [50, 200, 10_000, 30_000],
    [199, 200, 10_000, 50],
    [1, 200, 10_000, null],
    [50, 200, 500, null],
    [0, 200, 10_000, null],
    [200, 200, 10_000, null],
    [250, 200, 10_000, null],
    [0, 0, 10_000, null],
  ])('a run that has done %i of %i in %i ms has %s left', (done, total, elapsed, left) => {
    expect(timeLeft(done, total, elapsed)).toBe(left)
  })
})

describe('the percentage', () => {
  test.each([
    [1, 3, 33],
    [0, 3, 0],
    [3, 3, 99],
    [9, 3, 99],
    [1, 0, 0],
  ])('the percentage of %i of %i is %i', (done, total, percent) => {
    expect(percentOf(done, total)).toBe(percent)
  })
})
