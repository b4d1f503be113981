import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** A change by hand that was accepted, with the journal and the record as they were before the run's last write. */
async function stoppedBeforeClosing(sum: boolean): Promise<Stage> {
  const stage = await openStage({ files: { 'app/0001_users.sql': tableMigration('users') } })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  if (sum) expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
  await stage.query('CREATE TABLE before_accept LIKE wwdb_schema')
  await stage.query('INSERT INTO before_accept SELECT * FROM wwdb_schema')
  await stage.query('ALTER TABLE users ADD COLUMN note INT')
  expect(await stage.run(['drift', '--accept', 'add_note', '--only', 'users'])).toMatchObject({ exitCode: 0 })
  await stage.query('DELETE FROM wwdb_schema')
  await stage.query('INSERT INTO wwdb_schema SELECT * FROM before_accept')
  await stage.query('DROP TABLE before_accept')
  await stage.query("UPDATE wwdb_journal SET state='open', closed_at=NULL WHERE version='0002'")
  return stage
}

const namesOf = (stage: Stage): readonly string[] => readdirSync(join(stage.folder, 'migrations/app')).toSorted()

const settled = async (stage: Stage): Promise<void> => {
  expect(await stage.json(['status', '--exit-code'])).toMatchObject({
    exitCode: 0,
    answer: { targets: [{ drift: 0 }] },
  })
  expect(await stage.json(['drift'])).toMatchObject({ exitCode: 0, answer: { differences: 0 } })
  expect(await stage.json(['drift', '--replay'])).toMatchObject({ exitCode: 0, answer: { differences: 0 } })
}

describe('an acceptance that was stopped after its file was written and before its row was closed', () => {
  test('migrate records the file as applied, and does not run it', async () => {
    const stage = await stoppedBeforeClosing(false)
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(namesOf(stage)).toEqual(['0001_users.sql', '0002_add_note.sql'])
    await settled(stage)
  })

  test('the same command finishes it, and writes no second file', async () => {
    const stage = await stoppedBeforeClosing(true)
    expect(await stage.run(['drift', '--accept', 'add_note'])).toMatchObject({ exitCode: 0 })
    expect(namesOf(stage)).toEqual(['0001_users.sql', '0002_add_note.sql', 'wwdb.sum'])
    await settled(stage)
  })
})

test('an acceptance that was stopped before its file was written has done nothing: the drift is still there, and is accepted again', async () => {
  const stage = await stoppedBeforeClosing(false)
  stage.remove('app/0002_add_note.sql')
  const migrated = await stage.run(['migrate'])
  expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
  expect(await stage.json(['drift'])).toMatchObject({ exitCode: 1, answer: { differences: 1 } })
  expect(await stage.run(['drift', '--accept', 'add_note'])).toMatchObject({ exitCode: 0 })
  expect(namesOf(stage)).toEqual(['0001_users.sql', '0002_add_note.sql'])
  await settled(stage)
})

test('an entry of drift.ignore holds by the clock of the run', async () => {
  const stage = await openStage({ files: { 'app/0001_users.sql': tableMigration('users') } })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  const file = join(stage.folder, 'wwdb.config.json')
  const ignore = { 'app/users': { reason: 'a trial', until: '2040-01-01' } }
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), drift: { ignore } }))
  await stage.query('ALTER TABLE users ADD COLUMN by_hand INT')
  stage.write(
    'app/0002_mail.sql',
    migration('ALTER TABLE users ADD COLUMN mail INT;', 'ALTER TABLE users DROP COLUMN mail;'),
  )
  const late = await stage.json(['migrate'], { now: Date.UTC(2040, 0, 2) })
  expect(late).toMatchObject({ exitCode: 2, answer: { code: 'DRIFT' } })
  expect(await stage.run(['migrate'], { now: Date.UTC(2040, 0, 1, 23) })).toMatchObject({ exitCode: 0 })
})
