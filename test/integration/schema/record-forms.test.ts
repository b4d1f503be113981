import { beforeAll, describe, expect, test } from 'vitest'
import { noRecordChange } from '../../../src/ddl/recorded-schema.ts'
import { renderRecord } from '../../../src/migrations/mysql/record-table.ts'
import { connect } from '../../../src/mysql/connection.ts'
import { pinMonitor } from '../../../src/mysql/pinned-session.ts'
import { readSnapshot } from '../../../src/mysql/read-snapshot.ts'
import { databaseOf } from '../../helpers/migrations/engine.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const open = withStages()

const files = {
  'app/0001_tables.sql': migration(
    `CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) COMMENT '昵称');
CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20) DEFAULT 'a\\\\b''c', user_id INT, FOREIGN KEY (user_id) REFERENCES users (id));
CREATE VIEW names AS SELECT name FROM users;`,
    'DROP VIEW names; DROP TABLE orders; DROP TABLE users;',
  ),
}

const forms = "SELECT name,form FROM wwdb_schema WHERE kind='table' ORDER BY name"

describe('a record has the texts of tables as the server shows them', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await open({ files })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  })

  test('the text is that of SHOW CREATE TABLE, without the counter', async () => {
    await stage.query("INSERT INTO users (name) VALUES ('a'),('b')")
    for (const table of ['users', 'orders']) {
      const [[, shown] = []] = await stage.query(`SHOW CREATE TABLE ${table}`)
      const recorded = await stage.query(
        `SELECT definition,form FROM wwdb_schema WHERE kind='table' AND name='${table}'`,
      )
      expect(recorded).toEqual([[String(shown).replace(' AUTO_INCREMENT=3', ''), 2]])
    }
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('what was changed by hand is found and taken back', async () => {
    await stage.query('ALTER TABLE orders ADD COLUMN by_hand INT, DROP COLUMN note')
    const drift = await stage.run(['drift'])
    expect(drift.exitCode).toBe(1)
    expect(drift.stdout).toContain('by_hand')
    expect(await stage.run(['drift', '--revert', '--yes', '--allow', 'DROP_COLUMN'])).toMatchObject({ exitCode: 0 })
    const [[, shown] = []] = await stage.query('SHOW CREATE TABLE orders')
    expect(shown).toContain("DEFAULT 'a\\\\b''c'")
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  })

  test('a text that was written over is damage', async () => {
    await stage.query("UPDATE wwdb_schema SET definition=REPLACE(definition,'note','memo') WHERE name='orders'")
    await stage.query('ALTER TABLE orders ADD COLUMN by_hand INT')
    const drift = await stage.run(['drift'])
    expect(drift.exitCode).toBe(2)
    expect(drift.stderr).toContain('has no definition of the table `orders` that wwdb wrote')
  })
})

/** What wwdb wrote until it recorded texts: every object in normal form, as JSON. */
async function recordInNormalForm(stage: Stage): Promise<void> {
  const { hostname, port } = new URL(stage.url)
  const place = { ...databaseOf('app').server, user: 'root', host: hostname, port: Number(port) }
  const connection = await connect(place, stage.schema('app'), 10_000)
  try {
    await connection.ask(pinMonitor(5000))
    const isLeftOut = ({ name }: { readonly name: string }): boolean => name.startsWith('wwdb_')
    const options = { database: 'app', schema: stage.schema('app'), databases: new Map(), isLeftOut }
    const { snapshot } = await readSnapshot(connection, options)
    for (const text of renderRecord({ ...noRecordChange, put: snapshot.objects }, '0.1.0', 1_000_000))
      await connection.run(text)
  } finally {
    await connection.close()
  }
}

test('a record of an earlier wwdb is read as it is, and written as text where an object changes', async () => {
  const stage = await open({ files })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  await recordInNormalForm(stage)
  expect(await stage.query(forms)).toEqual([
    ['orders', 1],
    ['users', 1],
  ])
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  await stage.query('ALTER TABLE orders ADD COLUMN by_hand INT')
  const drift = await stage.run(['drift'])
  expect(drift.exitCode).toBe(1)
  expect(drift.stdout).toContain('by_hand')
  expect(await stage.run(['drift', '--revert', '--yes', '--allow', 'DROP_COLUMN'])).toMatchObject({ exitCode: 0 })
  stage.write('app/0002_mail.sql', migration('ALTER TABLE users ADD COLUMN mail INT;'))
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(await stage.query(forms)).toEqual([
    ['orders', 1],
    ['users', 2],
  ])
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
})
