import { type Connection, createConnection } from 'mysql2/promise'
import { afterEach, describe, expect, test } from 'vitest'
import { endSession, waitUntilOld } from '../../helpers/mysql/transactions.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const open: Connection[] = []

afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy()
})

const words = (text: string): string => text.replace(/\s+/g, ' ')

describe.each(versionsInTurn(import.meta.url))('--kill-blockers, MySQL %s', (version) => {
  async function connect(url: string, schema: string, connectAttributes = {}): Promise<Connection> {
    const connection = await createConnection({ uri: url, database: schema, connectAttributes })
    connection.on('error', () => undefined)
    open.push(connection)
    return connection
  }

  /** A project with a table, a pending ALTER of it, and the user `name`. */
  async function prepare(kill: object) {
    const { url } = await testServerOf(version)
    const guard = { transaction: '1s', budget: '4s', kill }
    const project = await stage({ url, files: { 'app/0001_a.sql': tableMigration('a') }, configuration: { guard } })
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    project.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    return { url, project, schema: project.schema('app') }
  }

  test('a forgotten transaction of a declared user is killed and is gone, the definition runs, and the record names the session', async () => {
    const { url, project, schema } = await prepare({ users: ['root'] })
    const forgotten = await connect(url, schema)
    await forgotten.query('START TRANSACTION')
    await forgotten.query('INSERT INTO a VALUES (1),(2)')
    await waitUntilOld(forgotten, forgotten.threadId, 1)
    const id = forgotten.threadId
    const unasked = await project.run(['migrate', '--no-probe', '--kill-blockers'])
    expect(unasked.exitCode).toBe(2)
    expect(unasked.stderr).toContain('--yes')
    const run = await project.run(['migrate', '--yes', '--no-probe', '--kill-blockers'])
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    const said = new RegExp(
      `killed connection ${id} of root from [^,]+, in a transaction of \\d+ s, 2 rows changed, last statement \`[^\`]+\``,
    )
    expect(words(run.stderr)).toMatch(said)
    expect(await project.query(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID=${id}`)).toEqual([])
    expect(await project.query('SELECT COUNT(*) FROM a')).toEqual([[0]])
    expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(2)
    const record = await project.run(['history', '--json'])
    expect(record.stdout).toMatch(new RegExp(`Killed on [^:]+:\\d+: connection ${id} of root from`))
  })

  test('a session is spared and named with the reason: another user, too many rows, LOCK TABLES, a backup, prepared XA', async () => {
    const { url, project, schema } = await prepare({ users: ['root'], rows: 1 })
    const run = async (kill: object = {}) => {
      const configuration = { WWDB_GUARD_BUDGET: '2s', ...kill }
      const ended = await project.run(['migrate', '--yes', '--no-probe', '--kill-blockers'], {
        environment: configuration,
      })
      expect(ended.exitCode).toBe(2)
      return words(ended.stderr)
    }
    const other = await connect(url, schema)
    await other.query('START TRANSACTION')
    await other.query('INSERT INTO a VALUES (1),(2)')
    await waitUntilOld(other, other.threadId, 1)
    expect(await run()).toContain('has changed 2 rows, more than `guard.kill.rows`')
    await other.query('ROLLBACK')

    await other.query('LOCK TABLES a READ')
    const locked = await run()
    expect(locked).toContain('it holds `LOCK TABLES`')
    expect(locked).toMatch(
      new RegExp(`holds \`LOCK TABLES\` on \`a\`, which \`UNLOCK TABLES\` there or \`KILL ${other.threadId}\` ends`),
    )
    await other.query('UNLOCK TABLES')

    await other.query('FLUSH TABLES a FOR EXPORT')
    await other.query('SET autocommit = 0')
    await other.query('SELECT * FROM a')
    await waitUntilOld(other, other.threadId, 1)
    expect(await run()).toContain('it holds `LOCK TABLES`, `FLUSH TABLES ... FOR EXPORT`')
    await other.query('COMMIT')
    await other.query('SET autocommit = 1')
    await other.query('UNLOCK TABLES')

    const ofAnotherRun = await connect(url, schema, { program_name: 'wwdb' })
    await ofAnotherRun.query('START TRANSACTION')
    await ofAnotherRun.query('SELECT * FROM a')
    await waitUntilOld(ofAnotherRun, ofAnotherRun.threadId, 1)
    expect(await run()).toContain('it is a run of wwdb')
    ofAnotherRun.destroy()

    const backup = await connect(url, schema)
    await backup.query('LOCK INSTANCE FOR BACKUP')
    await backup.query('START TRANSACTION')
    await backup.query('INSERT INTO a VALUES (5)')
    await waitUntilOld(backup, backup.threadId, 1)
    expect(await run()).toContain('as a backup does')
    backup.destroy()

    for (const text of [
      `XA START '${schema}'`,
      'INSERT INTO a VALUES (7)',
      `XA END '${schema}'`,
      `XA PREPARE '${schema}'`,
    ])
      await other.query(text)
    expect(await run()).toContain('its XA transaction is prepared')
    await endSession(other, project.query)
    // 8.0.12 forgets the locks of tables of a prepared transaction whose connection has ended.
    if (version === '9.7') {
      const orphan = await run()
      expect(orphan).toContain('was not sent')
      expect(orphan).toContain(`which \`XA COMMIT '${schema}'\` or \`XA ROLLBACK '${schema}'\` ends`)
      expect(await project.query('SHOW COLUMNS FROM a')).toHaveLength(1)
    }
    await project.query(`XA ROLLBACK '${schema}'`)
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
  }, 120_000)

  test('no session is killed that is not declared, nor without the flag, and the flag needs a declaration', async () => {
    const { url, project, schema } = await prepare({ users: ['nobody'] })
    const forgotten = await connect(url, schema)
    await forgotten.query('START TRANSACTION')
    await forgotten.query('SELECT * FROM a')
    await waitUntilOld(forgotten, forgotten.threadId, 1)
    const environment = { WWDB_GUARD_BUDGET: '2s' }
    const going = project.run(['migrate', '--yes', '--no-probe', '--kill-blockers'], { environment })
    // Its connections are known by what they send with their login.
    const named = `SELECT COUNT(DISTINCT a.PROCESSLIST_ID) > 1 FROM performance_schema.session_connect_attrs a JOIN performance_schema.threads t USING (PROCESSLIST_ID) WHERE a.ATTR_NAME = 'program_name' AND a.ATTR_VALUE = 'wwdb' AND t.PROCESSLIST_DB = '${schema}'`
    await expect.poll(() => project.query(named), { timeout: 20_000, interval: 50 }).toEqual([[1]])
    const spared = await going
    expect(words(spared.stderr)).toContain('`guard.kill.users` does not name `root`')
    const plain = await project.run(['migrate', '--yes', '--no-probe'], { environment })
    expect(plain.stderr).not.toContain('kill')
    const off = await project.run(['migrate', '--yes', '--kill-blockers'], {
      environment: { WWDB_GUARD_TRANSACTION: 'none' },
    })
    expect(off).toMatchObject({ exitCode: 64 })
    expect(await forgotten.query('SELECT 1 AS n')).toMatchObject([[{ n: 1 }], expect.anything()])
  }, 60_000)
})
