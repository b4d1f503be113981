import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ToolError } from '../../src/core/tool-error.ts'
import { noChange } from '../../src/migrations/journal/rows.ts'
import type { Session } from '../../src/migrations/ports.ts'
import { mysqlSessions } from '../helpers/mysql/mysql-sessions.ts'
import { createSchema, type TestSchema } from '../helpers/servers/schema.ts'
import { testServerOf } from '../helpers/servers/servers.ts'
import { rowOf } from './session-fixture.ts'

/** More than two transactions of 16 take. */
const count = 40
/** The first statement of the second transaction inserts 17. */
const [inSecond, laterInSecond] = [20, 25]

const numbersTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

describe.each(['9.7', '8.0'] as const)('short writes that share a transaction on MySQL %s', (version) => {
  let schema: TestSchema
  let open: () => Promise<Session>
  let session: Session
  let beside: Connection
  /** The session's number on the server. */
  let thread: string | null

  beforeAll(async () => {
    schema = await createSchema('t', await testServerOf(version))
    open = mysqlSessions(schema)
  })
  afterAll(() => schema?.drop())

  beforeEach(async () => {
    beside = await createConnection({ uri: schema.url })
    session = await open()
    thread = await session.evaluate('CONNECTION_ID()')
    await session.run('DROP TABLE IF EXISTS t, wwdb_journal')
    await session.run('CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT UNIQUE)')
    await session.lock(10_000, () => {})
    await session.createJournal()
    await session.writeJournal({ ...noChange, open: numbersTo(count).map((number) => rowOf(number)) })
  })
  afterEach(async () => {
    await session?.close()
    await beside?.end()
  })

  const runFrom = (first: number) =>
    session.runAndClose(
      numbersTo(count)
        .filter((number) => number >= first)
        .map((number) => ({
          text: `INSERT INTO t (n) VALUES (${number}) -- the ${number}th`,
          pass: 1,
          statement: number,
          objects: [],
        })),
    )

  async function ask<T extends RowDataPacket>(sql: string): Promise<readonly T[]> {
    const [rows] = await beside.query<T[]>(sql)
    return rows
  }

  const rowsOf = async (): Promise<readonly string[]> =>
    (await ask('SELECT id, n FROM t ORDER BY id')).map(({ id, n }) => `${id}:${n}`)

  const closed = async (): Promise<readonly number[]> =>
    (await ask("SELECT statement FROM wwdb_journal WHERE pass = 1 AND state = 'closed' ORDER BY statement")).map(
      (row) => Number(row['statement']),
    )

  /** Until the session waits for a row that `beside` holds. The table is the server's copy, made anew where it was not read for 100 milliseconds. */
  const isWaiting = () =>
    expect
      .poll(
        () =>
          ask(
            `SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = ${thread}`,
          ),
        { timeout: 10_000, interval: 150 },
      )
      .toHaveLength(1)

  test('each has its own answer and the ID that it was given', async () => {
    const outcomes = await runFrom(1)
    expect(outcomes.map(({ rows, lastInsertId }) => `${lastInsertId}:${rows}`)).toEqual(
      numbersTo(count).map((number) => `${number}:1`),
    )
    expect(await closed()).toEqual(numbersTo(count))
    const kept = await ask(
      "SELECT details->>'$.memory.lastInsertId' id FROM wwdb_journal WHERE pass = 1 ORDER BY statement",
    )
    expect(kept.map(({ id }) => Number(id))).toEqual(numbersTo(count))
  })

  test('one that is refused takes nothing with it, and costs no other one its ID', async () => {
    const before = numbersTo(inSecond - 1)
    await ask(`CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW
      BEGIN IF NEW.n = ${inSecond} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF; END`)
    expect(await runFrom(1)).toHaveLength(before.length)
    expect(await rowsOf()).toEqual(before.map((number) => `${number}:${number}`))
    expect(await closed()).toEqual(before)
  })

  test('after a wait that was too long, those before it stay', async () => {
    await session.run('SET SESSION innodb_lock_wait_timeout = 1')
    await beside.query('BEGIN')
    await ask(`INSERT INTO t (id, n) VALUES (-1, ${inSecond})`)
    const ran = await runFrom(1)
    await beside.query('ROLLBACK')
    expect(ran).toHaveLength(inSecond - 1)
    expect(await closed()).toEqual(numbersTo(inSecond - 1))
    expect(await runFrom(inSecond)).toHaveLength(count - inSecond + 1)
    expect((await ask('SELECT COUNT(DISTINCT n) c, COUNT(*) a FROM t'))[0]).toEqual({ c: count, a: count })
  })

  test('after a deadlock the transactions before it stay, and all others are still to run', async () => {
    await ask('CREATE TABLE IF NOT EXISTS heavy (id INT PRIMARY KEY)')
    await beside.query('BEGIN')
    // Of two transactions the server takes back the one that changed fewer rows.
    await ask(`REPLACE INTO heavy VALUES ${numbersTo(500).map((id) => `(${id})`)}`)
    await ask(`INSERT INTO t (id, n) VALUES (-1, ${laterInSecond})`)
    const running = runFrom(1)
    await isWaiting()
    await ask(`INSERT INTO t (id, n) VALUES (-2, ${inSecond})`)
    const ran = await running
    await beside.query('ROLLBACK')
    expect(ran).toHaveLength(16)
    expect(await closed()).toEqual(numbersTo(16))
    expect(await runFrom(17)).toHaveLength(count - 16)
    expect((await ask('SELECT COUNT(DISTINCT n) c, COUNT(*) a FROM t'))[0]).toEqual({ c: count, a: count })
  })

  test('what runs again after a deadlock has the LAST_INSERT_ID() that it had before', async () => {
    await ask('CREATE TABLE IF NOT EXISTS heavy (id INT PRIMARY KEY)')
    await session.run('CREATE TABLE child (parent BIGINT UNSIGNED, k INT)')
    // A parent with as many children as fill its transaction and begin the next, and two more parents there, whose IDs are taken back.
    const texts = numbersTo(count).map((number) =>
      [1, inSecond, laterInSecond].includes(number)
        ? `INSERT INTO t (n) VALUES (${number})`
        : `INSERT INTO child VALUES (LAST_INSERT_ID(), ${number})`,
    )
    const run = (first: number) =>
      session.runAndClose(
        texts
          .map((text, index) => ({ text, pass: 1, statement: index + 1, objects: [] }))
          .filter(({ statement }) => statement >= first),
      )
    await beside.query('BEGIN')
    await ask(`REPLACE INTO heavy VALUES ${numbersTo(500).map((id) => `(${id})`)}`)
    await ask(`INSERT INTO t (id, n) VALUES (-1, ${laterInSecond})`)
    const running = run(1)
    await isWaiting()
    await ask('SELECT * FROM child FOR UPDATE')
    expect(await running).toHaveLength(16)
    await beside.query('ROLLBACK')
    expect(await run(17)).toHaveLength(count - 16)
    const wrong = `SELECT k, parent, n FROM child JOIN t ON t.id = parent
      WHERE n <> IF(k < ${inSecond}, 1, IF(k < ${laterInSecond}, ${inSecond}, ${laterInSecond}))`
    expect(await ask(wrong)).toEqual([])
    expect((await ask('SELECT COUNT(*) c FROM child JOIN t ON t.id = parent'))[0]).toEqual({ c: count - 3 })
    await ask('DROP TABLE child')
  })

  test('several wait for rows for two seconds at most, and the session then waits as before', async () => {
    await session.run('SET SESSION innodb_lock_wait_timeout = 49')
    await beside.query('BEGIN')
    await ask(`INSERT INTO t (id, n) VALUES (-1, ${laterInSecond})`)
    expect(await runFrom(1)).toHaveLength(laterInSecond - 1)
    expect(await session.evaluate('@@SESSION.innodb_lock_wait_timeout')).toBe('49')
    await beside.query('ROLLBACK')
    expect(await runFrom(laterInSecond)).toHaveLength(count - laterInSecond + 1)
    expect(await session.evaluate('@@SESSION.innodb_lock_wait_timeout')).toBe('49')
    expect(await session.evaluate("IFNULL(@wwdb_wait, 'none')")).toBe('none')
  })

  test('a connection that dies leaves rows and journal alike', async () => {
    await beside.query('BEGIN')
    await ask(`INSERT INTO t (id, n) VALUES (-1, ${laterInSecond})`)
    const running = runFrom(1).catch((error: unknown) =>
      error instanceof ToolError ? error.code : session.explain(error)?.type,
    )
    await isWaiting()
    await ask(`KILL ${thread}`)
    expect(['CONNECTION_LOST', 'lost']).toContain(await running)
    await beside.query('ROLLBACK')
    expect(await rowsOf()).toEqual(numbersTo(16).map((number) => `${number}:${number}`))
    expect(await closed()).toEqual(numbersTo(16))
  })

  test('without the lock nothing of a transaction stays, also where a statement of the user was refused', async () => {
    await session.run(`CREATE TRIGGER lose BEFORE INSERT ON t FOR EACH ROW
      BEGIN IF NEW.n = ${laterInSecond} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused'; END IF;
      IF NEW.n = ${inSecond + 1} THEN DO RELEASE_ALL_LOCKS(); END IF; END`)
    await expect(runFrom(1)).rejects.toMatchObject({ code: 'LOCK_LOST' })
    expect(await rowsOf()).toEqual(numbersTo(16).map((number) => `${number}:${number}`))
    expect(await closed()).toEqual(numbersTo(16))
  })
})
