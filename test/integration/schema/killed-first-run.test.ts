import { expect, test } from 'vitest'
import { tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** What a first run leaves that is killed behind its last statement: the journal is complete, the table of the record is there, and nothing is recorded. */
const nothingRecorded = [
  'DELETE FROM wwdb_schema',
  "DELETE FROM wwdb_journal WHERE pass = 0 AND version = 'record'",
] as const

test('a first run that was killed before it recorded anything: the next one records the schema, though it has nothing to do', async () => {
  const stage = await openStage({ files: { 'app/0001_a.sql': tableMigration('a') } })
  await stage.query('CREATE TABLE before_it (id INT PRIMARY KEY)')
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  for (const text of nothingRecorded) await stage.query(text)
  // What no migration made is a difference until then.
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 1 })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  const drift = await stage.run(['drift'])
  expect(drift).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('between live and recorded') })
  await stage.query('ALTER TABLE before_it ADD COLUMN by_hand INT')
  expect((await stage.run(['drift'])).stdout).toContain('by_hand')
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect((await stage.run(['drift'])).stdout).toContain('by_hand')
})
