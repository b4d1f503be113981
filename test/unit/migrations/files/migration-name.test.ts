import { expect, test, vi } from 'vitest'
import {
  isFault,
  isIgnoredName,
  NameAdvice,
  plainName,
  readMigrationName,
} from '../../../../src/migrations/files/migration-name.ts'

test.each([
  ['0001_create_users.sql', 'versioned', '0001', 'create_users'],
  ['20260131093000_add-phone.sql', 'versioned', '20260131093000', 'add-phone'],
  ['7_x.sql', 'versioned', '7', 'x'],
  ['20240229000000_leap_day.sql', 'versioned', '20240229000000', 'leap_day'],
  ['20991231235959_far_future.sql', 'versioned', '20991231235959', 'far_future'],
  ['0002_用户表.sql', 'versioned', '0002', '用户表'],
  ['0003_fill.ts', 'data', '0003', 'fill'],
  ['0003_fill.js', 'data', '0003', 'fill'],
  ['0003_fill.mjs', 'data', '0003', 'fill'],
  ['R__user_summary.sql', 'repeatable', 'R__user_summary', 'user_summary'],
])('the name %s is read', (fileName, kind, version, name) => {
  expect(readMigrationName(fileName, fileName)).toMatchObject({ fileName, kind, version, name })
})

test('both Unicode forms of a name are the same name', () => {
  const composed = readMigrationName('0001_caf\u00e9.sql', 'x')
  const decomposed = readMigrationName('0001_cafe\u0301.sql', 'x')
  expect(isFault(composed) ? null : composed.name).toBe('caf\u00e9')
  expect(isFault(decomposed) ? null : decomposed.name).toBe('caf\u00e9')
})

test.each([
  ['V1__create_users.sql', 'Rename it to `1_create_users.sql`.'],
  ['0001-create.sql', 'Rename it to `0001_create.sql`.'],
  ['0001 create users.sql', 'Rename it to `0001_create_users.sql`.'],
  ['0001_create.SQL', 'Rename it to `0001_create.sql`.'],
  ['0001_create.table.sql', 'Rename it to `0001_create_table.sql`.'],
  ['0001.create.mts', 'Rename it to `0001_create.ts`.'],
  ['0001_fill.cjs', 'Rename it to `0001_fill.js`.'],
  ['r__view.sql', 'Rename it to `R__view.sql`.'],
  ['R_view.sql', 'Rename it to `R__view.sql`.'],
  ['0001_.sql', 'Rename it, or move it out of the folder.'],
  ['create.sql', 'Rename it, or move it out of the folder.'],
  ['notes.txt', 'Rename it, or move it out of the folder.'],
])('the fault says what to do about %s', (fileName, next) => {
  expect(readMigrationName(fileName, `migrations/app/${fileName}`)).toEqual({
    what: `\`${fileName}\` is not the name of a migration: <version>_<name>.sql (or .ts, .js, .mjs) or R__<name>.sql.`,
    where: { file: `migrations/app/${fileName}` },
    next,
  })
})

test('the fault of R__x.ts explains that a repeatable migration is SQL', () => {
  expect(readMigrationName('R__x.ts', 'x')).toMatchObject({ next: 'Rename it to `R__x.sql`.' })
})

test.each(['0001_create.up.sql', '0001_create.down.sql'])('the two files of other tools are joined: %s', (fileName) => {
  expect(readMigrationName(fileName, fileName)).toEqual({
    what: 'Up and down must be parts of one file, not two files.',
    where: { file: fileName },
    next: 'Put both into 0001_create.sql under "-- migrate:up" and "-- migrate:down".',
  })
})

test.each([
  ['20260131_x.sql', 'Rename it to `20260131000000_x.sql`, or use a sequence number such as 0001.'],
  ['202601310930_x.ts', 'Rename it to `20260131093000_x.ts`, or use a sequence number such as 0001.'],
  ['20260131093000123_x.sql', 'Rename it to `20260131093000_x.sql`, or use a sequence number such as 0001.'],
])('the name %s is neither a timestamp nor a sequence', (fileName, next) => {
  const version = fileName.split('_')[0]
  expect(readMigrationName(fileName, fileName)).toEqual({
    what: `${version} is neither a UTC timestamp of 14 digits nor a sequence number of at most 7.`,
    where: { file: fileName },
    next,
  })
})

