import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attach, type ProvisionedEnvironment, provision } from '../../../src/testing/testing.ts'
import { randomFrom, seed } from '../../chaos/support/seed.ts'
import { fingerprint } from '../../helpers/provision/provision-fingerprint.ts'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { tableMigration } from '../../helpers/tool/stage.ts'

const open = withProvisionStages()
let stage: ProvisionStage
let set: ProvisionedEnvironment
let connection: Connection
let seeded: Readonly<Record<string, string>>

beforeAll(async () => {
  stage = await open()
  set = await provision({ cwd: stage.folder, server: 'given', name: stage.name() })
  connection = await createConnection({
    uri: stage.url,
    dateStrings: true,
    charset: 'utf8mb4',
    multipleStatements: true,
  })
  seeded = await print()
})

afterAll(async () => {
  await connection.end()
  await set.dispose()
})

const print = () => fingerprint(connection, set.prefix, { timeless: false })

/** Whatever a test may do to its databases; `P_` stands for the set's prefix. */
const deeds = [
  `INSERT INTO P_people.people (name) VALUES (UUID())`,
  `DELETE FROM P_people.people WHERE name='ann'`,
  `UPDATE P_people.people SET notes=notes+1`,
  // Two rows that exchange a value: sums of CRCs may not see it.
  `UPDATE P_people.people SET notes=IF(name='ann',1,0)`,
  `SET autocommit=0; INSERT INTO P_shop.log (text) VALUES ('undone'); ROLLBACK; SET autocommit=1`,
  `INSERT INTO P_shop.orders (person) VALUES (2)`,
  `DELETE FROM P_shop.orders`,
  `SET foreign_key_checks=0; TRUNCATE TABLE P_shop.orders; SET foreign_key_checks=1`,
  `ALTER TABLE P_shop.log AUTO_INCREMENT=500`,
  `ALTER TABLE P_shop.log ADD COLUMN extra INT NULL`,
  `ALTER TABLE P_people.people MODIFY notes BIGINT NOT NULL DEFAULT 0`,
  `ALTER TABLE P_people.people RENAME COLUMN notes TO remarks`,
  `DROP TABLE P_shop.log`,
  `CREATE TABLE P_shop.more (id INT PRIMARY KEY)`,
  // Definitions that are changed within other statements.
  `PREPARE one FROM 'ALTER TABLE P_shop.log ADD COLUMN prepared INT'; EXECUTE one; DEALLOCATE PREPARE one`,
  `CREATE PROCEDURE P_shop.alter_log() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; ALTER TABLE P_shop.log COMMENT 'called'; END; CALL P_shop.alter_log(); DROP PROCEDURE P_shop.alter_log`,
  `CREATE INDEX by_text ON P_shop.log (text)`,
  `FLUSH STATUS; ALTER TABLE P_people.people COMMENT 'flushed'; FLUSH STATUS`,
  `RENAME TABLE P_shop.log TO P_shop.diary`,
  `CREATE VIEW P_people.seen AS SELECT 1 AS one`,
  `CREATE TABLE P_shop.audit (what VARCHAR(20)); CREATE TRIGGER P_shop.audit_order AFTER INSERT ON P_shop.orders FOR EACH ROW INSERT INTO P_shop.audit (what) VALUES ('order'); INSERT INTO P_shop.orders (person) VALUES (1)`,
  `CREATE TRIGGER P_people.log_person AFTER INSERT ON P_people.people FOR EACH ROW INSERT INTO P_shop.log (text) VALUES (NEW.name); DELETE FROM P_people.people`,
  `DROP TRIGGER P_shop.log_order`,
  `DELETE FROM P_shop.wwdb_shards`,
  `UPDATE P_shop.wwdb_journal SET state='open'`,
]

const perform = async (deed: string): Promise<void> => {
  // What an earlier deed made impossible is no deed.
  await connection
    .query(deed.replaceAll('P_', set.prefix))
    .catch(() => connection.query('ROLLBACK; SET autocommit=1; SET foreign_key_checks=1'))
}

