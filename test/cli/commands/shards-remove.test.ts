import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = `-- wwdb:period month
-- wwdb:name msg_{YYYYMM}
-- wwdb:premake 1 periods
CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(40)) ENGINE=InnoDB;
`

test('shards that a wrong clock left: named first, asked for, and gone; what has rows or is protected stays', async () => {
  const project = await stage({ files: { 'shard-templates/app/msg.sql': template } })
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  const wanted = await project.tables()
  const far = ['2031-05', '2031-06', '2031-07', '2031-08'].flatMap((key) => ['--key', key])
  expect(await project.run(['shards', 'create', '--family', 'msg', ...far])).toMatchObject({ exitCode: 0 })
  await project.query("INSERT INTO msg_203106 (body) VALUES ('a')")
  const protect = ['shards', 'protect', '--family', 'msg', '--key', '2031-07', '--reason', 'case 1']
  expect(await project.run(protect)).toMatchObject({ exitCode: 0 })

  expect((await project.run(['shards', 'remove'])).exitCode).toBe(64)
  const before = await project.tables()
  const planned = await project.json(['shards', 'remove', '--empty', '--dry-run'])
  expect(planned).toMatchObject({ exitCode: 0, answer: { shards: [{ key: '2031-05' }, { key: '2031-08' }] } })
  expect((await project.run(['shards', 'remove', '--empty'])).exitCode).not.toBe(0)
  expect(await project.tables()).toEqual(before)
  const removed = await project.run(['shards', 'remove', '--empty', '--yes'])
  expect(removed).toMatchObject({ exitCode: 0 })
  expect(removed.stdout).toContain('msg_203105')
  expect(await project.tables()).toEqual([...wanted, 'msg_203106', 'msg_203107'].toSorted())
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  expect(await project.tables()).toEqual([...wanted, 'msg_203106', 'msg_203107'].toSorted())
  expect(await project.json(['shards', 'remove', '--empty', '--yes'])).toMatchObject({
    exitCode: 0,
    answer: { shards: [] },
  })
})
