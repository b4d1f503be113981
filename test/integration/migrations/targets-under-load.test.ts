// What a run over many targets takes of servers and of a person: connections, one question, and how it ends when it is stopped.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration } from '../../helpers/tool/stage.ts'

const openTenants = withTenants()
let server: OwnServer
let other: OwnServer

beforeAll(async () => {
  ;[server, other] = await Promise.all([startServer(), startServer()])
}, 120_000)
afterAll(() => Promise.all([server.stop(), other.stop()]))

async function askOther(sql: string): Promise<unknown> {
  const connection = await createConnection({ uri: other.url, rowsAsArray: true })
  const [rows] = await connection.query(sql)
  await connection.end()
  return rows
}

describe('a run over many targets', () => {
  test('keeps to its number of connections, and has none left when it has ended', async () => {
    const list = names(24)
    const stage = await openTenants(list, { targets: { list, atOnce: 2, canary: 0 }, url: server.url })
    await stage.query('FLUSH STATUS')
    const { answer } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ counts: { done: 24 } })
    const [[, most] = []] = await stage.query("SHOW STATUS LIKE 'Max_used_connections'")
    // Two targets with three connections each, one that waits to be closed beside each, and that of this test.
    expect(Number(most)).toBeLessThanOrEqual(2 * 4 + 1)
    await stage.query('FLUSH STATUS')
    expect((await stage.json(['migrate', ...tenants])).answer).toMatchObject({ counts: { nothingToDo: 24 } })
    const [[, idle] = []] = await stage.query("SHOW STATUS LIKE 'Max_used_connections'")
    expect(Number(idle)).toBeLessThanOrEqual(2)
    expect(await stage.query("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND='Sleep'")).toEqual([
      [0],
    ])
    // Every row of the record of runs is closed, that of the idle run is none.
    for (const name of list) expect(await stage.query('SELECT outcome FROM wwdb_runs', name)).toEqual([['done']])
  })

  test('spreads over servers, names the one that a target is on, and does the others where one does not answer', async () => {
    const servers = { eu: { url: server.url }, us: { url: other.url }, gone: { url: 'mysql://root@127.0.0.1:1' } }
    const list = [
      ...['t1', 't2', 'both'].map((schema) => ({ schema, server: 'eu' })),
      ...['t3', 'both'].map((schema) => ({ schema, server: 'us' })),
      { schema: 't9', server: 'gone' },
    ]
    const stage = await openTenants(['t1', 't2', 'both'], { targets: { list, servers, canary: 2 }, url: server.url })
    for (const name of ['t3', 'both']) await askOther(`CREATE DATABASE \`${stage.schema(name)}\``)
    const { answer, run } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({
      exitCode: 69,
      listed: 6,
      counts: { done: 5, notReached: 1, failed: 0 },
      outcomes: [{ state: 'not-reached', code: 'UNREACHABLE', target: { schema: stage.schema('t9') } }],
    })
    expect(run.stdout).toContain('127.0.0.1:1')
    expect(await askOther(`SHOW TABLES IN \`${stage.schema('both')}\` LIKE 'notes'`)).toHaveLength(1)
    const twice = await stage.json(['history', '--target', 'tenant_db/both'])
    expect(twice.answer).toMatchObject({ code: 'UNKNOWN_TARGET' })
    expect(twice.run.stdout).toContain('is on more than one server')
    // The server may be named where it need not be.
    expect(await stage.run(['status', '--target', 'tenant_db/eu/t2'])).toMatchObject({ exitCode: 0 })
    const elsewhere = await stage.json(['status', '--target', 'tenant_db/us/t2'])
    expect(elsewhere.answer).toMatchObject({ code: 'UNKNOWN_TARGET' })
    const one = await stage.run(['rollback', '--target', 'tenant_db/us/both', '--steps', '1', '--yes'])
    expect(one.exitCode).toBe(0)
    expect(await askOther(`SHOW TABLES IN \`${stage.schema('both')}\` LIKE 'notes'`)).toHaveLength(0)
    expect(await stage.tables('both')).toEqual(['notes'])
    for (const name of ['t3', 'both']) await askOther(`DROP DATABASE \`${stage.schema(name)}\``)
  })

  test('asks one question in a protected environment, which says how many targets there are', async () => {
    const list = names(3)
    const more = { environments: { production: { protected: true } } }
    const stage = await openTenants(list, { targets: { list }, more, url: server.url })
    const asked = await stage.json(['migrate', ...tenants, '--env', 'production'])
    expect(asked.answer).toMatchObject({ code: 'NOT_CONFIRMED', exitCode: 2 })
    expect(asked.run.stdout).toContain(
      'This migrates 3 targets of the 3 of `tenant_db` in the protected environment `production`, 1 of them first.',
    )
    for (const name of list) expect(await stage.tables(name)).toEqual([])
    const done = await stage.json(['migrate', ...tenants, '--env', 'production', '--yes'])
    expect(done.answer).toMatchObject({ exitCode: 0, counts: { done: 3 } })
    // Nothing is left to be asked about.
    const idle = await stage.json(['migrate', ...tenants, '--env', 'production'])
    expect(idle.answer).toMatchObject({ exitCode: 0, counts: { nothingToDo: 3 } })
  })

  test('asks the hooks before the run once, and those before a migration in each target', async () => {
    const list = names(4)
    const hook = [process.execPath, 'hook.mjs']
    const more = { hooks: { before: { run: hook, migration: hook } } }
    const stage = await openTenants(list, { targets: { list }, more, url: server.url })
    stage.write(
      'hook.mjs',
      "import { appendFileSync } from 'node:fs'; let text = ''; for await (const part of process.stdin) text += part; const asked = JSON.parse(text); appendFileSync('asked.txt', asked.event + ' ' + (asked.migration?.schema ?? '') + '\\n')",
    )
    expect((await stage.run(['migrate', ...tenants])).exitCode).toBe(0)
    const asked = readFileSync(join(stage.folder, 'asked.txt'), 'utf8').trimEnd().split('\n')
    expect(asked.toSorted()).toEqual(
      ['before.run ', ...list.map((name) => `before.migration ${stage.schema(name)}`)].toSorted(),
    )
  })

  test('waits for the lock of a target that another run holds, and does the others', async () => {
    const list = ['t2', 't1', 't3']
    const targets = { list, canary: 0, atOnce: 1 }
    const quick = ['--no-probe', '--trial', 'off']
    const stage = await openTenants(list, { targets, url: server.url })
    stage.write('tenant_db/0001_notes.sql', migration('DO SLEEP(4);\nCREATE TABLE notes (id INT);'))
    const holder = stage.start(['migrate', '--target', `tenant_db/${stage.schema('t2')}`, ...quick])
    await expect
      .poll(async () => (await stage.query(`SHOW PROCESSLIST`)).some((row) => String(row[7]).includes('SLEEP(4)')), {
        timeout: 30_000,
      })
      .toBe(true)
    const { answer } = await stage.json(['migrate', ...tenants, ...quick, '--lock-timeout', '0', '--error-budget', '1'])
    expect(answer).toMatchObject({ exitCode: 75, counts: { done: 2, failed: 1 }, outcomes: [{ code: 'LOCK_HELD' }] })
    expect((await holder.ended).exitCode).toBe(0)
    const again = await stage.json(['migrate', ...tenants])
    expect(again.answer).toMatchObject({ exitCode: 0, counts: { nothingToDo: 3 } })
  })

  test('ends behind the statements that are under way when it is stopped, and goes on with the next run', async () => {
    const list = names(12)
    const stage = await openTenants(list, { targets: { list, canary: 0, atOnce: 1 }, url: server.url })
    stage.write(
      'tenant_db/0001_notes.sql',
      migration('CREATE TABLE notes (id INT);\nDO SLEEP(1);\nINSERT INTO notes VALUES (1);'),
    )
    const run = stage.start(['migrate', ...tenants, '--no-probe', '--trial', 'off'])
    await expect.poll(() => stage.tables('t2'), { timeout: 30_000 }).toEqual(['notes'])
    run.child.kill('SIGINT')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(130)
    expect(stdout).toMatch(/1 migrated, 1 stopped, 10 not started/)
    expect(stdout).toContain('Run `wwdb migrate --target tenant_db` again: it does what is left, and nothing twice.')
    expect(await stage.tables('t3')).toEqual([])
    stage.write('tenant_db/0002_more.sql', migration('INSERT INTO notes VALUES (2);'))
    const { answer } = await stage.json(['migrate', ...tenants, '--failed-only'])
    expect(answer).toMatchObject({ exitCode: 0, counts: { done: 1 }, leftOut: 11 })
    expect(await stage.query('SELECT id FROM notes ORDER BY id', 't2')).toEqual([[1], [2]])
  })
})
