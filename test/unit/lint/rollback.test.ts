import { describe, expect, test } from 'vitest'
import { readHistory } from '../../../src/lint/review/read-history.ts'
import { review } from '../../../src/lint/review/review.ts'
import { allRules, heldMigration, migrationText } from '../../helpers/lint/lint-fixture.ts'

interface Part {
  readonly sql: string
  readonly down?: string
}

/** What errors of unknown names, and of a server's version, are found in a history of which all files are judged. */
function codesOf(parts: readonly Part[], running?: string): readonly string[] {
  const held = parts.map((part, at) => heldMigration(migrationText(part), `000${at + 1}_m.sql`))
  const found = review({
    histories: new Map([['app', readHistory('app', held)]]),
    templates: [],
    judged: new Set(held.map(({ migration }) => migration.file)),
    rules: allRules,
    settingOf: (rule) => ({ severity: rule.severity, options: { ...rule.options } }),
    target: null,
    today: '2026-11-26',
    ...(running !== undefined && { running: new Map([['app', running]]) }),
  })
  return found
    .filter(({ code }) => /^UNKNOWN_|^UPGRADE_/.test(code))
    .map(({ file, code }) => `${file.slice(15, 19)} ${code}`)
}

const first: Part = { sql: 'CREATE TABLE s (id INT PRIMARY KEY)', down: 'DROP TABLE s' }

describe('a down part is judged where a rollback from the newest meets it', () => {
  test('what a later migration added and its down part leaves is there to be dropped', () => {
    const second = { sql: 'DO 0', down: 'ALTER TABLE s DROP COLUMN token, DROP INDEX by_token' }
    const third = { sql: 'ALTER TABLE s ADD COLUMN token INT, ADD INDEX by_token (token)', down: 'DO 0' }
    expect(codesOf([first, second, third])).toEqual([])
  })

  test('what a later down part takes away is not there any more', () => {
    const second = { sql: 'ALTER TABLE s ADD a INT', down: 'ALTER TABLE s DROP COLUMN a' }
    const third = { sql: 'DO 0', down: 'ALTER TABLE s DROP COLUMN a' }
    expect(codesOf([first, second, third])).toEqual(['0002 UNKNOWN_COLUMN'])
  })

  test('below a migration without a way back, it is judged behind its own up part', () => {
    const second = { sql: 'ALTER TABLE s ADD a INT', down: 'ALTER TABLE s DROP COLUMN a' }
    const third = { sql: 'ALTER TABLE s DROP COLUMN a' }
    expect(codesOf([first, second, third])).toEqual([])
    expect(codesOf([first, { ...second, down: 'ALTER TABLE s DROP COLUMN b' }, third])).toEqual(['0002 UNKNOWN_COLUMN'])
  })
})

test('what the server of pending files refuses by its version is an error without a version that is planned', () => {
  const parts = [{ sql: "CREATE USER 'a'@'b' IDENTIFIED WITH mysql_native_password BY 'x'; SELECT MD5(1)" }]
  expect(codesOf(parts, '9.7.4')).toEqual(['0001 UPGRADE_AUTHENTICATION', '0001 UPGRADE_REMOVED_FUNCTION'])
  expect(codesOf(parts, '8.0.12')).toEqual([])
  expect(codesOf(parts)).toEqual([])
})
