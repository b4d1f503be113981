import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const family = (name: string): string => `-- wwdb:period month
-- wwdb:name ${name}_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:late 0 days
-- wwdb:archive none
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
`

/** Two databases with a rotated family each; a migration of `app` names the schema of `other`. */
async function openTwo(): Promise<Stage> {
  const project = await stage({
    databases: ['app', 'other'],
    files: {
      'shard-templates/app/messages.sql': family('messages'),
      'shard-templates/other/notes.sql': family('notes'),
      'app/0001_tags.sql':
        '-- migrate:up\nCREATE TABLE messages_tags (id INT PRIMARY KEY, author BIGINT);\n' +
        'INSERT INTO messages_tags SELECT id, id FROM {{schema:other}}.notes;\n',
    },
  })
  await project.query('CREATE TABLE notes (id INT PRIMARY KEY)', 'other')
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  return project
}

const looks = [['check'], ['list'], ['diff'], ['repair', '--dry-run'], ['adopt', '--dry-run']]

describe('a table that only looks like a shard', () => {
  test('hides nothing: placeholders of other databases resolve, also where one database is chosen', async () => {
    const project = await openTwo()
    await project.query('CREATE TABLE messages_backup (id INT)')
    for (const target of [[], ['-t', 'app']]) {
      for (const look of looks) {
        const run = await project.run(['shards', ...look, ...target])
        expect([look, run.exitCode, run.stderr]).toEqual([look, expect.toBeOneOf([0, 1]), ''])
      }
    }
    const { exitCode, answer } = await project.json(['shards', 'check', '--metrics', 'wwdb.prom'])
    expect([exitCode, answer['findings']]).toEqual([1, 1])
    expect(JSON.stringify(answer)).toContain('"table":"messages_backup"')
    const metrics = readFileSync(join(project.folder, 'wwdb.prom'), 'utf8')
    expect(metrics).toContain('wwdb_shard_unexpected{database="app",family="messages"} 1\n')
    expect(metrics).toContain('wwdb_shard_database_checked{database="other"} 1\n')
  })

  test('a migration with a fault does not end the check: it is a finding of its own', async () => {
    const project = await openTwo()
    await project.query('CREATE TABLE messages_backup (id INT)')
    project.write('app/0002_wrong.sql', '-- migrate:up\nSELECT 1 FROM {{schema:nobody}}.x;\n')
    project.write('other/0002_wrong.sql', 'no part of a migration\n')
    const { exitCode, stdout } = await project.run(['shards', 'check'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('The migrations of `app` have an error')
    expect(stdout).not.toContain('The migrations of `other` have an error')
    expect(stdout).toContain('unexpected: messages_backup')
    expect(stdout).not.toContain('messages_tags')
  })
})

test('a database that cannot be looked at leaves the others their answers', async () => {
  const project = await openTwo()
  await project.query('ALTER TABLE wwdb_shards DROP COLUMN seal_rows')
  await project.query('CREATE TABLE notes_backup (id INT)', 'other')
  for (const look of looks) {
    const { exitCode, answer } = await project.json(['shards', ...look])
    expect([look, exitCode]).toEqual([look, 2])
    expect(answer['unseen']).toMatchObject([{ target: { database: 'app' } }])
    expect(JSON.stringify(answer)).toContain('"database":"other"')
  }
  const check = await project.run(['shards', 'check', '--metrics', 'wwdb.prom'])
  expect(check.exitCode).toBe(2)
  expect(check.stdout).toContain('unexpected: notes_backup')
  expect(check.stdout).toContain('1 database not looked at')
  const metrics = readFileSync(join(project.folder, 'wwdb.prom'), 'utf8')
  expect(metrics).toContain('wwdb_shard_unexpected{database="other",family="notes"} 1\n')
  expect(metrics).toContain('wwdb_shard_database_checked{database="app"} 0\n')
  expect(await project.run(['shards', 'adopt'])).toMatchObject({ exitCode: 2 })
  expect(await project.run(['shards', 'check', '-t', 'other'])).toMatchObject({ exitCode: 1 })
})
