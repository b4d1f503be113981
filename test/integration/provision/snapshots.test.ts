import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attach, type ProvisionedEnvironment, provision, provisionPool } from '../../../src/testing/testing.ts'
import { fingerprint } from '../../helpers/provision/provision-fingerprint.ts'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { tableMigration } from '../../helpers/tool/stage.ts'

const open = withProvisionStages()
let stage: ProvisionStage
let environment: ProvisionedEnvironment
let connection: Connection

beforeAll(async () => {
  stage = await open()
  environment = await provision({ cwd: stage.folder, server: 'given', name: stage.name() })
  connection = await createConnection({
    uri: stage.url,
    dateStrings: true,
    charset: 'utf8mb4',
    multipleStatements: true,
  })
})

afterAll(async () => {
  await connection.end()
  await environment.dispose()
})

const print = (prefix = environment.prefix) => fingerprint(connection, prefix, { timeless: false })

/** `P_` stands for the prefix of the test environment. */
/** The table of the family's first month, as of today. */
let firstMonth = ''

const perform = (sql: string, prefix = environment.prefix) =>
  connection.query(sql.replaceAll('P_', prefix).replaceAll('visits_MONTH', firstMonth))

/** Everything that a snapshot has to bring back, and that the seeded state has not. */
const built = [
  `INSERT INTO P_people.people (name) VALUES ('carl'), ('dora')`,
  `DELETE FROM P_people.people WHERE name='carl'`,
  `INSERT INTO P_shop.orders (person, total) VALUES (2, 7), (1, 3)`,
  `ALTER TABLE P_people.people AUTO_INCREMENT=700`,
  `ALTER TABLE P_shop.log ADD COLUMN size INT GENERATED ALWAYS AS (CHAR_LENGTH(text)) STORED, ADD COLUMN half INT GENERATED ALWAYS AS (CHAR_LENGTH(text) DIV 2) VIRTUAL`,
  `CREATE TABLE P_shop.lines (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, parent BIGINT UNSIGNED NOT NULL, amount INT NOT NULL,
    CONSTRAINT fk_parent FOREIGN KEY (parent) REFERENCES P_shop.orders (id) ON DELETE CASCADE)`,
  `CREATE TRIGGER P_shop.log_line AFTER INSERT ON P_shop.lines FOR EACH ROW INSERT INTO P_shop.log (text) VALUES (CONCAT('line ', NEW.id))`,
  `INSERT INTO P_shop.lines (parent, amount) VALUES (1, 5), (2, 6)`,
  // What SQL computed into JSON is of types that no text of it has.
  `CREATE TABLE P_shop.prices (id INT PRIMARY KEY, details JSON NOT NULL)`,
  `INSERT INTO P_shop.prices VALUES (1, JSON_OBJECT('price', CAST(1.50 AS DECIMAL(5,2)), 'at', TIMESTAMP('2026-01-01'), 'f', 0.1e0))`,
  `CREATE VIEW P_shop.heavy AS SELECT id, amount FROM P_shop.lines WHERE amount > 5`,
  `CREATE VIEW P_shop.heavier AS SELECT id FROM P_shop.heavy`,
  `CREATE FUNCTION P_shop.doubled(n INT) RETURNS INT DETERMINISTIC RETURN n * 2`,
  `CREATE EVENT P_shop.tidy ON SCHEDULE EVERY 1 YEAR STARTS '2099-01-01' DO DELETE FROM P_shop.log`,
]

