import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChange } from '../../src/migrations/journal/rows.ts'
import type { Session } from '../../src/migrations/ports.ts'
import { mysqlSessions } from '../helpers/mysql/mysql-sessions.ts'
import { createSchema, type TestSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { closing, rowOf } from './session-fixture.ts'

/** What a migration may do to its session: our own writes go through it. */
const changes = [
  'SET NAMES binary',
  'SET NAMES latin1',
  'SET NAMES gb2312',
  "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT'",
  "SET sql_mode = ''",
]

const objects = [{ type: 'table', schema: null, name: "o'dd `表` \\" }] as const
const insert = (number: number) => ({ text: `INSERT INTO t (n) VALUES (${number})`, pass: 1, objects })

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  let schema: TestSchema
  let open: () => Promise<Session>
  let session: Session

  beforeAll(async () => {
    schema = await createSchema('t', await testServerOf(version))
    open = mysqlSessions(schema)
  })
  afterAll(() => schema?.drop())

  async function inSession(change: string, work: () => Promise<void>): Promise<void> {
    session = await open()
    try {
      await session.run('DROP TABLE IF EXISTS t, wwdb_journal')
      await session.run('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT)')
      await session.lock(10_000, () => {})
      await session.createJournal()
      await session.run(change)
      await work()
    } finally {
      await session.close()
    }
  }

  describe.each(changes)('after %s', (change) => {
    test('the journal returns what was written to it', () =>
      inSession(change, async () => {
        const rows = [rowOf(0, { objects }), rowOf(1, { objects }), rowOf(2)]
        await session.writeJournal({ ...noChange, open: rows })
        await session.runAndClose([{ ...insert(1), statement: 0 }])
        await session.run(insert(2).text)
        await session.run("SET @kept = 'some text', @gone = NULL")
        const memory = { lastInsertId: '2', variables: await session.readVariables(['kept', 'gone']) }
        await session.writeJournal({ ...noChange, close: [{ ...closing(1), memory }] })
        await session.writeJournal({ ...noChange, fail: [{ pass: 1, statement: 2, error: 'refused: 表' }] })
        const later = await open()
        const read = (await later.readJournal()).rows
        if (read[1]?.memory) await later.restoreMemory(read[1].memory)
        expect(await later.evaluate("CONCAT_WS('|', @kept, IFNULL(@gone, 'null'), LAST_INSERT_ID())")).toBe(
          'some text|null|2',
        )
        await later.close()
        expect(read.map(({ state, objects: [one], memory: kept }) => [state, one, kept?.lastInsertId])).toEqual([
          ['closed', objects[0], '1'],
          ['closed', objects[0], '2'],
          ['failed', undefined, undefined],
        ])
        expect(read[2]?.error).toBe('refused: 表')
      }))

    test('without the lock nothing is committed', () =>
      inSession(change, async () => {
        await session.writeJournal({ ...noChange, open: [rowOf(0)] })
        await session.run('DO RELEASE_ALL_LOCKS()')
        const lost = { code: 'LOCK_LOST' }
        await expect(session.runAndClose([{ ...insert(1), statement: 0 }])).rejects.toMatchObject(lost)
        await session.run(insert(2).text)
        await expect(session.writeJournal({ ...noChange, close: [closing(0)] })).rejects.toMatchObject(lost)
        await expect(session.writeJournal({ ...noChange, open: [rowOf(1)] })).rejects.toMatchObject(lost)
        await session.rollback()
        expect(await session.evaluate('(SELECT COUNT(*) FROM t)')).toBe('0')
        expect((await session.readJournal()).rows.map((row) => row.state)).toEqual(['open'])
      }))
  })
})
