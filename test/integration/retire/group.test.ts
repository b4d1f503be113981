import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GroupOfTwo, startGroupOfTwo } from '../../helpers/mysql/group-of-two.ts'
import { query } from '../../helpers/mysql/replica.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

interface Thing {
  readonly name: string
  readonly state: string
  readonly uses: readonly { readonly server: string }[]
  readonly notes: readonly string[]
  readonly proof: string | null
}

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), KEY by_nick (nick));
INSERT INTO users VALUES (1, 'a'), (2, 'b');
CREATE TABLE old_users (id INT PRIMARY KEY, n INT);
INSERT INTO old_users VALUES (1, 1);`

/** No replica is named: the group itself says who its members are. */
describe('what is retired in a group', () => {
  let group: GroupOfTwo
  const open: Connection[] = []

  beforeAll(async () => {
    group = await startGroupOfTwo()
  }, 240_000)

  afterAll(async () => {
    for (const connection of open) connection.destroy()
    await group?.stop()
  })

  const member = (): string => `127.0.0.1:${group.secondary.port}`

  async function start(): Promise<Stage> {
    const stage = await openStage({ url: group.primary.url, files: { 'app/0001_tables.sql': migration(tables) } })
    await run(stage, 'migrate', '--yes')
    stage.write(
      'app/0002_retire.sql',
      migration('-- wwdb:retire 0\nDROP INDEX by_nick ON users;\n-- wwdb:retire 0\nDROP TABLE old_users;'),
    )
    await run(stage, 'migrate', '--yes')
    return stage
  }

  async function run(stage: Stage, ...args: readonly string[]): Promise<string> {
    await group.catchUp()
    const ended = await stage.run(args)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    await group.catchUp()
    return ended.stdout.replaceAll(/\s+/g, ' ')
  }

  async function retire(stage: Stage, what: 'run' | 'list' = 'run'): Promise<readonly Thing[]> {
    await group.catchUp()
    const { answer, exitCode } = await stage.json(['retire', what])
    expect(exitCode, JSON.stringify(answer)).toBe(0)
    await group.catchUp()
    return (answer as unknown as { readonly things: readonly Thing[] }).things
  }

  async function use(stage: Stage): Promise<void> {
    const connection = await createConnection({ uri: group.secondary.url, database: stage.schema('app') })
    open.push(connection)
    const [held = []] = (await connection.query("SHOW TABLES LIKE '\\_hold\\_%'"))[0] as unknown as object[]
    await connection.query(
      "SELECT /*+ SET_VAR(optimizer_switch='use_invisible_indexes=on') */ nick FROM users WHERE nick = 'a'",
    )
    await connection.query(`SELECT n FROM \`${Object.values(held)[0]}\``)
  }

  test('stays where only another member uses it, and goes with a proof that names all members', async () => {
    const stage = await start()
    await use(stage)
    const used = await retire(stage)
    expect(used).toMatchObject([
      { name: 'users.by_nick', state: 'used' },
      { name: 'old_users', state: 'used' },
    ])
    expect(new Set(used.flatMap(({ uses }) => uses.map(({ server }) => server)))).toEqual(new Set([member()]))
    expect(await run(stage, 'retire', 'list')).toContain(`on group member ${member()}`)
    const dropped = await retire(stage)
    expect(dropped).toMatchObject([{ state: 'dropped' }, { state: 'dropped' }])
    expect(dropped[0]?.proof).toMatch(/on the primary since .* UTC and group member 127\.0\.0\.1:\d+ since /)
    expect((await stage.run(['retire', 'list'])).stdout).toContain('Nothing is retired')
  })

  test('stays where a member does not count, and is watched anew behind that', async () => {
    const stage = await start()
    const count = (is: 'YES' | 'NO'): Promise<unknown> =>
      query(
        group.secondary.url,
        `UPDATE performance_schema.setup_consumers SET ENABLED='${is}' WHERE NAME='statements_digest'`,
      )
    await count('NO')
    const unseen = await retire(stage)
    await count('YES')
    expect(unseen.map(({ state, notes }) => ({ state, notes }))).toEqual(
      Array.from({ length: 2 }, () => ({
        state: 'unproven',
        notes: [expect.stringMatching(new RegExp(`^Group member \`${member()}\` was not looked at: the consumer `))],
      })),
    )
    for (const { notes } of await retire(stage))
      expect(notes).toEqual([expect.stringMatching(/^Group member .* is watched from now on: its counters were reset/)])
    expect(await retire(stage)).toMatchObject([{ state: 'dropped' }, { state: 'dropped' }])
  })

  test('`uses` and a plan ask the members, too', async () => {
    const stage = await openStage({ url: group.primary.url, files: { 'app/0001_tables.sql': migration(tables) } })
    await run(stage, 'migrate', '--yes')
    const connection = await createConnection({ uri: group.secondary.url, database: stage.schema('app') })
    open.push(connection)
    await connection.query('SELECT n FROM old_users')
    const { answer, exitCode } = await stage.json(['uses', 'old_users.n'])
    expect({ exitCode, answer }).toMatchObject({
      exitCode: 1,
      answer: { servers: [{ name: 'primary' }, { name: member() }], statements: [{ server: member() }] },
    })
    stage.write('app/0002_drop.sql', migration('DROP TABLE old_users;'))
    expect(await run(stage, 'plan')).toContain(`on group member \`${member()}\``)
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        ...{ url: group.primary.url, prefix: stage.prefix, databases: { app: {} } },
        throttle: { replicas: { b: { url: group.secondary.url } } },
      }),
    )
    expect((await stage.json(['uses', 'old_users.n'])).answer).toMatchObject({
      servers: [{ name: 'primary' }, { name: 'b' }],
    })
    // A member is late by what it has not applied: what names it there must not hold up heavy work.
    const throttled = await stage.json(['throttle'])
    expect(throttled.exitCode, JSON.stringify(throttled.answer)).toBe(0)
    expect(throttled.answer).toMatchObject({
      servers: [
        { readings: expect.arrayContaining([expect.objectContaining({ measure: 'lag', of: 'b', why: null })]) },
      ],
    })
  })
})
