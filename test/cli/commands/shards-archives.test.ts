import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = `-- wwdb:period month
-- wwdb:name messages_{YYYYMM}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 0 days
-- wwdb:share 100%
-- wwdb:archive directory
CREATE TABLE {{table}} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB;
`
const now = new Date()
const key = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4, 1)).toISOString().slice(0, 7)
const table = `messages_${key.replace('-', '')}`

const rotate = ['rotate', 'run', '--yes']

/** With a shard of four months ago that is archived and whose grace has ended; it had three rows. */
async function openArchived(): Promise<{ readonly project: Stage; readonly folder: string }> {
  const project = await stage({
    files: { 'shard-templates/app/messages.sql': template },
    configuration: { rotation: { archive: 'archives' } },
  })
  await project.query(`CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB`)
  await project.query(`INSERT INTO ${table} VALUES (1), (2), (3)`)
  for (const _ of ['adopt', 'seal', 'hold', 'archive']) expect(await project.run(rotate)).toMatchObject({ exitCode: 0 })
  expect(await stateOf(project)).toBe('archived')
  await project.query(`UPDATE wwdb_shards SET held_until='2026-01-01' WHERE shard_key='${key}'`)
  return { project, folder: join(project.folder, 'archives', project.schema('app'), 'messages') }
}

async function stateOf(project: Stage): Promise<unknown> {
  const [row] = await project.query(`SELECT state FROM wwdb_shards WHERE shard_key='${key}'`)
  return row?.[0]
}

test('an archive that broke while its shard is on hold: removed as the error says, it is written again, then the shard goes', async () => {
  const { project, folder } = await openArchived()
  const [name = ''] = readdirSync(folder)
  appendFileSync(join(folder, name, `${table}.sql.gz`), 'no gzip')
  const broken = await project.json(rotate)
  expect(broken).toMatchObject({ exitCode: 2, answer: { families: [{ code: 'ARCHIVE_BROKEN' }] } })
  expect(JSON.stringify(broken.answer)).toContain('remove the folder of this archive')
  expect(await stateOf(project)).toBe('archived')
  // As long as the whole folder is out of reach, a disk may not be mounted: nothing is written elsewhere.
  renameSync(folder, `${folder}.away`)
  expect(await project.json(rotate)).toMatchObject({
    exitCode: 2,
    answer: { families: [{ code: 'ARCHIVE_MISSING' }] },
  })
  renameSync(`${folder}.away`, folder)
  rmSync(join(folder, name), { recursive: true })
  const removed = await project.run(rotate)
  expect(removed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('was removed') })
  expect([await stateOf(project), readdirSync(folder)]).toEqual(['held', []])
  expect(await project.run(rotate)).toMatchObject({ exitCode: 0 })
  expect([await stateOf(project), readdirSync(folder).length]).toEqual(['archived', 1])
  expect(await project.run(rotate)).toMatchObject({ exitCode: 0 })
  expect(await stateOf(project)).toBe('dropped')
})

test('a registry that is lost: a shard comes back by its archive, and adopt reads the archives', async () => {
  const { project, folder } = await openArchived()
  expect(await project.run(rotate)).toMatchObject({ exitCode: 0 })
  expect(await stateOf(project)).toBe('dropped')
  const [name = ''] = readdirSync(folder)
  const lose = async (): Promise<void> => {
    for (const one of ['wwdb_shards', 'wwdb_shard_families', 'wwdb_shard_findings'])
      await project.query(`DROP TABLE IF EXISTS ${one}`)
    await project.query(`DROP TABLE IF EXISTS ${table}`)
  }
  await lose()
  const byFolder = ['shards', 'restore', '--from-archive', join(folder, name)]
  expect(await project.json(byFolder)).toMatchObject({ exitCode: 0, answer: { families: [{ restored: [table] }] } })
  expect(await project.query(`SELECT COUNT(*) FROM ${table}`)).toEqual([[3]])
  expect(await project.json(byFolder)).toMatchObject({
    exitCode: 2,
    answer: { families: [{ code: 'SHARD_PRESENT' }] },
  })
  // It stays, as any shard that is restored after its time.
  expect(await project.run(rotate)).toMatchObject({ exitCode: 0 })
  expect(await project.query(`SELECT COUNT(*) FROM ${table}`)).toEqual([[3]])

  await lose()
  mkdirSync(join(folder, `${table}.20200101T000000000Z`))
  writeFileSync(join(folder, `${table}.20200101T000000000Z`, 'manifest.json'), '{}')
  const adopted = await project.json(['shards', 'adopt'])
  expect(adopted.exitCode).toBe(1)
  const [family] = (adopted.answer['targets'] as readonly { readonly families: readonly object[] }[])[0]?.families ?? []
  expect(family).toMatchObject({
    adopted: expect.arrayContaining([{ table, key, state: 'dropped', recorded: null }]),
    refused: [{ table, why: expect.stringContaining('its manifest was not written by wwdb') }],
  })
  expect(await project.run(['shards', 'restore', '--family', 'messages', '--key', key])).toMatchObject({ exitCode: 0 })
  expect(await project.query(`SELECT COUNT(*) FROM ${table}`)).toEqual([[3]])
})

test.each([
  [['shards', 'restore', '--key', '2026-01', '--from-archive', 'x'], 64, 'USAGE'],
  [['shards', 'restore'], 64, 'USAGE'],
  [['shards', 'restore', '--from-archive', '../x'], 64, 'USAGE'],
  [['shards', 'restore', '--from-archive', 'nowhere'], 2, 'ARCHIVE_MISSING'],
])('restore refuses %j', async (args, exitCode, code) => {
  const project = await stage({
    files: { 'shard-templates/app/messages.sql': template },
    configuration: { rotation: { archive: 'archives' } },
  })
  expect(await project.json(args)).toMatchObject({ exitCode, answer: { code } })
})
