import { expect, test } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const contacts = (columns = ''): string =>
  `-- wwdb:keys app.owners(id)\n-- wwdb:name contacts_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (\n  id BIGINT NOT NULL PRIMARY KEY${columns}\n) ENGINE=InnoDB;\n`

test('a statement on a shard that is not known to have run waits until a person settles it', async () => {
  const { run, json, query, write } = await stage({ files: { 'shard-templates/app/contacts.sql': contacts() } })
  await query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
  await query('INSERT INTO owners VALUES (7), (42)')
  expect(await run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  write('shard-templates/app/contacts.sql', contacts(',\n  note INT'))
  write('app/1_note.sql', '-- wwdb:shards contacts\n-- migrate:up\nALTER TABLE {{table}} ADD COLUMN note INT;\n')
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  // As a run leaves it that was cut off before it told anybody, where looking does not tell.
  await query("UPDATE wwdb_shard_journal SET state='open',fingerprint=NULL,closed_at=NULL WHERE name='contacts_42'")
  await query('UPDATE wwdb_shards SET template_version=1 WHERE shard_key=42')
  const waiting = await run(['rotate', 'run'])
  expect(waiting.exitCode).toBe(2)
  expect(waiting.stdout).toContain('wwdb repair --ran app/1/42:1')
  expect(await json(['repair', '--ran', 'app/1/7:1'])).toMatchObject({
    exitCode: 2,
    run: { stdout: expect.stringContaining('no open statement app/1/7:1') },
  })
  const rehearsal = await run(['repair', '--ran', 'app/1/42:1', '--dry-run'])
  expect(rehearsal).toMatchObject({ exitCode: 1 })
  expect(rehearsal.stdout).toContain('statement 1 of 1/42 counts as run')
  expect(await query("SELECT state FROM wwdb_shard_journal WHERE name='contacts_42'")).toEqual([['open']])
  expect(await run(['repair', '--ran', 'app/1/42:1'])).toMatchObject({ exitCode: 0 })
  expect(await query("SELECT state FROM wwdb_shard_journal WHERE name='contacts_42'")).toEqual([['closed']])
  expect(await run(['rotate', 'run'])).toMatchObject({ exitCode: 0 })
  expect(await query('SELECT DISTINCT template_version FROM wwdb_shards')).toEqual([[2]])
})
