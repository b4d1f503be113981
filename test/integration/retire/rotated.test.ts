import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asRoot, grantsFor } from '../../helpers/grants/grant-trial.ts'
import { type QueryRecorder, recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const template =
  '-- wwdb:period month\n-- wwdb:name notes_{YYYYMM}\n-- wwdb:late 0 days\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n'

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20), KEY by_nick (nick), KEY by_name (name));
INSERT INTO users VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob');`

interface Rotated {
  readonly kind: string
  readonly retired?: readonly { readonly name: string; readonly state: string }[]
}

describe('a rotation', () => {
  let server: OwnServer
  let recorder: QueryRecorder

  beforeAll(async () => {
    server = await startServer({ version: '9.7' })
    recorder = await recordQueries(server.url)
  })

  afterAll(async () => {
    await recorder.close()
    await server.stop()
  })

  async function start(url = server.url): Promise<Stage> {
    const stage = await openStage({
      databases: ['app', 'other'],
      files: { 'app/0001_tables.sql': migration(tables), 'shard-templates/app/notes.sql': template },
      ...{ url: server.url, configuration: { url } },
    })
    await run(stage, 'migrate', '--yes')
    await run(stage, 'rotate', 'run')
    return stage
  }

  async function run(stage: Stage, ...args: readonly string[]): Promise<string> {
    const ended = await stage.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(0)
    return (ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')
  }

  async function rotate(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<Rotated> {
    const { answer, ...ended } = await stage.json(['rotate', 'run', ...args])
    expect(ended.exitCode, JSON.stringify(answer)).toBe(exitCode)
    return answer as unknown as Rotated
  }

  test('drops what is retired where nothing has used it, and leaves the rest', async () => {
    const stage = await start()
    stage.write(
      'app/0002_retire.sql',
      migration('-- wwdb:retire 0\nDROP INDEX by_nick ON users;\n-- wwdb:retire 2 days\nDROP INDEX by_name ON users;'),
    )
    await run(stage, 'migrate', '--yes')
    expect(await run(stage, 'rotate', 'run', '--dry-run')).not.toContain('by_nick')
    expect(await rotate(stage, 0, '--family', 'notes')).not.toHaveProperty('retired')
    expect(await rotate(stage, 0)).toMatchObject({
      kind: 'rotation',
      retired: [
        { name: 'users.by_nick', state: 'dropped' },
        { name: 'users.by_name', state: 'waiting' },
      ],
    })
    expect(await run(stage, 'rotate', 'run')).toContain('users.by_name of app (index, 0002_retire): invisible since')
    expect(await stage.query('SELECT state FROM wwdb_retired ORDER BY statement')).toEqual([['dropped'], ['retired']])
    await run(stage, 'drift')
  })

  test('ends as its shards do where a drop fails, and says which', async () => {
    const stage = await start()
    stage.write('app/0002_retire.sql', migration('-- wwdb:retire 0\nALTER TABLE users DROP COLUMN nick;'))
    await run(stage, 'migrate', '--yes')
    await stage.query("ALTER TABLE users ADD COLUMN shown VARCHAR(21) AS (CONCAT(nick, '!'))")
    expect(await rotate(stage, 2)).toMatchObject({ retired: [{ name: 'users.nick', state: 'failed' }] })
  })

  test('needs no more than `wwdb grants --for rotate` computes', async () => {
    const stage = await start()
    // Each in a table of its own: a change of a table begins the watch of its index again.
    const lines = ['DROP INDEX by_nick ON users', 'ALTER TABLE pets DROP COLUMN name', 'DROP TABLE notes']
    const more = 'CREATE TABLE notes (id INT PRIMARY KEY);\nCREATE TABLE pets (id INT PRIMARY KEY, name VARCHAR(9));'
    stage.write('app/0002_notes.sql', migration(more))
    stage.write('app/0003_retire.sql', migration(lines.map((line) => `-- wwdb:retire 0\n${line};`).join('\n')))
    await run(stage, 'migrate', '--yes', '--allow', 'DROP_TABLE,DROP_COLUMN')
    const user = `rotator_${stage.prefix}`.slice(0, 32)
    const grants = await grantsFor(stage, 'rotate', `${user}@%`)
    await asRoot(server.url, `CREATE USER '${user}'@'%'`, ...grants)
    const url = server.url.replace('root@', `${user}@`)
    const { answer, ...ended } = await stage.json(['rotate', 'run'], { environment: { WWDB_URL: url } })
    await asRoot(server.url, `DROP USER '${user}'@'%'`)
    expect(ended.exitCode, JSON.stringify(answer)).toBe(0)
    const { retired = [] } = answer as unknown as Rotated
    const states = retired.map(({ state }) => state)
    expect(states, JSON.stringify(retired)).toEqual(['dropped', 'dropped', 'dropped'])
  })

  test('asks nothing of retirement where nothing is retired', async () => {
    const stage = await start(`mysql://root@127.0.0.1:${recorder.port}`)
    recorder.take()
    expect(await rotate(stage, 0)).not.toHaveProperty('retired')
    const asked = recorder.take()
    expect(asked.filter((text) => /wwdb_retired|events_statements|table_io_waits/.test(text))).toEqual([])
  })
})
