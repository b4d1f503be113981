import { describe, expect, test } from 'vitest'
import { RunningFiles } from '../../../scripts/running-files.ts'

const minute = 60_000

describe('the files of a run', () => {
  test('are counted by project when they are done, and named with their time while they run, the longest first', () => {
    const files = new RunningFiles(0)
    files.begin('cli', 'a.test.ts', 0)
    files.begin('chaos', 'b.test.ts', minute)
    files.begin('chaos', 'c.test.ts', 2 * minute)
    files.end('chaos', 'b.test.ts', 3 * minute)
    expect(files.describe(4 * minute)).toBe(
      '4 min. Files done: 1 of chaos. Files that run: cli: a.test.ts (240 s), chaos: c.test.ts (120 s).',
    )
  })

  test('have stopped where nothing of them ended for a quarter of an hour, and not where a test did', () => {
    const files = new RunningFiles(0)
    files.begin('chaos', 'b.test.ts', 0)
    files.goOn(10 * minute)
    expect(files.hasStopped(24 * minute)).toBe(false)
    expect(files.hasStopped(25 * minute)).toBe(true)
    expect(files.describeStop(25 * minute)).toBe(
      'no test has ended for 15 minutes, while these files ran: chaos: b.test.ts (1500 s)',
    )
  })

  test('may begin late, as servers are built before the first one', () => {
    const files = new RunningFiles(0)
    expect(files.hasStopped(44 * minute)).toBe(false)
    expect(files.hasStopped(45 * minute)).toBe(true)
    expect(files.describeStop(45 * minute)).toBe('no file has begun within 45 minutes')
    files.begin('unit', 'a', 46 * minute)
    expect(files.hasStopped(60 * minute)).toBe(false)
    expect(files.hasStopped(61 * minute)).toBe(true)
  })

  test('are named up to four, and counted beyond', () => {
    const files = new RunningFiles(0)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) files.begin('unit', name, 0)
    expect(files.describe(0)).toMatch(/unit: a \(0 s\), .*unit: d \(0 s\), 2 more\.$/)
    expect(new RunningFiles(0).describe(0)).toBe('0 min. Files done: none. Files that run: none.')
  })
})