/** Whatever a test may do to its databases. */
const deeds = [
  `DELETE FROM P_shop.orders`,
  `UPDATE P_people.people SET notes=notes+1`,
  `INSERT INTO P_people.people (name) VALUES (UUID())`,
  `DROP TABLE P_shop.lines`,
  `DROP VIEW P_shop.heavy`,
  `DROP VIEW P_shop.heavier; DROP VIEW P_shop.heavy; DROP VIEW P_shop.buyers`,
  `ALTER TABLE P_shop.log DROP COLUMN size`,
  `CREATE TABLE P_shop.more (id INT PRIMARY KEY)`,
  `CREATE VIEW P_people.seen AS SELECT 1 AS one`,
  `TRUNCATE TABLE P_shop.lines; INSERT INTO P_shop.lines (parent, amount) VALUES (1, 9)`,
  `UPDATE P_shop.prices SET details=JSON_SET(details, '$.price', 1.5e0, '$.f', 0.2)`,
  `DELETE FROM P_shop.wwdb_shards`,
  // Triggers that would act on the rows that are put back: into a table that is dropped first, and into one that may have been compared.
  `CREATE TABLE P_shop.audit (what VARCHAR(20)); CREATE TRIGGER P_shop.audit_order AFTER INSERT ON P_shop.orders FOR EACH ROW INSERT INTO P_shop.audit (what) VALUES ('order'); INSERT INTO P_shop.orders (person) VALUES (1)`,
  `CREATE TRIGGER P_shop.log_more AFTER INSERT ON P_shop.orders FOR EACH ROW INSERT INTO P_shop.log (text) VALUES ('more'); DELETE FROM P_shop.orders WHERE person = 1`,
  `CREATE TABLE P_people.audit (what VARCHAR(20)); CREATE TRIGGER P_people.audit_person AFTER INSERT ON P_people.people FOR EACH ROW INSERT INTO P_people.audit (what) VALUES (NEW.name); INSERT INTO P_people.people (name) VALUES ('eve')`,
  `CREATE TRIGGER P_people.log_gone AFTER DELETE ON P_people.people FOR EACH ROW INSERT INTO P_shop.log (text) VALUES (OLD.name); UPDATE P_people.people SET notes=7`,
  // Triggers alone: one that is gone, one that became another, and one whose name another table has.
  `DROP TRIGGER P_shop.log_line`,
  `DROP TRIGGER P_shop.log_line; CREATE TRIGGER P_shop.log_line AFTER INSERT ON P_shop.lines FOR EACH ROW SET @line = NEW.id`,
  `DROP TRIGGER P_shop.log_order; CREATE TRIGGER P_shop.log_order BEFORE UPDATE ON P_shop.prices FOR EACH ROW SET NEW.id = OLD.id; DELETE FROM P_shop.orders`,
  `DROP TRIGGER P_shop.log_order; CREATE TABLE P_shop.more (id INT PRIMARY KEY); CREATE TRIGGER P_shop.log_order BEFORE INSERT ON P_shop.more FOR EACH ROW SET NEW.id = 1`,
  `INSERT INTO P_shop.visits_MONTH (at, page) VALUES (NOW(), '/'); ALTER TABLE P_shop.visits_MONTH AUTO_INCREMENT=50`,
]

