import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksumOf } from '../../../../src/files/checksum.ts'
import { isFault } from '../../../../src/migrations/files/migration-name.ts'
import { findSumFaults, formatSum, parseSum } from '../../../../src/migrations/files/sum.ts'

const one = checksumOf('one')
const two = checksumOf('two')
const file = 'migrations/app/wwdb.sum'
const pathOf = (name: string): string => `migrations/app/${name}`

test('files are listed by name under a digest of all lines', () => {
  const lines = `0001_a.sql sha256:${one}\n0002_b.sql sha256:${two}\n`
  const checksums = new Map([
    ['0002_b.sql', two],
    ['0001_a.sql', one],
  ])
  expect(formatSum(checksums)).toBe(`wwdb.sum sha256:${checksumOf(lines)}\n${lines}`)
})

test('what was written is read again, with any line ends', () => {
  const name = fc.stringMatching(/^[0-9]{4}_[a-z]{1,8}\.sql$/)
  const checksum = fc.string().map((text) => checksumOf(text))
  const map = fc.array(fc.tuple(name, checksum)).map((pairs) => new Map(pairs))
  fc.assert(
    fc.property(map, fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\ufeff'), (checksums, end, mark) => {
      const text = mark + formatSum(checksums).replaceAll('\n', end)
      const sum = parseSum(text, file)
      expect(isFault(sum) ? sum : new Map([...sum.checksums].sort())).toEqual(new Map([...checksums].sort()))
    }),
  )
})

test('two branches that each add a file change the same line', () => {
  const base = formatSum(new Map([['0001_a.sql', one]])).split('\n')[0]
  const ours = formatSum(
    new Map([
      ['0001_a.sql', one],
      ['0002_b.sql', two],
    ]),
  ).split('\n')[0]
  const theirs = formatSum(
    new Map([
      ['0001_a.sql', one],
      ['0002_c.sql', two],
    ]),
  ).split('\n')[0]
  expect(new Set([base, ours, theirs]).size).toBe(3)
})

test('the conflict markers of git are explained', () => {
  const text = `<<<<<<< HEAD\nwwdb.sum sha256:${one}\n=======\nwwdb.sum sha256:${two}\n>>>>>>> other\n`
  expect(parseSum(text, file)).toEqual({
    what: '`migrations/app/wwdb.sum` contains git conflict markers: two branches added migrations.',
    where: { file, line: 1 },
    next: 'Check that the new files of both run in the right order, then run `wwdb validate --write-sum`.',
  })
})

test.each([
  ['', 1],
  ['something else\n', 1],
  [`wwdb.sum sha256:${one}\n0001_a.sql md5:123\n`, 2],
])('the text %j is refused', (text, line) => {
  expect(parseSum(text, file)).toEqual({
    what: `Line ${line} of \`migrations/app/wwdb.sum\` was not written by wwdb.`,
    where: { file, line },
    next: 'If the files are correct, run `wwdb validate --write-sum`.',
  })
})

test('a merge that git made without a conflict is noticed', () => {
  const text = `${formatSum(new Map([['0001_a.sql', one]]))}0002_b.sql sha256:${two}\n`
  expect(parseSum(text, file)).toEqual({
    what: 'The first line of `migrations/app/wwdb.sum` does not match the lines below it.',
    where: { file, line: 1 },
    why: 'They were changed by hand or joined by a merge.',
    next: 'If the files are correct, run `wwdb validate --write-sum`.',
  })
})

test('names every file that differs', () => {
  const sum = {
    checksums: new Map([
      ['0001_a.sql', one],
      ['0002_b.sql', one],
    ]),
  }
  const files = new Map([
    ['0001_a.sql', two],
    ['0003_c.sql', one],
  ])
  expect(findSumFaults(sum, files, file, pathOf)).toEqual([
    {
      what: '`0001_a.sql` was edited after `migrations/app/wwdb.sum` was written.',
      where: { file: 'migrations/app/0001_a.sql' },
      next: 'Restore the file, or run `wwdb validate --write-sum` if the edit is intentional.',
    },
    {
      what: '`migrations/app/wwdb.sum` does not list `0003_c.sql`.',
      where: { file: 'migrations/app/0003_c.sql' },
      next: 'If the files are correct, run `wwdb validate --write-sum`.',
    },
    {
      what: '`migrations/app/wwdb.sum` lists `0002_b.sql`, which is not in the folder.',
      where: { file },
      next: 'If the files are correct, run `wwdb validate --write-sum`.',
    },
  ])
  expect(findSumFaults(sum, sum.checksums, file, pathOf)).toEqual([])
})