test.each([
  ['20261301000000', 'month 13 does not exist'],
  ['20260001000000', 'month 00 does not exist'],
  ['20260230000000', '2026-02 has no day 30'],
  ['20250229000000', '2025-02 has no day 29'],
  ['19000229000000', '1900-02 has no day 29'],
  ['20260431000000', '2026-04 has no day 31'],
  ['20260101240000', 'hour 24 does not exist'],
  ['20260101006000', 'minute 60 does not exist'],
  ['20260101000060', 'second 60 does not exist'],
])('the timestamp %s is refused', (version, why) => {
  expect(readMigrationName(`${version}_x.sql`, 'f')).toMatchObject({
    what: `The timestamp ${version} is not a date: ${why}.`,
  })
})

test('limits the length of a name to what the journal holds', () => {
  expect(isFault(readMigrationName(`0001_${'x'.repeat(150)}.sql`, 'f'))).toBe(false)
  expect(readMigrationName(`0001_${'x'.repeat(151)}.sql`, 'f')).toMatchObject({
    what: 'The name has 151 characters; the limit is 150.',
  })
  expect(readMigrationName(`R__${'x'.repeat(151)}.sql`, 'f')).toMatchObject({
    what: 'The name has 151 characters; the limit is 150.',
  })
})

test('files that may be beside migrations are ignored', () => {
  for (const name of ['.gitkeep', '.DS_Store', 'README.md', 'readme', 'wwdb.sum'])
    expect(isIgnoredName(name)).toBe(true)
  for (const name of ['0001_readme.sql', 'README.txt', 'wwdb.sum.bak']) expect(isIgnoredName(name)).toBe(false)
})

test.each([
  ['add phone', 'add_phone'],
  ['  Add: phone!  ', 'Add_phone'],
  ['__x__', 'x'],
  ['???', null],
])('a description becomes a name: %j', (text, name) => {
  expect(plainName(text)).toBe(name)
})

/** What each file of a folder that is named wrongly should be called. */
function advise(...fileNames: readonly string[]): readonly string[] {
  const advice = new NameAdvice(fileNames)
  return fileNames.flatMap((fileName) => {
    const name = readMigrationName(fileName, fileName, () => advice)
    return isFault(name)
      ? [/(?:Rename it to|Put both into) `?([^ ,`]+?)`?[.,]?(?: |$)/.exec(name.next ?? '')?.[1] ?? '']
      : []
  })
}

test('suggested versions are moments that exist, and no version is suggested twice', () => {
  const four = ['20191100_a.sql', '2019110000_b.sql', '201911000000_c.sql', '20191100000000001_d.sql']
  const suggested = advise(...four)
  expect(suggested).toEqual([
    '20191101000000_a.sql',
    '20191101000001_b.sql',
    '20191101000002_c.sql',
    '20191101000003_d.sql',
  ])
  for (const fileName of [...suggested, ...advise('20230231_x.sql', '20261399996199_y.sql')])
    expect(isFault(readMigrationName(fileName, fileName)), fileName).toBe(false)
})

test('a suggested version follows the style of the folder', () => {
  expect(advise('20260101000000_a.sql', 'V1__b.sql', 'V2__c.sql', '0003-d.sql')).toEqual([
    '20260101000001_b.sql',
    '20260101000002_c.sql',
    '20260101000003_d.sql',
  ])
  const name = readMigrationName('20260131_x.sql', 'f', () => new NameAdvice(['20260101000000_a.sql']))
  expect(name).toMatchObject({ next: expect.not.stringContaining('sequence') })
  expect(advise('0001_a.sql', '0002_b.sql', '2-c.sql', '20260101_d.sql')).toEqual(['0003_c.sql', '0004_d.sql'])
  expect(advise('0001_a.sql', '0002_b.up.sql', '0002_b.down.sql')).toEqual(['0002_b.sql', '0002_b.sql'])
})

test('thousands of names of one moment are looked through once, not once for each', () => {
  const names = Array.from({ length: 2000 }, (_, at) => `20260199_${at}.sql`)
  const moments = vi.spyOn(Date.prototype, 'getTime')
  const suggested = new Set(advise(...names))
  expect(suggested.size).toBe(2000)
  expect(moments.mock.calls.length).toBeLessThan(6000)
  moments.mockRestore()
})
