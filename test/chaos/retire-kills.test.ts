import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Moment, openWireProxy, type WireProxy } from '../helpers/mysql/wire-proxy.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool } from '../helpers/tool/tool.ts'

const openStage = withStages()
let server: OwnServer
let proxy: WireProxy

/** What dies at the next command of this text: the tool itself, or only the connection. */
interface Kill {
  readonly text: RegExp
  readonly moment: Moment
  readonly tool: RunningTool | null
}
let kill: Kill | null = null
/** A kill that waits for the answer of another command. */
let armed: { readonly text: RegExp; readonly next: Kill } | null = null

beforeAll(async () => {
  server = await startServer({ version: '9.7' })
  proxy = await openWireProxy(server.port, async ({ text, threadId }, moment) => {
    if (armed?.text.test(text) === true && moment === 'answered') {
      kill = armed.next
      armed = null
    }
    if (kill === null || moment !== kill.moment || !kill.text.test(text)) return 'pass'
    const { tool } = kill
    kill = null
    if (tool === null) {
      await openKiller(threadId)
      return 'pass'
    }
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
})
afterAll(async () => {
  await proxy.close()
  await server.stop()
})

const openKiller = async (id: number): Promise<void> => {
  const stage = await openStage({ url: server.url })
  await stage.query(`KILL ${id}`)
}

const tables = `CREATE TABLE users (id INT PRIMARY KEY, nick VARCHAR(20), name VARCHAR(20) NOT NULL, KEY by_nick (nick));
INSERT INTO users VALUES (1, 'a', 'Ann'), (2, 'b', 'Bob');
CREATE TABLE old_users (id INT PRIMARY KEY);
INSERT INTO old_users VALUES (1), (2), (3);`

async function start(up: string): Promise<Stage> {
  const stage = await openStage({
    url: `mysql://root@127.0.0.1:${proxy.port}`,
    files: { 'app/0001_tables.sql': migration(tables) },
  })
  await run(stage, 0, 'migrate', '--yes')
  stage.write('app/0002_retire.sql', migration(up))
  return stage
}

async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
  const ended = await stage.run(args)
  expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
  return (ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')
}

async function runKilled(stage: Stage, text: RegExp, moment: Moment, ...args: readonly string[]): Promise<void> {
  const tool = stage.start(args)
  kill = { text, moment, tool }
  const { stdout, stderr } = await tool.ended
  expect(kill === null, `${args.join(' ')} did not send ${text}: ${stdout}${stderr}`).toBe(true)
}

const states = (stage: Stage): Promise<unknown> => stage.query('SELECT DISTINCT state FROM wwdb_retired')

/** All as it was before it was retired. */
async function expectBack(stage: Stage): Promise<void> {
  expect(await stage.query('SELECT id FROM old_users')).toHaveLength(3)
  expect(await stage.query('SELECT nick FROM users ORDER BY id')).toEqual([['a'], ['b']])
  expect(
    await stage.query(
      "SELECT IS_VISIBLE FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME = 'by_nick'",
    ),
  ).toEqual([['YES']])
  expect(
    await stage.query(
      "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'users' AND EXTRA LIKE '%INVISIBLE%'",
    ),
  ).toEqual([[0]])
}

const things = [
  {
    name: 'users.by_nick',
    up: 'DROP INDEX by_nick ON users;',
    hide: /^ALTER TABLE `users` ALTER INDEX `by_nick` INVISIBLE/,
    show: /^ALTER TABLE `users` ALTER INDEX `by_nick` VISIBLE/,
    drop: /^ALTER TABLE `users` DROP INDEX `by_nick`/,
  },
  {
    name: 'old_users',
    up: 'DROP TABLE old_users;',
    hide: /^RENAME TABLE `old_users` TO/,
    show: /^RENAME TABLE `_hold_\w+` TO `old_users`/,
    drop: /^DROP TABLE `_hold_\w+`/,
  },
  {
    name: 'users.nick',
    up: 'ALTER TABLE users DROP COLUMN nick;',
    hide: /^ALTER TABLE `users` ALTER COLUMN `nick` SET INVISIBLE/,
    show: /^ALTER TABLE `users` ALTER COLUMN `nick` SET VISIBLE/,
    drop: /^ALTER TABLE `users` DROP COLUMN `nick`/,
  },
]

test.each(things)('$name is hidden, put back and dropped once, wherever a run is killed', async (thing) => {
  const { name, up, hide, show, drop } = thing
  const stage = await start(`-- wwdb:retire 0\n${up}`)
  // Between the record and what it announces, and between that and the record that it is done.
  for (const moment of ['before', 'answered'] as const) {
    await runKilled(stage, hide, moment, 'migrate', '--yes')
    await run(stage, 0, 'migrate', '--yes')
    await runKilled(stage, show, moment, 'retire', 'undo', name, '--yes')
    if (moment === 'before') await run(stage, 0, 'retire', 'undo', name, '--yes')
    else expect(await run(stage, 64, 'retire', 'undo', name, '--yes')).toContain('is not retired')
    await expectBack(stage)
  }
  await run(stage, 0, 'migrate', '--yes')
  await runKilled(stage, drop, 'before', 'retire', 'run')
  expect(await states(stage)).toContainEqual(['dropping'])
  expect(await run(stage, 0, 'retire', 'list')).toContain('1 thing retired')
  await runKilled(stage, drop, 'answered', 'retire', 'run')
  await run(stage, 0, 'retire', 'run')
  const [[proof] = []] = await stage.query(
    "SELECT JSON_UNQUOTE(JSON_EXTRACT(details, '$.proof')) FROM wwdb_retired WHERE state = 'dropped'",
  )
  expect(proof).toContain(`${name} unused: no statement`)
  expect(await run(stage, 0, 'retire', 'list')).toContain('Nothing is retired.')
  await run(stage, 0, 'drift')
  expect(await run(stage, 0, 'status')).toContain('0 pending')
})

test('what is hidden stays so where its watch cannot begin, and the next run begins it', async () => {
  const stage = await start('-- wwdb:retire 0\nDROP TABLE old_users;\n-- wwdb:retire 0\nDROP INDEX by_nick ON users;')
  // Before that, the same question is asked by the plan.
  armed = {
    text: /^RENAME TABLE `old_users`/,
    next: { text: /LEFT\(TABLE_NAME,5\)<>'wwdb_'/, moment: 'before', tool: null },
  }
  expect(await run(stage, 0, 'migrate', '--yes')).toContain('the next `wwdb retire run` begins to watch it')
  expect(await run(stage, 0, 'retire', 'run', '--only', 'old_users')).toContain('it was not watched before')
  await run(stage, 0, 'retire', 'undo', 'old_users', '--yes')
  await expectBack(stage)
})