/** An ALTER that began before two resets, and ends after them: it waits for a transaction, and its table can be read meanwhile. */
async function expectSeen(url: string, own: ProvisionedEnvironment): Promise<void> {
  const table = `${own.prefix}shop.log`
  const [holder, program] = await Promise.all([createConnection({ uri: url }), createConnection({ uri: url })])
  await own.reset()
  await holder.query('START TRANSACTION')
  await holder.query(`SELECT id FROM ${table} WHERE id = 0 FOR UPDATE`)
  const altered = program.query(`ALTER TABLE ${table} ADD COLUMN late INT, ALGORITHM=COPY`)
  const waits = async (): Promise<unknown> => {
    const [rows] = await holder.query<RowDataPacket[]>(
      'SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = ?',
      [program.threadId],
    )
    return rows[0]?.['STATE']
  }
  await expect.poll(waits, { timeout: 30_000 }).toBe('Waiting for table metadata lock')
  expect(await own.reset()).toEqual({ restored: [], dropped: [] })
  expect(await own.reset()).toEqual({ restored: [], dropped: [] })
  await holder.query('ROLLBACK')
  await altered
  expect(await own.reset()).toEqual({ restored: [table], dropped: [] })
  await Promise.all([holder.end(), program.end()])
}

describe('reset', () => {
  test('leaves alone what is as it was', async () => {
    expect(await set.reset()).toEqual({ restored: [], dropped: [] })
  })

  test.each(deeds)('takes back: %s', async (deed) => {
    await perform(deed)
    await set.reset()
    expect(await print()).toEqual(seeded)
    expect(await set.reset()).toEqual({ restored: [], dropped: [] })
  })

  test('takes back any mixture of them', async () => {
    const random = randomFrom(seed)
    for (let round = 0; round < 12; round += 1) {
      const done: string[] = []
      for (let count = 1 + Math.floor(random() * 5); count > 0; count -= 1) {
        const deed = deeds[Math.floor(random() * deeds.length)] ?? ''
        done.push(deed)
        await perform(deed)
      }
      await set.reset()
      expect(await print(), `seed ${seed}, round ${round}: ${done.join('; ')}`).toEqual(seeded)
    }
  })

  test('asks few questions where nothing changed, and none for each table where rows changed', async () => {
    const asked = async (): Promise<number> => {
      const count = async (): Promise<number> => {
        const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Questions'")
        return Number(rows[0]?.['Value'])
      }
      const before = await count()
      await set.reset()
      // The second of its own questions is counted.
      return (await count()) - before - 1
    }
    await set.reset()
    // Other tests may ask this server meanwhile, and change definitions.
    await expect.poll(asked, { timeout: 60_000 }).toBe(3)
    await perform(`INSERT INTO P_people.people (name) VALUES ('carl')`)
    expect(await print()).not.toEqual(seeded)
    await set.reset()
    expect(await print()).toEqual(seeded)
  })

  test('takes back a definition that was changed by a prepared statement of a driver', async () => {
    await set.reset()
    await connection.execute(`ALTER TABLE ${set.prefix}shop.log ADD COLUMN executed INT`)
    expect(await set.reset()).toEqual({ restored: [`${set.prefix}shop.log`], dropped: [] })
    expect(await print()).toEqual(seeded)
  })

  test('takes back a definition whose statement began before two resets and ended after them', async () => {
    await expectSeen(stage.url, set)
    expect(await print()).toEqual(seeded)
  })

  test('knows no definitions where its account may not see the statements of others', async () => {
    await connection.query("CREATE USER IF NOT EXISTS resets@'%' IDENTIFIED BY 'r3sets'")
    await connection.query("GRANT ALL ON `wwdb\\_%`.* TO resets@'%'")
    const limited = new URL(stage.url)
    limited.username = 'resets'
    limited.password = 'r3sets'
    const attached = await attach(set.name, { cwd: stage.folder, url: limited.href })
    try {
      await expectSeen(stage.url, { ...set, reset: () => attached.reset() })
      expect(await print()).toEqual(seeded)
    } finally {
      await attached.close()
      await connection.query("DROP USER resets@'%'")
    }
  })

  test('names only the tables that were touched', async () => {
    await perform(`INSERT INTO P_shop.log (text) VALUES ('one')`)
    expect(await set.reset()).toEqual({ restored: [`${set.prefix}shop.log`], dropped: [] })
  })

  test('says so where a transaction is still open', async () => {
    const other = await createConnection({ uri: set.urls['shop'] ?? '' })
    await other.query('START TRANSACTION')
    await other.query(`INSERT INTO log (text) VALUES ('open')`)
    await perform(`ALTER TABLE P_people.people ADD COLUMN x INT`)
    await perform(`INSERT INTO P_shop.log (text) VALUES ('one')`)
    await expect(set.reset()).rejects.toMatchObject({ code: 'TEST_ENVIRONMENT_IN_USE' })
    await other.end()
    await set.reset()
    expect(await print()).toEqual(seeded)
  })
})

