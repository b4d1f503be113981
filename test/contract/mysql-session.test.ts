import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import type { Session } from '../../src/migrations/ports.ts'
import { mysqlSessions } from '../helpers/mysql/mysql-sessions.ts'
import { createSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import type { ServerVersion } from '../helpers/servers/shared-servers.ts'
import { describeSession } from './session.contract.ts'
import type { SessionFixture } from './session-fixture.ts'

async function makeFixture(version: ServerVersion): Promise<SessionFixture> {
  const schema = await createSchema('t', await testServerOf(version))
  const outside = await createConnection({ uri: schema.url })
  await outside.query('CREATE PROCEDURE commits(x INT) BEGIN INSERT INTO t (n) VALUES (x); COMMIT; END')
  const ask = async (text: string): Promise<readonly (readonly unknown[])[]> => {
    const [rows] = await outside.query<RowDataPacket[][]>({ sql: text, rowsAsArray: true })
    return rows
  }
  const info = (session: Session) =>
    `SELECT INFO FROM information_schema.PROCESSLIST WHERE ID=${session.facts.connectionId}`
  return {
    open: mysqlSessions(schema),
    create: (table) => `CREATE TABLE ${table} (id INT AUTO_INCREMENT PRIMARY KEY, n INT)`,
    alter: (table, number) => `ALTER TABLE ${table} ADD c${number} INT`,
    drop: (table) => `DROP TABLE ${table}`,
    truncate: (table) => `TRUNCATE TABLE ${table}`,
    insert: (table, number) => `INSERT INTO ${table} (n) VALUES (${number})`,
    committing: { type: 'procedure', schema: null, name: 'commits' },
    callCommitting: (number) => `CALL commits(${number})`,
    refused: 'ALTER TABLE missing ADD c INT',
    slow: 'INSERT INTO t (n) SELECT SLEEP(60) FROM (SELECT 1 UNION ALL SELECT 2) pair',
    numbers: async (table) => (await ask(`SELECT n FROM ${table} ORDER BY id`)).map((row) => Number(row[0])),
    isRunning: async (session) => String((await ask(info(session)))[0]?.[0] ?? '').includes('SLEEP'),
    stealLock: async (session) => {
      await session.run('DO RELEASE_ALL_LOCKS()')
    },
    breakConnection: async (session) => {
      await outside.query(`KILL ${session.facts.connectionId}`)
    },
    close: async () => {
      await outside.end()
      await schema.drop()
    },
  }
}

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  describeSession(() => makeFixture(version))

  it('gives every definition of one packet its share of the time, whose answers arrive together', async () => {
    const fixture = await makeFixture(version)
    try {
      const session = await fixture.open()
      const outcomes = await session.runTogether(['a', 'b', 'c', 'd'].map((name) => fixture.create(name)))
      for (const { milliseconds } of outcomes) expect(milliseconds).toBeGreaterThan(0.5)
      await session.close()
    } finally {
      await fixture.close()
    }
  })
})
