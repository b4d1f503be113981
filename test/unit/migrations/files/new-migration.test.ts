import { expect, test } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import type { MigrationEntry } from '../../../../src/migrations/files/folder.ts'
import { isFault, readMigrationName } from '../../../../src/migrations/files/migration-name.ts'
import { type NewMigration, planNewFile } from '../../../../src/migrations/files/new-migration.ts'

const now = new Date('2026-03-04T05:06:07.890Z')
const options: NewMigration = { name: 'add_phone', kind: 'versioned', sequence: false, now }

function entries(...fileNames: readonly string[]): readonly MigrationEntry[] {
  return fileNames.map((fileName) => {
    const name = readMigrationName(fileName, fileName)
    if (isFault(name)) throw new Error(name.what)
    return { database: 'app', name, file: `m/${fileName}`, path: `/m/${fileName}` }
  })
}

const named = (more: Partial<NewMigration>, ...present: readonly string[]): string =>
  planNewFile({ ...options, ...more }, entries(...present)).fileName

test.each([
  [{}, [], '20260304050607_add_phone.sql'],
  [{ kind: 'data' }, [], '20260304050607_add_phone.ts'],
  [{ kind: 'repeatable' }, ['0001_x.sql'], 'R__add_phone.sql'],
  [{ sequence: true }, [], '0001_add_phone.sql'],
  [{}, ['0009_x.sql', '0002_y.sql', 'R__v.sql'], '0010_add_phone.sql'],
  [{ sequence: true }, ['099_x.sql'], '100_add_phone.sql'],
  [{}, ['20260304050606_x.sql'], '20260304050607_add_phone.sql'],
  [{}, ['20260304050607_x.sql'], '20260304050608_add_phone.sql'],
  [{}, ['20260304050659_x.sql'], '20260304050700_add_phone.sql'],
  [{ name: '加电话' }, [], '20260304050607_加电话.sql'],
] as const)('names %j beside %j', (more, present, fileName) => {
  expect(named(more, ...present)).toBe(fileName)
})

function faultOf(more: Partial<NewMigration>, ...present: readonly string[]) {
  try {
    named(more, ...present)
  } catch (error) {
    if (error instanceof ToolError) return { code: error.code, exitCode: error.exitCode, ...error.faults[0] }
    throw error
  }
  return null
}

test('a name that would run before an existing one is refused', () => {
  expect(faultOf({}, '20260304060000_later.sql')).toEqual({
    code: 'VERSION_TAKEN',
    exitCode: 2,
    what: 'A file named 20260304050607 would run before `20260304060000_later.sql`, which has a later timestamp.',
    where: { file: 'm/20260304060000_later.sql' },
    next: 'Check the clock of this machine, or rename that file if it has not been applied anywhere.',
  })
})

test('a number among timestamps is refused', () => {
  expect(faultOf({ sequence: true }, '20260101000000_x.sql')).toMatchObject({
    code: 'VERSION_TAKEN',
    exitCode: 64,
    what: "The folder's migrations have timestamps, such as `20260101000000_x.sql`.",
    next: 'Leave out `--sequence`.',
  })
})

test('a repeatable migration that exists is refused', () => {
  expect(faultOf({ kind: 'repeatable' }, 'R__Add_phone.sql')).toMatchObject({
    what: 'There is a repeatable migration `R__Add_phone.sql` already.',
    next: 'Edit it: it runs again when its text changes.',
  })
})

test.each([
  ['add phone', 'Write `add_phone`.'],
  ['../../etc/passwd', 'Write `etc_passwd`.'],
  ['', 'Describe what the migration does, for example `add_phone`.'],
])('the name %j is refused', (name, next) => {
  expect(faultOf({ name })).toEqual({
    code: 'NAME_INVALID',
    exitCode: 64,
    what: `\`${name}\` is not a valid migration name: use letters, digits, _ and -, at most 150 characters.`,
    next,
  })
})

test('an SQL file gets both parts, and a module gets functions that cannot run unwritten', () => {
  expect(planNewFile(options, []).content).toMatch(/^-- migrate:up\n(.*\n)*-- migrate:down\n/)
  expect(planNewFile({ ...options, kind: 'repeatable' }, []).content).not.toContain('migrate:down')
  expect(planNewFile({ ...options, kind: 'data' }, []).content.match(/throw new Error/g)).toHaveLength(2)
})
