import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

interface FileCount {
  readonly file: string
  readonly passed: number
  readonly skipped: readonly string[]
  readonly pending: readonly string[]
  readonly failures: readonly { readonly where: string; readonly why: string }[]
}

interface Tally {
  readonly listUnsettled: (tally: { readonly files: readonly FileCount[] }) => readonly string[]
}

const { listUnsettled }: Tally = await import(resolve(import.meta.dirname, '../../../scripts/tally.mjs'))

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
    expect(listUnsettled({ files })).toEqual(['failed.test.ts', 'ended.test.ts'])
  })

  test('is no file whose other tests were left out, by `-t` or by themselves', () => {
    expect(listUnsettled({ files: [fileOf('some.test.ts', { skipped: ['one', 'two'] })] })).toEqual([])
  })
})
