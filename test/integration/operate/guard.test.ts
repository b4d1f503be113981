import { type Connection, createConnection } from 'mysql2/promise'
import { afterEach, describe, expect, test } from 'vitest'
import { waitUntilOld } from '../../helpers/mysql/transactions.ts'
import { startServer, testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const open: Connection[] = []

afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy()
})

describe.each(versionsInTurn(import.meta.url))('the guard, MySQL %s', (version) => {
  /** A project with a table that a forgotten transaction has changed. */
  async function forget(guard: object, server?: string) {
    const url = server ?? (await testServerOf(version)).url
    const project = await stage({ url, files: { 'app/0001_a.sql': tableMigration('a') }, configuration: { guard } })
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    const forgotten = await createConnection({ uri: url, database: project.schema('app') })
    open.push(forgotten)
    await forgotten.query('START TRANSACTION')
    await forgotten.query('INSERT INTO a VALUES (1),(2)')
    project.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    const asking = await createConnection({ uri: url })
    open.push(asking)
    await waitUntilOld(asking, forgotten.threadId, 2)
    return { url, project, forgotten }
  }

  /** Reads the table again and again; gives the longest time that a read took. */
  async function readersOf(url: string, schema: string) {
    const connection = await createConnection({ uri: url, database: schema })
    open.push(connection)
    let isOver = false
    let longest = 0
    const reading = (async () => {
      while (!isOver) {
        const began = performance.now()
        await connection.query('SELECT COUNT(*) FROM a')
        longest = Math.max(longest, performance.now() - began)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })()
    return async () => {
      isOver = true
      await reading
      return longest
    }
  }

  test('an ALTER behind a forgotten transaction is not sent: readers do not wait, and the transaction is named', async () => {
    const { url, project, forgotten } = await forget({ transaction: '1s', budget: '4s' })
    const stop = await readersOf(url, project.schema('app'))
    const run = await project.run(['migrate', '--yes', '--no-probe'])
    const longest = await stop()
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('was not sent')
    expect(run.stderr.replace(/\s+/g, ' ')).toMatch(
      /Old transactions or locks of others hold its tables; it would be blocked by connection \d+ of root from [\w.]+, which holds `a` in a transaction of \d+ s, 2 rows changed, last statement `INSERT INTO a VALUES \(1\),\(2\)`/,
    )
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(1)
    // Without the guard it is the lock wait of an attempt, 5 seconds.
    expect(longest).toBeLessThan(2500)
    await forgotten.query('ROLLBACK')
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
  })

  test('the statement is sent once the transaction has ended, and has no row in the journal before', async () => {
    const { project, forgotten } = await forget({ transaction: '1s', budget: '30s' })
    const up = 'CREATE TABLE c (id INT PRIMARY KEY);\nINSERT INTO c SELECT 1;\nALTER TABLE a ADD COLUMN b INT;'
    project.write('app/0002_b.sql', migration(up, 'ALTER TABLE a DROP COLUMN b;\nDROP TABLE c;'))
    const going = project.run(['migrate', '--yes', '--no-probe'])
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(await project.query("SELECT state FROM wwdb_journal WHERE state = 'open'")).toEqual([])
    // What ran before is committed: its locks would be held for as long.
    expect(await project.query('SELECT id FROM c')).toEqual([[1]])
    await forgotten.query('COMMIT')
    expect(await going).toMatchObject({ exitCode: 0 })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
  })

  test('a new table that references a held one is not sent either', async () => {
    const { project } = await forget({ transaction: '1s', budget: '1s' })
    const up = 'CREATE TABLE c (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id));'
    project.write('app/0002_b.sql', migration(up, 'DROP TABLE c;'))
    const run = await project.run(['migrate', '--yes', '--no-probe'])
    expect(run.stderr).toContain('was not sent')
    expect(run.exitCode).toBe(2)
  })

  test('the age of a transaction is right on a machine in another time zone', async () => {
    const server = await startServer({ version, machineZone: 'Asia/Shanghai' })
    try {
      const { project } = await forget({ transaction: '1s', budget: '1s' }, server.url)
      const run = await project.run(['migrate', '--yes', '--no-probe'])
      expect(run.stderr.replace(/\s+/g, ' ')).toMatch(/holds `a` in a transaction of \d s, 2 rows/)
      expect(run.exitCode).toBe(2)
      const doctor = await project.run(['doctor'], { environment: { WWDB_DOCTOR_LONG_TRANSACTION: '1s' } })
      expect(doctor.stdout).toContain('long-transaction')
      // Nobody sees who holds a table then, and that is said.
      const root = await createConnection({ uri: server.url })
      open.push(root)
      await root.query(
        "UPDATE performance_schema.setup_instruments SET ENABLED='NO' WHERE NAME='wait/lock/metadata/sql/mdl'",
      )
      const blind = await project.run(['migrate', '--yes', '--no-probe'], {
        environment: { WWDB_LOCK_WAIT_TIMEOUT: '1s' },
      })
      expect(blind.stderr.replace(/\s+/g, ' ')).toContain(
        'The statement is sent without a look for transactions that hold its tables: the instrument',
      )
    } finally {
      await server.stop()
    }
  }, 120_000)

  test('a definition stands in the queue for some seconds only, names who blocks it, and tries again within one budget', async () => {
    const { url, project, forgotten } = await forget({ transaction: '1h', budget: '6s' })
    const stop = await readersOf(url, project.schema('app'))
    const began = performance.now()
    const run = await project.run(['migrate', '--yes', '--no-probe', '--json'])
    const took = performance.now() - began
    const longest = await stop()
    expect(run.exitCode).toBe(2)
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const blocked = events.filter(({ type }) => type === 'statement-blocked')
    expect(new Set(blocked.map(({ attempt }) => attempt)).size).toBeGreaterThan(1)
    expect(blocked[0].by[0].connectionId).toBe(forgotten.threadId)
    expect(run.stdout).toMatch(/was blocked [2-9] times/)
    expect(run.stdout).toContain('increase `guard.budget`')
    expect(took).toBeGreaterThan(5000)
    // The lock wait of the session, which every other statement has, is 5 seconds.
    expect(longest).toBeGreaterThan(500)
    expect(longest).toBeLessThan(3500)
    await forgotten.query('COMMIT')
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
  })

  test('what blocks it ends: the definition runs in the same run', async () => {
    const { project, forgotten } = await forget({ transaction: '1h', budget: '1m' })
    const going = project.run(['migrate', '--yes', '--no-probe'])
    const waits =
      "SELECT ID FROM information_schema.PROCESSLIST WHERE DB=DATABASE() AND INFO LIKE 'ALTER TABLE a ADD COLUMN b%'"
    await expect.poll(() => project.query(waits), { timeout: 20_000 }).toHaveLength(1)
    await expect.poll(() => project.query(waits), { timeout: 20_000 }).toHaveLength(0)
    await forgotten.query('COMMIT')
    expect(await going).toMatchObject({ exitCode: 0 })
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
  })

  test('it guards where nothing is configured, and not where it is switched off', async () => {
    const { project, forgotten } = await forget({ budget: '1s' })
    await waitUntilOld(forgotten, forgotten.threadId, 6)
    const run = await project.run(['migrate', '--yes', '--no-probe'])
    expect(run.stderr).toContain('was not sent')
    const off = { WWDB_GUARD_TRANSACTION: 'none', WWDB_LOCK_WAIT_TIMEOUT: '1s' }
    const unguarded = await project.run(['migrate', '--yes', '--no-probe'], { environment: off })
    expect(unguarded.stderr).toContain('was blocked 6 times')
    await forgotten.query('ROLLBACK')
  })

  test('a migration that sets lock_wait_timeout itself waits as long as it says', async () => {
    const { project, forgotten } = await forget({ transaction: '1h', budget: '1s' })
    const up = 'SET SESSION lock_wait_timeout = 60;\nALTER TABLE a ADD COLUMN b INT;'
    project.write('app/0002_b.sql', migration(up, 'ALTER TABLE a DROP COLUMN b;'))
    const going = project.run(['migrate', '--yes', '--no-probe'])
    const waits =
      "SELECT ID FROM information_schema.PROCESSLIST WHERE DB=DATABASE() AND INFO LIKE 'ALTER TABLE a ADD COLUMN b%' AND TIME>3"
    await expect.poll(() => project.query(waits), { timeout: 20_000 }).toHaveLength(1)
    await forgotten.query('COMMIT')
    expect(await going).toMatchObject({ exitCode: 0 })
  })

  test('a transaction that is young enough, and one on another table, hold nothing up', async () => {
    const { project, forgotten } = await forget({ transaction: '1h', budget: '1s' })
    const going = project.run(['migrate', '--yes', '--no-probe'])
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await forgotten.query('COMMIT')
    expect(await going).toMatchObject({ exitCode: 0 })
    await forgotten.query('CREATE TABLE other (id INT PRIMARY KEY)')
    await forgotten.query('START TRANSACTION')
    await forgotten.query('INSERT INTO other VALUES (1)')
    await waitUntilOld(forgotten, forgotten.threadId, 1)
    project.write('app/0003_c.sql', migration('ALTER TABLE a ADD COLUMN c INT;', 'ALTER TABLE a DROP COLUMN c;'))
    const run = await project.run(['migrate', '--yes', '--no-probe'], { environment: { WWDB_GUARD_TRANSACTION: '1s' } })
    expect(run).toMatchObject({ exitCode: 0 })
  })
})
