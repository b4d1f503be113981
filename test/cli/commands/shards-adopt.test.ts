import { expect, test } from 'vitest'
import { holdName } from '../../../src/shards/shard.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const template = (name: string, division: string, columns: string): string =>
  `${division}\n-- wwdb:name ${name}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`
const contacts = (columns = ''): string => template('contacts_{key}', '-- wwdb:keys app.owners(id)', columns)

test('a registry that is lost is filled with the versions that fan-outs gave, by adopt and by rotate', async () => {
  const project = await stage({ files: { 'shard-templates/app/contacts.sql': contacts() } })
  await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await project.query('INSERT INTO owners VALUES (7), (42)')
  expect(await project.run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  project.write('shard-templates/app/contacts.sql', contacts(',\n  note INT'))
  project.write(
    'app/1_note.sql',
    '-- wwdb:shards contacts\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN note INT;\n',
  )
  expect(await project.run(['migrate'])).toMatchObject({ exitCode: 0 })
  for (const command of ['shards adopt', 'rotate run']) {
    await project.query('DROP TABLE wwdb_shards, wwdb_shard_families')
    expect(await project.run(command.split(' '))).toMatchObject({ exitCode: 0 })
    const shards = await project.query('SELECT shard_key,template_version FROM wwdb_shards ORDER BY LENGTH(shard_key)')
    expect(shards.map((row) => row.map(Number))).toEqual([
      [7, 2],
      [42, 2],
    ])
    expect(await project.query("SELECT version FROM wwdb_shard_families WHERE family='contacts'")).toEqual([[2]])
  }
})

test('tables on hold are adopted, too, where their name was cut to fit', async () => {
  const months = 'messages_of_all_the_many_departments_{YYYYMM}'
  const keys = 'contacts_of_all_the_many_offices_{key}'
  const project = await stage({
    files: {
      'shard-templates/app/messages.sql': template(months, '-- wwdb:period month\n-- wwdb:premake 1 periods', ''),
      'shard-templates/app/contacts.sql': template(keys, '-- wwdb:keys app.owners(id)', ''),
    },
  })
  await project.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await project.query('INSERT INTO owners VALUES (1)')
  const day = Date.UTC(2024, 5, 1)
  const held = [
    { family: 'messages', key: '2024-03', table: months.replace('{YYYYMM}', '202403') },
    { family: 'contacts', key: '4711', table: keys.replace('{key}', '4711') },
  ].map((shard) => ({ ...shard, hold: holdName({ ...shard, from: null, to: null }, day) }))
  for (const { hold, table } of held) {
    expect(hold).not.toContain(table)
    await project.query(`CREATE TABLE ${hold} (id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB`)
    await project.query(`INSERT INTO ${hold} VALUES (1), (2)`)
  }
  expect(await project.run(['shards', 'adopt'])).toMatchObject({ exitCode: 0 })
  const rows = await project.query('SELECT shard_key,table_name,state,seal_rows FROM wwdb_shards ORDER BY family DESC')
  expect(rows).toEqual(held.map(({ key, table }) => [key, table, 'held', 2]))
  // What was adopted is a shard like any other: it comes back under its own name.
  const back = await project.run(['shards', 'restore', '--family', 'messages', '--key', '2024-03'])
  expect(back).toMatchObject({ exitCode: 0 })
  expect(await project.tables()).toContain(months.replace('{YYYYMM}', '202403'))
})
