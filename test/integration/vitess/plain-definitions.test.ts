import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const command = ['migrate', '--yes', '-t', 'user_db', '--allow', 'BLOCKING_COPY']
const second = 'user_db/20260102000000_slow.sql'

/** Each row costs the digest of megabytes, so the ALTER takes seconds, as one of a large table does. */
const slow = (megabytes: number) =>
  migration(
    `ALTER TABLE users ADD COLUMN digest CHAR(64) AS (SHA2(REPEAT(name, ${megabytes * 1_000_000}), 256)) STORED;`,
    'ALTER TABLE users DROP COLUMN digest;',
  )
const users = migration(
  `CREATE TABLE users (id INT NOT NULL PRIMARY KEY, name CHAR(1) NOT NULL);\nINSERT INTO users VALUES ${Array.from({ length: 100 }, (_, id) => `(${id}, 'a')`).join()};`,
)

async function openWithUsers(megabytes: number): Promise<VitessStage> {
  const files = { 'user_db/20260101000000_users.sql': users }
  const stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct' })
  const made = await stage.run(command)
  expect(made.exitCode, made.stderr).toBe(0)
  stage.write(second, slow(megabytes))
  return stage
}

/** How many ALTERs the server of the shard runs. */
const altering = async ({ onShards }: VitessStage): Promise<number> => {
  const [rows] = await onShards(
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%alter table%digest%' AND ID<>CONNECTION_ID()",
    'user_db',
  )
  return Number(rows?.[0]?.[0])
}
const until = (stage: VitessStage, count: number) =>
  expect.poll(() => altering(stage), { timeout: 60_000, interval: 100 }).toBe(count)

const columns = (stage: VitessStage) => stage.onShards("SHOW COLUMNS FROM users LIKE 'digest'", 'user_db')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a plain ALTER of Vitess that takes longer than a lease lasts', () => {
  it('is left at the second Ctrl-C and not canceled, and the next run waits for it with its lease', {
    timeout: 180_000,
  }, async () => {
    const stage = await openWithUsers(40)
    const run = stage.start(command)
    await until(stage, 1)
    run.child.kill('SIGINT')
    await run.says('stderr', 'Ctrl-C')
    run.child.kill('SIGINT')
    const { exitCode, stderr } = await run.ended
    expect([exitCode, await altering(stage)], stderr).toEqual([expect.any(Number), 1])
    expect(stderr).toContain('Vitess runs it as plain DDL, which it does not cancel: it goes on.')
    expect(await stage.ask('SELECT state FROM wwdb_journal_user_db WHERE pass=2')).toEqual([['open']])
    const settled = await stage.run(['repair', '--not-run', 'user_db/20260102000000:1', '--yes', '-t', 'user_db'])
    expect([settled.exitCode, settled.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot be settled yet[\s\S]*`running` on shard 0/),
    ])
    const next = await stage.run(command)
    expect([next.exitCode, (await columns(stage))[0]?.length], next.stderr).toEqual([0, 1])
    expect(next.stderr).toContain('Vitess has completed it on every shard')
  })
})

describeVitess('a plain ALTER whose tablet restarts while its server carries it out', () => {
  it('has run, although Vitess says that it was canceled', { timeout: 180_000 }, async () => {
    const stage = await openWithUsers(10)
    const run = stage.start(command)
    await until(stage, 1)
    run.child.kill('SIGKILL')
    await run.ended
    await vitess().restart()
    await until(stage, 0)
    await expect
      .poll(() => stage.ask('ALTER VITESS_MIGRATION CANCEL ALL').then(() => 'canceled'), { timeout: 30_000 })
      .toBe('canceled')
    await expect
      .poll(async () => (await stage.ask("SHOW VITESS_MIGRATIONS LIKE 'cancelled'")).length, { timeout: 30_000 })
      .toBe(1)
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
    const next = await stage.run(command)
    expect([next.exitCode, (await columns(stage))[0]?.length], next.stderr).toEqual([0, 1])
    expect(next.stderr).toMatch(/have changed on every shard since it was opened, although Vitess says: .*`cancelled`/)
  })
})

describeVitess('a plain ALTER whose server restarts alone', () => {
  it('is not waited for, as the server was started after it had begun, and runs again once it is canceled', {
    timeout: 180_000,
  }, async () => {
    const files = {
      'message_db/20260101000000_users.sql': migration(
        `CREATE TABLE users (id INT NOT NULL PRIMARY KEY, name CHAR(1) NOT NULL);\nALTER VSCHEMA ON users ADD VINDEX by_id (id) USING xxhash;\nINSERT INTO users VALUES ${Array.from({ length: 200 }, (_, id) => `(${id}, 'a')`).join()};`,
      ),
    }
    const stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct' })
    const migrate = ['migrate', '--yes', '-t', 'message_db', '--allow', 'BLOCKING_COPY']
    const made = await stage.run(migrate)
    expect(made.exitCode, made.stderr).toBe(0)
    stage.write('message_db/20260102000000_slow.sql', slow(20))
    const run = stage.start(migrate)
    const server = vitess().shards.get('message_db/-80')
    const isAltering = async (): Promise<boolean> =>
      (
        await stage.onShards(
          "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%alter table%digest%' AND TIME>4 AND ID<>CONNECTION_ID()",
          'message_db',
        )
      )[0]?.[0]?.[0] === 1
    await expect.poll(isAltering, { timeout: 60_000, interval: 100 }).toBe(true)
    await server?.kill()
    await server?.restart()

    const { exitCode, stderr } = await run.ended
    expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringMatching(
        /shard -80 calls migration \w+ `running` since \S+ \S+ by its clock, and its MySQL server was started after that/,
      ),
    ])
    const [, uuid = ''] = /ALTER VITESS_MIGRATION\s+'(\w+)'\s+CANCEL/.exec(stderr) ?? []
    await stage.ask(`ALTER VITESS_MIGRATION '${uuid}' CANCEL`, 'message_db')
    const next = await stage.run(migrate)
    expect(next.stdout + next.stderr).not.toContain('was started after that')
    const missing = await stage.run(['repair', '--not-run', 'message_db/20260102000000:1', '--yes', '-t', 'message_db'])
    expect(missing.exitCode, missing.stderr).toBe(0)
    const last = await stage.run(migrate)
    expect(last.exitCode, last.stderr).toBe(0)
    for (const rows of await stage.onShards("SHOW COLUMNS FROM users LIKE 'digest'", 'message_db'))
      expect(rows).toHaveLength(1)
  })
})
