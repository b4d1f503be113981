import { expect, test } from 'vitest'
import { selectLeftScratch } from '../../helpers/servers/schema.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** Two databases that stand at 0002 while the files up to 0003 are squashed; one requires a version of the other. */
async function laggingStage() {
  const stage = await openStage({
    databases: ['user_db', 'app'],
    configuration: { references: 'physical' },
    files: {
      'user_db/0001_users.sql': tableMigration('users'),
      'user_db/0002_name.sql': migration(
        'ALTER TABLE users ADD COLUMN name INT;',
        'ALTER TABLE users DROP COLUMN name;',
      ),
      'user_db/0003_more.sql': tableMigration('more'),
      'user_db/0004_later.sql': tableMigration('later'),
      'app/0001_orders.sql': migration(
        'CREATE TABLE orders (id INT PRIMARY KEY, CONSTRAINT fk_user FOREIGN KEY (id) REFERENCES {{schema:user_db}}.users (id));',
        'DROP TABLE orders;',
        '-- wwdb:requires user_db/0001',
      ),
      'app/0002_paid.sql': migration('ALTER TABLE orders ADD COLUMN paid INT;', 'ALTER TABLE orders DROP COLUMN paid;'),
      'app/0003_more.sql': tableMigration('more'),
    },
  })
  expect(await stage.run(['migrate', '--to', '0002'])).toMatchObject({ exitCode: 0 })
  const squashed = await stage.run(['squash', '--to', '0003', '--yes'])
  expect(squashed, squashed.stderr).toMatchObject({ exitCode: 0 })
  return stage
}

test('databases that lag behind a squash are compared with what the old files make that they have run', async () => {
  const { run, json, query } = await laggingStage()
  const applied = await json(['schema', 'diff', '--from', 'applied', '--to', 'live'])
  expect(applied.answer).toMatchObject({ exitCode: 0, differences: 0 })
  expect(applied.answer['databases']).toHaveLength(2)
  expect((await json(['drift', '--replay'])).answer).toMatchObject({ exitCode: 0, differences: 0 })
  await query('ALTER TABLE users ADD COLUMN by_hand INT', 'user_db')
  expect((await json(['drift', '--replay'])).answer).toMatchObject({
    exitCode: 1,
    differences: 1,
    databases: [{ database: 'user_db', differences: [{ name: 'users', parts: [{ name: 'by_hand' }] }] }, {}],
  })
  await query('ALTER TABLE users DROP COLUMN by_hand', 'user_db')

  // One is brought up, the other lags on; then both are there, with the squashed file recorded.
  expect(await run(['migrate', '-t', 'user_db'])).toMatchObject({ exitCode: 0 })
  expect((await json(['drift', '--replay'])).answer).toMatchObject({ exitCode: 0, differences: 0 })
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect((await json(['drift', '--replay'])).answer).toMatchObject({ exitCode: 0, differences: 0 })
  expect((await json(['schema', 'diff', '--from', 'applied', '--to', 'files'])).answer).toMatchObject({
    differences: 0,
  })
  expect(await query(selectLeftScratch)).toEqual([])
})
