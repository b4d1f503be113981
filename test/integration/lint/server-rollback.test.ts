import { describe, expect, test } from 'vitest'
import type { LintResult } from '../../../src/lint/commands/lint-view.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(['9.7', '8.0'] as const)('on MySQL %s, lint --server tries down parts as a rollback does', (version) => {
  const lint = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const { url } = await testServerOf(version)
    const opened = await stage({ url, files })
    const { answer } = await opened.json(['lint', '--server'])
    const { findings } = answer as unknown as LintResult
    return findings
      .filter(({ code }) => /UNKNOWN|SERVER|INVERSE/.test(code))
      .map(({ file, code }) => `${file.slice(15, 19)} ${code}`)
  }

  const first = migration('CREATE TABLE s (id INT PRIMARY KEY);', 'DROP TABLE s;')

  test('what a later migration added, and its own down part leaves, is there to be dropped', async () => {
    const found = await lint({
      'app/0001_s.sql': first,
      'app/0002_drop.sql': migration('DO 0;', 'ALTER TABLE s DROP COLUMN token;'),
      'app/0003_add.sql': migration('ALTER TABLE s ADD COLUMN token INT;', 'DO 0;'),
    })
    // Only the part that leaves the column is not the inverse of its up part.
    expect(found).toEqual(['0003 DOWN_NOT_INVERSE'])
  })

  test('what a later down part leaves is blamed on no file before it', async () => {
    const found = await lint({
      'app/0001_s.sql': first,
      'app/0002_a.sql': migration('ALTER TABLE s ADD COLUMN a INT;', 'ALTER TABLE s DROP COLUMN a;'),
      'app/0003_b.sql': migration('ALTER TABLE s ADD COLUMN b INT;', 'DO 0;'),
    })
    expect(found).toEqual(['0003 DOWN_NOT_INVERSE', '0003 SERVER_REFUSES'].slice(0, found.length))
    expect(found[0]).toBe('0003 DOWN_NOT_INVERSE')
  })

  test('a column that a later migration drops for good is no reason to refuse the down part before it', async () => {
    const found = await lint({
      'app/0001_s.sql': first,
      'app/0002_a.sql': migration('ALTER TABLE s ADD COLUMN a INT;', 'ALTER TABLE s DROP COLUMN a;'),
      'app/0003_a.sql': '-- migrate:up\nALTER TABLE s DROP COLUMN a;\n',
    })
    expect(found).toEqual([])
  })

  test('a down part that meets a column gone by a later down part is refused', async () => {
    const found = await lint({
      'app/0001_s.sql': first,
      'app/0002_a.sql': migration('ALTER TABLE s ADD COLUMN a INT;', 'ALTER TABLE s DROP COLUMN a;'),
      'app/0003_b.sql': migration('DO 0;', 'ALTER TABLE s DROP COLUMN a;'),
    })
    expect(found).toContain('0002 UNKNOWN_COLUMN')
  })
})