describe('a snapshot', () => {
  let seeded: Readonly<Record<string, string>>
  let full: Readonly<Record<string, string>>

  beforeAll(async () => {
    const [months] = await connection.query<RowDataPacket[]>(
      `SHOW TABLES FROM ${environment.prefix}shop LIKE 'visits\\_%'`,
    )
    firstMonth = String(Object.values(months[0] ?? {})[0])
    seeded = await print()
    // One after another: within a packet, a trigger would keep the semicolon behind it.
    for (const statement of built) await perform(statement)
    full = await print()
    await environment.snapshot('with-orders')
  })

  test('has no events, which would change it', async () => {
    const [events] = await connection.query(
      "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA LIKE 'wwdb\\_snapshot\\_%'",
    )
    expect(events).toEqual([])
  })

  test('leaves the test environment as it is, and is not changed by a restore that finds nothing', async () => {
    expect(await print()).toEqual(full)
    expect(await environment.restore('with-orders')).toEqual({ restored: [], dropped: [] })
    expect(await print()).toEqual(full)
  })

  test.each(deeds)('takes back: %s', async (deed) => {
    await perform(deed)
    expect(await print()).not.toEqual(full)
    await environment.restore('with-orders')
    expect(await print()).toEqual(full)
    expect(await environment.restore('with-orders')).toEqual({ restored: [], dropped: [] })
  })

  test('alternates with the seeded state', async () => {
    for (let round = 0; round < 2; round += 1) {
      await environment.reset()
      // Routines and events are not compared: what a test made stays.
      const uncompared = { 'FUNCTION ~shop.doubled': '', 'EVENT ~shop.tidy': '' }
      expect({ ...(await print()), ...uncompared }).toEqual({ ...seeded, ...uncompared })
      await environment.restore('with-orders')
      expect(await print()).toEqual(full)
    }
  })

  test('keeps triggers and counters working after a restore', async () => {
    await perform(`DROP TABLE P_shop.lines`)
    await environment.restore('with-orders')
    await perform(
      `INSERT INTO P_people.people (name) VALUES ('ed'); INSERT INTO P_shop.lines (parent, amount) VALUES (1, 8)`,
    )
    const [rows] = await perform(
      `SELECT (SELECT MAX(id) FROM P_people.people) AS id, (SELECT text FROM P_shop.log ORDER BY id DESC LIMIT 1) AS text`,
    )
    expect(rows).toEqual([{ id: 700, text: 'line 3' }])
    await environment.restore('with-orders')
    expect(await print()).toEqual(full)
  })

  test('is one of several, and of its name the last one that was taken', async () => {
    await perform(`DELETE FROM P_people.people WHERE name='dora'`)
    const fewer = await print()
    await environment.snapshot('fewer')
    await environment.restore('with-orders')
    expect(await print()).toEqual(full)
    await environment.restore('fewer')
    expect(await print()).toEqual(fewer)
    await environment.restore('with-orders')
    await environment.snapshot('fewer')
    await environment.reset()
    await environment.restore('fewer')
    expect(await print()).toEqual(full)
  })

  test('that another process took again is noticed by one that had it open', async () => {
    const worker = await attach(environment.name, { cwd: stage.folder })
    await worker.restore('with-orders')
    await perform(`INSERT INTO P_people.people (name) VALUES ('fay')`)
    const more = await print()
    await environment.snapshot('with-orders')
    await environment.reset()
    await worker.restore('with-orders')
    expect(await print()).toEqual(more)
    await perform(`DELETE FROM P_people.people WHERE name='fay'; ALTER TABLE P_people.people AUTO_INCREMENT=700`)
    await worker.snapshot('with-orders')
    await worker.close()
  })

  test('is refused under a wrong name, and unknown where there is none', async () => {
    for (const name of ['', 'With Orders', '../x', 'a/b', '-a', 'ü', 'x'.repeat(46)])
      await expect(environment.snapshot(name), name).rejects.toMatchObject({ code: 'TEST_SNAPSHOT_NAME' })
    await expect(environment.restore('nowhere')).rejects.toMatchObject({ code: 'TEST_SNAPSHOT_UNKNOWN' })
  })

  test('may have the longest name, and is dropped with its test environment', async () => {
    const own = await provision({ cwd: stage.folder, server: 'given', name: stage.name() })
    const longest = 'x'.repeat(45 - own.name.length)
    await own.snapshot(longest)
    await perform(`DELETE FROM P_shop.orders`, own.prefix)
    expect((await own.restore(longest)).restored).toContain(`${own.prefix}shop.orders`)
    expect(await snapshotsOf(own.name)).toHaveLength(1)
    const schemas = await schemasOfSnapshots()
    await own.dispose()
    expect(await snapshotsOf(own.name)).toEqual([])
    expect((await schemasOfSnapshots()).length).toBeLessThanOrEqual(schemas.length - 2)
  })

  test('does not outlive a changed definition: the test environment is created again, and it is taken again', async () => {
    const own = await open()
    const other = await provision({ cwd: own.folder, server: 'given', name: own.name() })
    const worker = await attach(other.name, { cwd: own.folder })
    await worker.snapshot('before')
    await worker.restore('before')
    own.write('shop/0002_more.sql', tableMigration('more'))
    expect(await other.refresh()).toBe(true)
    for (const one of [worker, other])
      await expect(one.restore('before')).rejects.toMatchObject({ code: 'TEST_SNAPSHOT_UNKNOWN' })
    await worker.close()
    await other.snapshot('before')
    await perform(`DROP TABLE P_shop.more`, other.prefix)
    expect((await other.restore('before')).restored).toEqual([`${other.prefix}shop.more`])
    await other.dispose()
  })

  test('belongs to one test environment of a pool', async () => {
    const pool = await provisionPool(2, { cwd: stage.folder, server: 'given', name: stage.name() })
    const workers = await Promise.all(pool.environments.map(({ name }) => attach(name, { cwd: stage.folder })))
    for (const [index, worker] of workers.entries()) {
      await perform(`INSERT INTO P_people.people (name) VALUES ('of ${index}')`, worker.prefix)
      await worker.snapshot('own')
    }
    for (const [index, worker] of workers.entries()) {
      await worker.reset()
      await worker.restore('own')
      const [rows] = await perform(`SELECT name FROM P_people.people WHERE name LIKE 'of %'`, worker.prefix)
      expect(rows).toEqual([{ name: `of ${index}` }])
      await worker.close()
    }
    await pool.dispose()
  })
})

