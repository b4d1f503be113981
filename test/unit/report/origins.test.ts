import { describe, expect, test } from 'vitest'
import { listTables } from '../../../src/ddl/schema.ts'
import { readHistory } from '../../../src/lint/review/read-history.ts'
import { followOrigins, type Origins } from '../../../src/report/origins.ts'
import { heldMigration } from '../../helpers/lint/lint-fixture.ts'

/** What files of these statements made, each a version. */
function follow(...files: readonly string[]): Origins {
  const held = files.map((sql, index) => heldMigration(`-- migrate:up\n${sql}\n`, `${index + 1}_file`))
  const history = readHistory('app', held)
  const names = listTables(history.schema).map(({ name }) => name)
  return followOrigins(history.files, new Map([['1', '2026-11-26T10:00:00Z']]), names)
}

function versionsOf(origins: Origins, table: string, column: string): readonly (string | null | undefined)[] {
  const found = origins.ofColumn(table, column)
  return [found?.made.version, found?.changed?.version]
}

describe('the migration that made a column', () => {
  test('is the one that first has it, also where a later one changes it', () => {
    const origins = follow(
      'CREATE TABLE t (a INT, b INT);',
      'ALTER TABLE t ADD COLUMN c INT;',
      'ALTER TABLE t MODIFY a BIGINT;',
      'CREATE INDEX i ON t (b);',
    )
    expect(versionsOf(origins, 'T', 'A')).toEqual(['1', '3'])
    expect(versionsOf(origins, 't', 'b')).toEqual(['1', undefined])
    expect(versionsOf(origins, 't', 'c')).toEqual(['2', undefined])
    expect(origins.ofTable('t')).toMatchObject({ version: '1', applied: '2026-11-26T10:00:00Z' })
    expect(origins.ofColumn('t', 'c')?.made.applied).toBeNull()
  })

  test('stays with a renamed table, and is another one for a renamed column', () => {
    const origins = follow(
      'CREATE TABLE t (a INT, b INT);',
      'RENAME TABLE t TO u;',
      'ALTER TABLE u RENAME COLUMN b TO c;',
      'ALTER TABLE u RENAME TO v;',
    )
    expect(versionsOf(origins, 'v', 'a')).toEqual(['1', undefined])
    expect(versionsOf(origins, 'v', 'c')).toEqual(['3', undefined])
    expect(origins.ofTable('v')?.version).toBe('1')
  })

  test('is the later one for what was dropped and made again', () => {
    const origins = follow(
      'CREATE TABLE t (a INT, b INT);',
      'ALTER TABLE t DROP COLUMN b;',
      'ALTER TABLE t ADD COLUMN b TEXT;',
      'CREATE TABLE gone (a INT);',
      'DROP TABLE gone;',
      'CREATE TABLE gone (a INT);',
    )
    expect(versionsOf(origins, 't', 'b')).toEqual(['3', undefined])
    expect(versionsOf(origins, 'gone', 'a')).toEqual(['6', undefined])
    expect(origins.ofTable('gone')?.version).toBe('6')
  })

  test('is not known for a table that no file makes', () => {
    const origins = follow('ALTER TABLE other ADD COLUMN a INT;')
    expect(origins.ofTable('other')).toBeNull()
    expect(origins.ofColumn('other', 'a')).toBeNull()
  })
})
