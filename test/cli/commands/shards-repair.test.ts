import { expect, test } from 'vitest'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const template =
  '-- wwdb:period month\n-- wwdb:name m_{YYYYMM}\n-- wwdb:archive none\n-- wwdb:keep 9 months\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n'
const repair = ['shards', 'repair', '--yes', '--allow', 'DROP_COLUMN']

/** A project whose ledger is there, with a shard that differs again. */
async function openDiffering(): Promise<Stage> {
  const project = await stage({ files: { 'shard-templates/app/m.sql': template } })
  expect(await project.run(['rotate', 'run', '--yes'])).toMatchObject({ exitCode: 0 })
  const [[table]] = (await project.query('SELECT MIN(table_name) FROM wwdb_shards')) as [[string]]
  const differ = () => project.query(`ALTER TABLE ${table} ADD COLUMN x INT`)
  await differ()
  expect(await project.run(repair)).toMatchObject({ exitCode: 0 })
  await differ()
  return project
}

test('a ledger that was altered stops a repair before it changes a shard, with the ALTER that restores it', async () => {
  const project = await openDiffering()
  await project.query('ALTER TABLE wwdb_shard_journal ADD COLUMN mine INT NOT NULL')
  const refused = await project.run(repair)
  const said = (refused.stdout + refused.stderr).replace(/\s+/g, ' ')
  expect(refused.exitCode).toBe(2)
  expect(said).toContain('JOURNAL_DAMAGED')
  expect(said).toContain('`wwdb_shard_journal` of `app` has a column `mine` that wwdb did not create')
  await project.query(/`(ALTER TABLE .*?)` while/.exec(said)?.[1] ?? '')
  expect(await project.run(repair)).toMatchObject({ exitCode: 0 })
})

test.each([
  [
    'a trigger',
    "CREATE TRIGGER refuse BEFORE INSERT ON wwdb_shard_journal FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not here'",
    'Drop the trigger',
    'DROP TRIGGER refuse',
  ],
  [
    'a constraint',
    'ALTER TABLE wwdb_shard_journal ADD CONSTRAINT mine CHECK (pass < 2)',
    'has a column or a constraint that wwdb did not create',
    'ALTER TABLE wwdb_shard_journal DROP CHECK mine',
  ],
])('%s that refuses the row of the ledger is named as what is wrong', async (_, damage, what, mend) => {
  const project = await openDiffering()
  await project.query(damage)
  const refused = await project.run(repair)
  const said = (refused.stdout + refused.stderr).replace(/\s+/g, ' ')
  expect(refused.exitCode).toBe(2)
  expect(said).toContain(what)
  expect(said).not.toContain('Check the error log')
  await project.query(mend)
  expect(await project.run(repair)).toMatchObject({ exitCode: 0 })
})