describe('what an interrupted snapshot left', () => {
  test('is not taken for whole, and the next one of the name replaces it', async () => {
    await environment.reset()
    await environment.snapshot('cut')
    const row = `snapshot/${environment.name}/cut`
    await connection.query("UPDATE wwdb_provision.sets SET state='making', recipe=NULL WHERE name=?", [row])
    await expect(environment.restore('cut')).rejects.toMatchObject({ code: 'TEST_SNAPSHOT_UNKNOWN' })
    await environment.snapshot('cut')
    expect(await environment.restore('cut')).toEqual({ restored: [], dropped: [] })
  })

  test('is dropped by gc, which spares the snapshots of test environments that exist, at any age', async () => {
    const { name } = environment
    await environment.snapshot('kept')
    await environment.snapshot('cut')
    await connection.query("UPDATE wwdb_provision.sets SET state='making' WHERE name=?", [`snapshot/${name}/cut`])
    await connection.query("UPDATE wwdb_provision.sets SET used_at='2020-01-01' WHERE name=?", [
      `snapshot/${name}/kept`,
    ])
    const { stdout } = await stage.run(['provision', 'gc', '--dry-run', '--older-than', '3650d'])
    expect(stdout).toContain(`snapshot ${name}/cut would be dropped: 2 schemas`)
    expect(stdout).not.toContain(`${name}/kept`)
    await environment.snapshot('cut')
  })
})

describe('on the command line', () => {
  test('a test environment is copied and restored by name, listed, and refused to others', async () => {
    const name = stage.name()
    expect(await stage.run(['provision', 'up', '--name', name, '--fresh'])).toMatchObject({ exitCode: 0 })
    const prefix = `wwdb_${name}_`
    await perform(`INSERT INTO P_people.people (name) VALUES ('gus')`, prefix)
    const before = await print(prefix)
    expect(await stage.run(['provision', 'snapshot', 'one', '--name', name])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/one: 2 databases of \w+ copied in /),
    })
    await perform(`DELETE FROM P_people.people WHERE name='gus'`, prefix)
    const { answer } = await stage.json(['provision', 'restore', 'one', '--name', name])
    expect(answer).toMatchObject({ kind: 'provision-restore', restored: [`${prefix}people.people`], dropped: [] })
    expect(await print(prefix)).toEqual(before)
    expect((await stage.run(['provision', 'list'])).stdout).toMatch(new RegExp(`${name} .*snapshots: one`))
    await connection.query("UPDATE wwdb_provision.sets SET owner='somebody' WHERE name=?", [name])
    for (const verb of ['snapshot', 'restore'])
      expect(await stage.run(['provision', verb, 'one', '--name', name])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('belongs to somebody'),
      })
    expect(await stage.run(['provision', 'restore', 'one', '--name', name, '--owner', 'somebody'])).toMatchObject({
      exitCode: 0,
    })
    expect(await stage.run(['provision', 'down', '--name', name, '--owner', 'somebody'])).toMatchObject({ exitCode: 0 })
    expect(await snapshotsOf(name)).toEqual([])
  })
})

async function snapshotsOf(name: string): Promise<readonly string[]> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT name FROM wwdb_provision.sets WHERE name LIKE ?', [
    `snapshot/${name.replaceAll('_', '\\_')}/%`,
  ])
  return rows.map((row) => String(row['name']))
}

async function schemasOfSnapshots(): Promise<readonly string[]> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW DATABASES LIKE 'wwdb\\_snapshot\\_%'")
  return rows.map((row) => String(Object.values(row)[0]))
}
