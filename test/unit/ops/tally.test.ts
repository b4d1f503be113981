import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

interface FileCount {
  readonly file: string
  readonly passed: number
  readonly skipped: readonly string[]
  readonly pending: readonly string[]
  readonly failures: readonly { readonly where: string; readonly why: string }[]
}

interface Outside {
  readonly where: string
  readonly why: string
  /** Which file its worker ran, where that is known. */
  readonly file?: string
}

interface Counted {
  readonly files: readonly FileCount[]
  readonly outside: readonly Outside[]
}

interface Tally {
  readonly listUnsettled: (tally: Counted) => readonly string[]
  readonly listUnsteady: (tally: Counted, again: Counted) => readonly string[]
  readonly replaceFiles: (tally: Counted, again: Counted, hasCrashed: boolean) => Counted
  readonly sumUp: (
    tally: Counted,
    everything: boolean,
  ) => { readonly failed: number; readonly lines: readonly string[] }
}

const { listUnsettled, listUnsteady, replaceFiles, sumUp }: Tally = await import(
  resolve(import.meta.dirname, '../../../scripts/tally.mjs')
)

const fileOf = (file: string, count: Partial<FileCount>): FileCount => ({
  file,
  passed: 1,
  skipped: [],
  pending: [],
  failures: [],
  ...count,
})

describe('what a run of tests runs once more', () => {
  test('is a file in which a test failed, or was not reached because its worker ended', () => {
    const files = [
      fileOf('whole.test.ts', {}),
      fileOf('failed.test.ts', { failures: [{ where: 'failed.test.ts > one', why: 'no' }] }),
      fileOf('ended.test.ts', { skipped: ['two'], pending: ['two'] }),
    ]
    expect(listUnsettled({ files, outside: [] })).toEqual(['failed.test.ts', 'ended.test.ts'])
  })

  test('is no file whose other tests were left out, by `-t` or by themselves', () => {
    expect(listUnsettled({ files: [fileOf('some.test.ts', { skipped: ['one', 'two'] })], outside: [] })).toEqual([])
  })
})

describe('an error outside any test', () => {
  const known: Outside = { where: 'outside any test, while a.test.ts ran', why: 'gone', file: 'a.test.ts' }
  const unknown: Outside = { where: 'outside any test', why: 'lost' }
  const tally = (outside: readonly Outside[]): Counted => ({ files: [fileOf('a.test.ts', {})], outside })

  test('lets its file run once more, and is unsteady where it does not come again', () => {
    const first = tally([known])
    expect(listUnsettled(first)).toEqual(['a.test.ts'])
    expect(listUnsteady(first, tally([]))).toEqual(['unsteady: outside any test, while a.test.ts ran: gone'])
    expect(sumUp(replaceFiles(first, tally([]), false), true)).toMatchObject({ failed: 0, lines: [] })
  })

  test('fails the run where it comes again', () => {
    const first = tally([known])
    expect(listUnsteady(first, tally([known]))).toEqual([])
    expect(sumUp(replaceFiles(first, tally([known]), false), true).failed).toBe(1)
  })

  test('whose file is not known fails the run, unless a server crashed', () => {
    const first = tally([unknown])
    expect(listUnsettled(first)).toEqual([])
    expect(sumUp(replaceFiles(first, tally([]), false), true).lines).toEqual(['failed: outside any test: lost'])
    expect(sumUp(replaceFiles(first, tally([]), true), true).failed).toBe(0)
  })
})
