import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, type StageOptions, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const files = {
  'app/0001_a.sql': migration(
    'CREATE TABLE a (id INT PRIMARY KEY, at TIMESTAMP, word VARCHAR(9)) CHARACTER SET utf8mb4;\nCREATE TABLE seen AS SELECT UTC_TIMESTAMP() now;',
  ),
}

describe.each<ServerVersion>(['9.7', '8.0'])('an account without rights over variables on MySQL %s', (version) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(() => server.stop())

  const asRoot = async (...texts: readonly string[]): Promise<void> => {
    const connection = await createConnection({ uri: server.url })
    for (const text of texts) await connection.query(text)
    await connection.end()
  }

  /** A project whose user has the rights on its own schemas alone. */
  const openAs = async (configuration: StageOptions['configuration'] = {}): Promise<Stage> => {
    const opened = await stage({ url: server.url, files })
    const [user, any] = [`u${opened.prefix}`.slice(0, 30), opened.schema('%').replaceAll('_', '\\_')]
    await asRoot(
      `CREATE USER '${user}'@'%' IDENTIFIED BY ''`,
      `GRANT ALL ON \`${any}\`.* TO '${user}'@'%'`,
      `GRANT ALL ON \`wwdb\\_scratch\\_%\`.* TO '${user}'@'%'`,
    )
    const base = { url: server.url.replace('root@', `${user}@`), prefix: opened.prefix, databases: { app: {} } }
    opened.write('wwdb.config.json', JSON.stringify({ ...base, ...configuration }))
    return opened
  }

  test('an init_connect that spoils every session changes no answer', async () => {
    const spoiled =
      'SET sql_select_limit=0, timestamp=1, completion_type=2, max_execution_time=1, sql_quote_show_create=0'
    await asRoot(`SET GLOBAL init_connect='${spoiled}'`)
    try {
      const { run, query } = await openAs()
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
      expect(await run(['drift'])).toMatchObject({ exitCode: 0 })
      expect(await query('SELECT YEAR(now) > 2000 FROM seen')).toEqual([[1]])
    } finally {
      await asRoot("SET GLOBAL init_connect=''")
    }
  })

  const restricted =
    version === '9.7'
      ? (['innodb_strict_mode', '0', { innodb_strict_mode: false }] as const)
      : (['explicit_defaults_for_timestamp', '0', { explicit_defaults_for_timestamp: false }] as const)
  const [variable, value, variables] = restricted

  test('a variable that it may not set stops what writes, with both options; reading continues', async () => {
    await asRoot(`SET GLOBAL ${variable}=${value}`)
    try {
      const refused = await openAs()
      const { exitCode, answer } = await refused.json(['migrate', '--yes'])
      expect([exitCode, answer['code']]).toEqual([78, 'SESSION_NOT_PINNED'])
      const text = JSON.stringify(answer)
      expect(text).toContain(`gives its sessions \`${variable}\` OFF, but this user cannot set it to 1.`)
      expect(text).toContain('SESSION_VARIABLES_ADMIN')
      expect(text).toContain(JSON.stringify(`"session": {"variables": {"${variable}": false}}`).slice(1, -1))
      expect(await refused.run(['status'])).toMatchObject({ exitCode: 0 })

      const accepted = await openAs({ session: { variables } })
      const run = await accepted.run(['migrate', '--yes'])
      expect(run).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('other session variables') })
      expect(await accepted.run(['drift'])).toMatchObject({ exitCode: 0 })
    } finally {
      await asRoot(`SET GLOBAL ${variable}=1`)
    }
  })
})

describe('what the configuration says of session variables', () => {
  test('migrations have it, and a plan names what clients have otherwise, until it is chosen', async () => {
    const server = await startServer({ flags: ['--group-concat-max-len=2048', '--default-storage-engine=MyISAM'] })
    try {
      const open = (session: object) =>
        stage({
          url: server.url,
          files: {
            'app/0001_a.sql': migration(
              'CREATE TABLE a (id INT PRIMARY KEY, n INT);\nINSERT INTO a VALUES (1, @@group_concat_max_len);',
            ),
          },
          configuration: { session },
        })
      const silent = await open({})
      const plan = await silent.run(['plan'])
      expect(plan.stderr).toContain(
        'have other session variables than migrations: default_storage_engine MyISAM (migrations: InnoDB), group_concat_max_len 2048 (migrations: 1024).',
      )
      expect(plan.stderr).toContain('clients have {"default_storage_engine": "MyISAM", "group_concat_max_len": 2048}.')
      await silent.run(['migrate', '--yes'])
      expect(
        await silent.query(
          'SELECT n, (SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME="a") FROM a',
        ),
      ).toEqual([[1024, 'InnoDB']])

      const chosen = await open({ variables: { default_storage_engine: 'InnoDB', group_concat_max_len: 2048 } })
      expect((await chosen.run(['plan'])).stderr).not.toContain('session variables')
      await chosen.run(['migrate', '--yes'])
      expect(await chosen.query('SELECT n FROM a')).toEqual([[2048]])
    } finally {
      await server.stop()
    }
  })

  test.each([
    [{ variables: { default_storage_engine: "InnoDB'; DROP" } }, 'default_storage_engine'],
    [{ variables: { div_precision_increment: 31 } }, 'div_precision_increment'],
    [{ variables: { innodb_strict_mode: 'ON' } }, 'innodb_strict_mode'],
    [{ variables: { sql_select_limit: 5 } }, 'sql_select_limit'],
  ])('78: %j', async (session, name) => {
    const { run } = await stage({ create: false, configuration: { session } })
    expect(await run(['config', 'show'])).toMatchObject({ exitCode: 78, stderr: expect.stringContaining(name) })
  })
})