describe('reset on the oldest server', () => {
  test('takes back definitions that were changed within other statements, by what that server counts', async () => {
    const { url } = await testServerOf('8.0')
    const old = await open({ server: url })
    const own = await provision({ cwd: old.folder, url, server: 'given', name: old.name() })
    const program = await createConnection({ uri: url, multipleStatements: true })
    await own.reset()
    for (const deed of deeds.filter((text) => /ALTER|CREATE|RENAME|TRUNCATE/.test(text))) {
      await program.query(deed.replaceAll('P_', own.prefix))
      const { restored, dropped } = await own.reset()
      expect(restored.length + dropped.length, deed).toBeGreaterThan(0)
      expect(await own.reset(), deed).toEqual({ restored: [], dropped: [] })
    }
    await program.end()
    await expectSeen(url, own)
    await own.dispose()
  })
})

describe('the library', () => {
  test('gives URLs that work, and variables that name the test environment', async () => {
    expect(set.urls).toEqual({ people: `${stage.url}/${set.prefix}people`, shop: `${stage.url}/${set.prefix}shop` })
    expect(set.environment).toMatchObject({ WWDB_PREFIX: set.prefix, WWDB_SET: set.name, SHOP_URL: set.urls['shop'] })
  })

  test('a worker attaches to the test environment by its name', async () => {
    const attached = await attach(set.name, { cwd: stage.folder })
    await perform(`DELETE FROM P_people.people`)
    expect((await attached.reset()).restored).toContain(`${set.prefix}people.people`)
    expect(await print()).toEqual(seeded)
    await attached.close()
    await expect(attach('nowhere', { cwd: stage.folder })).rejects.toMatchObject({ code: 'TEST_ENVIRONMENT_UNKNOWN' })
  })

  test('does not take a migration back with which the test environment was created again since, and says so', async () => {
    const own = await open()
    const other = await provision({ cwd: own.folder, server: 'given', name: own.name() })
    const attached = await attach(other.name, { cwd: own.folder })
    const late = await attach(other.name, { cwd: own.folder })
    expect(await attached.reset()).toEqual({ restored: [], dropped: [] })
    own.write('shop/0002_more.sql', tableMigration('more'))
    expect(await other.refresh()).toBe(true)
    for (const one of [attached, late, attached])
      await expect(one.reset()).rejects.toMatchObject({ code: 'TEST_ENVIRONMENT_REPLACED' })
    expect(await other.reset()).toEqual({ restored: [], dropped: [] })
    const [tables] = await connection.query<RowDataPacket[]>(`SHOW TABLES FROM ${other.prefix}shop LIKE 'more'`)
    expect(tables).toHaveLength(1)
    await Promise.all([attached.close(), late.close()])
    await other.dispose()
  })

  test('gc leaves a test environment alone while its process runs; dispose drops it', async () => {
    const other = await provision({ cwd: stage.folder, server: 'given', name: stage.name() })
    // Not for good: other files have sets on this server, too, and look for those that have expired.
    expect((await stage.run(['provision', 'gc', '--dry-run'])).stdout).not.toContain(other.name)
    await other.dispose()
    expect(await stage.schemas(other.name)).toEqual([])
  })

  test('a wrong name is refused before anything is made', async () => {
    await expect(provision({ cwd: stage.folder, server: 'given', name: 'Not So' })).rejects.toMatchObject({
      code: 'TEST_ENVIRONMENT_NAME',
    })
    await expect(provision({ cwd: stage.folder, server: 'given', stores: ['redis'] })).rejects.toMatchObject({
      code: 'UNKNOWN_STORE',
    })
  })
})
