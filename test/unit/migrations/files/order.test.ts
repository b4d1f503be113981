import { expect, test } from 'vitest'
import type { MigrationEntry } from '../../../../src/migrations/files/folder.ts'
import { isFault, readMigrationName } from '../../../../src/migrations/files/migration-name.ts'
import { compareEntries, findOrderFaults } from '../../../../src/migrations/files/read-migrations.ts'

function entry(fileName: string): MigrationEntry {
  const name = readMigrationName(fileName, fileName)
  if (isFault(name)) throw new Error(name.what)
  return { database: 'app', name, file: `m/${fileName}`, path: `/m/${fileName}` }
}

function faultsOf(...fileNames: readonly string[]) {
  return findOrderFaults(fileNames.map(entry).sort(compareEntries))
}

test('versions run in the order of their numbers, and repeatable migrations last', () => {
  const names = ['R__b.sql', '10_x.sql', 'R__a.sql', '9_y.sql', '0011_z.ts']
  const sorted = names.map(entry).sort(compareEntries)
  expect(sorted.map(({ name }) => name.fileName)).toEqual(['9_y.sql', '10_x.sql', '0011_z.ts', 'R__a.sql', 'R__b.sql'])
})

test('a plain sequence is right wherever it starts, and so are timestamps', () => {
  expect(faultsOf('0005_a.sql', '0006_b.ts', '0007_c.sql', 'R__v.sql')).toEqual([])
  expect(faultsOf('20260101000000_a.sql', '20991231000000_b.sql')).toEqual([])
})

test('names both files of a duplicate version, however it is written', () => {
  expect(faultsOf('1_a.sql', '0001_b.sql')).toEqual([
    {
      what: '`0001_b.sql` and `1_a.sql` have the same version.',
      where: { file: 'm/1_a.sql' },
      next: 'Rename the one that has not been applied anywhere, with a version after all others.',
    },
  ])
})

test('names both repeatable migrations of one name', () => {
  expect(faultsOf('R__view.sql', 'R__VIEW.sql')).toEqual([
    {
      what: '`R__VIEW.sql` and `R__view.sql` are two repeatable migrations with the same name.',
      where: { file: 'm/R__view.sql' },
      next: 'Rename one of them.',
    },
  ])
})

test('the missing number is named', () => {
  expect(faultsOf('0001_a.sql', '0003_b.sql')).toEqual([
    {
      what: 'The sequence has a gap: 0002 is missing between `0001_a.sql` and `0003_b.sql`.',
      where: { file: 'm/0003_b.sql' },
      next: 'Put the missing file back, or rename `0003_b.sql` to `0002_b.sql`.',
    },
  ])
})

test('timestamps and numbers in one folder are refused once', () => {
  expect(faultsOf('0001_a.sql', '0003_b.sql', '20260101000000_c.sql')).toEqual([
    {
      what: '`0001_a.sql` has a sequence number and `20260101000000_c.sql` a timestamp, in one folder.',
      where: { file: 'm/0001_a.sql' },
      why: 'Their order would not be the order in which they were written.',
      next: 'Use one of the two in a folder: rename the files that have not been applied anywhere.',
    },
  ])
})
