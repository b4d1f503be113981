import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createConnection } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { nameLock } from '../../../src/mysql/lock.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import { cleanEnvironment, launcher } from '../../helpers/tool/tool.ts'

const stage = withStages()

const template = (archive: 'none' | 'directory'): string => `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 1 days
-- wwdb:share 100%
-- wwdb:archive ${archive}
CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body MEDIUMBLOB) ENGINE=InnoDB;
`

test('locks are taken in the order of their schemas: while one is waited for, none behind it is held', async () => {
  const opened = await stage({
    // As the configuration has them, the last one comes first.
    databases: ['zebra', 'app'],
    files: {
      'shard-templates/zebra/messages.sql': template('none'),
      'shard-templates/app/notes.sql': template('none'),
    },
  })
  const holder = await createConnection({ uri: opened.url })
  try {
    await holder.query('SELECT GET_LOCK(?, 0)', [nameLock(opened.schema('app'))])
    const tool = opened.start(['rotate', 'run', '--json', '--lock-timeout', '60s'])
    await tool.says('stdout', '"type":"lock-waiting"')
    const [[free]] = (await holder.query({
      sql: 'SELECT IS_FREE_LOCK(?)',
      values: [nameLock(opened.schema('zebra'))],
      rowsAsArray: true,
    })) as unknown as [[[number]]]
    expect(free).toEqual([1])
    await holder.query('DO RELEASE_ALL_LOCKS()')
    expect(await tool.ended).toMatchObject({ exitCode: 0 })
  } finally {
    await holder.end()
  }
})

test('a disk that is full of archives: a sentence, nothing is dropped, and the next run with room continues', async () => {
  const archives = 'archives'
  const opened = await stage({
    files: { 'shard-templates/app/messages.sql': template('directory') },
    configuration: { rotation: { archive: archives } },
  })
  const now = new Date()
  const old = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4, 1))
  const table = `messages_${old.toISOString().slice(0, 7).replace('-', '')}`
  await opened.query(template('directory').split('\n').at(-2)?.replace('{{table}}', table) ?? '')
  // What is random does not shrink.
  const bytes = Array.from({ length: 64 }, () => 'RANDOM_BYTES(1024)').join(',')
  for (let row = 0; row < 8; row += 1) await opened.query(`INSERT INTO ${table} (body) VALUES (CONCAT(${bytes}))`)
  for (const _ of ['adopt', 'seal', 'hold'])
    expect(await opened.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  const [[held]] = (await opened.query("SELECT hold_table FROM wwdb_shards WHERE state='held'")) as [[string]]

  // A folder of its own in a namespace of its own: a disk of 64 KB, as any user may make one.
  mkdirSync(join(opened.folder, archives))
  const script = `mount -t tmpfs -o size=64k tmpfs '${archives}' && exec "$@"`
  const words = ['-rm', 'sh', '-c', script, 'sh', execPath, launcher, 'rotate', 'run', '--yes']
  const full = spawnSync('unshare', words, { cwd: opened.folder, env: cleanEnvironment(), encoding: 'utf8' })
  expect(full.status, full.stderr).toBe(2)
  expect(full.stdout).toContain('There is no space left on the disk of the archives')
  expect(await opened.query(`SELECT COUNT(*) FROM ${held}`)).toEqual([[8]])
  expect(await opened.query('SELECT state,archive_address FROM wwdb_shards WHERE hold_table IS NOT NULL')).toEqual([
    ['held', null],
  ])

  expect(await opened.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await opened.query('SELECT state,archive_rows FROM wwdb_shards WHERE hold_table IS NOT NULL')).toEqual([
    ['archived', 8],
  ])
  expect(readdirSync(join(opened.folder, archives), { recursive: true })).toContainEqual(
    expect.stringMatching(/\.sql\.gz$/),
  )
})

test('130: Ctrl-C ends a rotation after the step of the shard that it is at; the next one does the others', async () => {
  const opened = await stage({ files: { 'shard-templates/app/messages.sql': template('none') } })
  const now = new Date()
  const months = Array.from({ length: 30 }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4 - back, 1))
      .toISOString()
      .slice(0, 7)
      .replace('-', ''),
  )
  for (const month of months)
    await opened.query(template('none').split('\n').at(-2)?.replace('{{table}}', `messages_${month}`) ?? '')
  expect(await opened.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  const sealed = async (): Promise<number> =>
    Number((await opened.query("SELECT COUNT(*) FROM wwdb_shards WHERE state='sealed'"))[0]?.[0])
  const tool = opened.start(['rotate', 'run', '--yes', '--json'])
  await tool.says('stdout', '"step":"seal","rows":')
  tool.child.kill('SIGINT')
  const ended = await tool.ended
  expect(ended.exitCode).toBe(130)
  expect(ended.stdout).toContain('"state":"stopped"')
  const before = await sealed()
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(30)
  expect(await opened.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await opened.query("SELECT COUNT(*) FROM wwdb_shards WHERE state IN ('sealed','held')")).not.toEqual([
    [before],
  ])
})

test('a last run that is too long ago: every run and check says so, until a person trusts the clock', async () => {
  const opened = await stage({ files: { 'shard-templates/app/messages.sql': template('none') } })
  expect(await opened.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  const longAgo = "UPDATE wwdb_shard_families SET last_run_at='2026-01-01' WHERE family=''"
  await opened.query(longAgo)
  for (const _ of ['first', 'second']) {
    const run = await opened.run(['rotate', 'run'])
    expect(run.stdout).toContain('wwdb rotate run --trust-clock')
    const check = await opened.run(['shards', 'check'])
    expect([check.exitCode, check.stdout]).toEqual([1, expect.stringContaining('--trust-clock')])
  }
  const said = await opened.run(['rotate', 'run', '--trust-clock'])
  expect([said.exitCode, said.stdout]).toEqual([0, expect.not.stringContaining('--trust-clock')])
  expect(await opened.run(['shards', 'check'])).toMatchObject({ exitCode: 0 })
})
