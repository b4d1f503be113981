import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const contacts = (columns = ''): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name contacts_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`
const migration = (type: string): string => `-- wwdb:shards contacts
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN note ${type};
-- migrate:down
ALTER TABLE {{table}} DROP COLUMN note;
`

test('redo takes a migration back from every shard and brings its present text, with the template of now', async () => {
  const { run, query, write } = await stage({ files: { 'shard-templates/app/contacts.sql': contacts() } })
  await query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await query('INSERT INTO owners VALUES (7), (42), (99)')
  expect(await run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  write('shard-templates/app/contacts.sql', contacts(',\n  note INT'))
  write('app/1_note.sql', migration('INT'))
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  const types = async (): Promise<unknown> =>
    query(
      "SELECT DISTINCT COLUMN_TYPE,COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND COLUMN_NAME='note' GROUP BY 1",
    )
  expect(await types()).toEqual([['int', 3]])
  // While it is being written: the same migration, with another type.
  write('shard-templates/app/contacts.sql', contacts(',\n  note BIGINT'))
  write('app/1_note.sql', migration('BIGINT'))
  const done = await run(['redo', '--yes', '--allow', 'DROP_COLUMN'])
  expect(done.exitCode, done.stderr + done.stdout).toBe(0)
  expect(await types()).toEqual([['bigint', 3]])
  expect(await query('SELECT DISTINCT template_version FROM wwdb_shards')).toHaveLength(1)
  expect(await run(['shards', 'check', '--scratch'])).toMatchObject({ exitCode: 0 })
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  const passes = await query('SELECT direction,state,COUNT(*) FROM wwdb_shard_journal GROUP BY 1,2 ORDER BY 1')
  expect(passes).toEqual([
    ['down', 'closed', 3],
    ['up', 'closed', 6],
  ])
})
