import { type Connection, createConnection } from 'mysql2/promise'
import { afterEach, describe, expect, test } from 'vitest'
import { waitUntilOld } from '../../helpers/mysql/transactions.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const open: Connection[] = []

afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy()
})

const text = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replace(/\s+/g, ' ')

/** The seconds of the line `others waited at most 1.02 s for ...`. */
function waitedOf(run: { readonly stdout: string; readonly stderr: string }): number {
  return Number(/others waited at most ([\d.]+) s for `a`/.exec(text(run))?.[1] ?? Number.NaN)
}

describe.each(versionsInTurn(import.meta.url))('how long others waited, MySQL %s', (version) => {
  async function project(guard: object) {
    const { url } = await testServerOf(version)
    const made = await stage({ url, files: { 'app/0001_a.sql': tableMigration('a') }, configuration: { guard } })
    expect(await made.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    const connection = await createConnection({ uri: url, database: made.schema('app') })
    open.push(connection)
    return { url, made, connection }
  }

  /** Fifty reads a second; gives the longest. */
  function readersOf(connection: Connection) {
    const state = { isOver: false, longest: 0 }
    const reading = (async () => {
      while (!state.isOver) {
        const began = performance.now()
        await connection.query('SELECT COUNT(*) FROM a')
        state.longest = Math.max(state.longest, performance.now() - began)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    return async () => {
      state.isOver = true
      await reading
      return state.longest / 1000
    }
  }

  async function forgetTransaction(url: string, schema: string, seconds: number) {
    const forgotten = await createConnection({ uri: url, database: schema })
    open.push(forgotten)
    await forgotten.query('START TRANSACTION')
    await forgotten.query('INSERT INTO a VALUES (1),(2)')
    await waitUntilOld(forgotten, forgotten.threadId, seconds)
    return forgotten
  }

  test('without the guard it is the wait of each attempt in the queue, as readers saw it, and it is in summary, JSON and record', async () => {
    const { url, made, connection } = await project({ transaction: 'none' })
    await forgetTransaction(url, made.schema('app'), 1)
    made.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    const stop = readersOf(connection)
    const environment = { WWDB_LOCK_WAIT_TIMEOUT: '2s' }
    const run = await made.run(['migrate', '--yes', '--no-probe'], { environment })
    const longest = await stop()
    expect(run.exitCode).toBe(2)
    expect(longest).toBeGreaterThan(1.5)
    // What is printed is what a reader saw; a busy machine wakes one of the two processes later than the other.
    expect(waitedOf(run)).toBeGreaterThan(longest - 0.5)
    expect(waitedOf(run)).toBeLessThan(longest + 1.5)
    expect(text(await made.run(['history', '--json']))).toContain('others waited at most')
  }, 60_000)

  test('with it, others hardly wait, and a copy that takes its time is read all along', async () => {
    const { url, made, connection } = await project({ transaction: '1s', budget: '3s' })
    const forgotten = await forgetTransaction(url, made.schema('app'), 1)
    made.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    const stop = readersOf(connection)
    const held = await made.run(['migrate', '--yes', '--no-probe'])
    expect(held.stderr).toContain('was not sent')
    expect(await stop()).toBeLessThan(1)
    await forgotten.query('ROLLBACK')
    await connection.query('SET SESSION cte_max_recursion_depth=1000000')
    await connection.query(
      'INSERT INTO a WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i+1 FROM n WHERE i<300000) SELECT i FROM n',
    )
    made.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT, ALGORITHM=COPY;', 'SELECT 1;'))
    const again = readersOf(connection)
    const run = await made.run(['migrate', '--yes', '--no-probe', '--allow', 'BLOCKING_COPY', '--json'])
    const longest = await again()
    expect(run, run.stdout).toMatchObject({ exitCode: 0 })
    const last = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '{}')
    const { stall } = last.outcomes[0]
    expect(stall).toMatchObject({ table: 'a', why: null })
    expect(stall.milliseconds / 1000).toBeGreaterThanOrEqual(longest - 0.25)
    expect(last.outcomes[0].milliseconds).toBeGreaterThan(stall.milliseconds)
  }, 60_000)

  test('an account that may not read the table: it is as long as the statement took, and that is said', async () => {
    const { url, made, connection } = await project({ transaction: '1h', budget: '2s' })
    const schema = made.schema('app')
    const name = `w${schema.slice(-12)}`
    await connection.query(`CREATE USER '${name}'@'%'`)
    try {
      await connection.query(
        `GRANT CREATE, ALTER, DROP, INSERT, UPDATE, DELETE, INDEX ON \`${schema}\`.* TO '${name}'@'%'`,
      )
      await connection.query(`GRANT PROCESS ON *.* TO '${name}'@'%'`)
      await connection.query(`GRANT SELECT ON performance_schema.* TO '${name}'@'%'`)
      for (const table of ['wwdb_journal', 'wwdb_journal_passes', 'wwdb_meta', 'wwdb_runs', 'wwdb_schema'])
        await connection.query(`GRANT SELECT ON \`${schema}\`.${table} TO '${name}'@'%'`).catch(() => undefined)
      await forgetTransaction(url, schema, 1)
      made.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
      const own = new URL(url)
      own.username = name
      const run = await made.run(['migrate', '--yes', '--no-probe', '--drift', 'off'], {
        environment: { WWDB_URL: own.href },
      })
      expect(text(run)).toMatch(
        /others waited at most [\d.]+ s for `a`, as long as the statement took, because no read was measured/,
      )
    } finally {
      await connection.query(`DROP USER '${name}'@'%'`)
    }
  }, 60_000)
})
