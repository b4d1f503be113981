// Where the list of a database's targets comes from, and what of it is refused.
import { describe, expect, it } from 'vitest'
import { names, tenants, withTenants } from '../../helpers/migrations/tenants.ts'

const openTenants = withTenants()

describe('a query', () => {
  const query = 'SELECT name FROM tenants WHERE active ORDER BY name'

  it('gives the targets from a table of another database', async () => {
    const stage = await openTenants(names(3), { targets: { query, from: 'control_db' } })
    await stage.query('CREATE TABLE tenants (name VARCHAR(64), active INT)', 'control_db')
    await stage.query("INSERT INTO tenants VALUES ('t1',1),('t2',0),('t3',1)", 'control_db')
    const { answer } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ listed: 2, counts: { done: 2 } })
    expect(await stage.tables('t2')).toEqual([])
    await stage.query('UPDATE tenants SET active=1-active', 'control_db')
    const status = await stage.run(['status', ...tenants])
    expect(status.stdout).toContain('Not in the list, and not touched')
  })

  it('is refused with its reason where it fails, writes, finds nothing or takes too long', async () => {
    const stage = await openTenants(['t1'], { targets: { query, from: 'control_db' } })
    const missing = await stage.json(['migrate', ...tenants])
    expect(missing.answer).toMatchObject({ code: 'TARGETS_INVALID', exitCode: 78 })
    expect(missing.run.stdout).toContain(`Table '${stage.schema('control_db')}.tenants' doesn't exist`)
    const withQuery = (text: string, more: object = {}) =>
      stage.write(
        'wwdb.config.json',
        JSON.stringify({
          ...{ url: stage.url, prefix: stage.prefix },
          databases: { control_db: {}, tenant_db: { targets: { query: text, from: 'control_db', ...more } } },
        }),
      )
    await stage.query('CREATE TABLE tenants (name VARCHAR(64), active INT)', 'control_db')
    withQuery('SELECT name FROM tenants')
    const empty = await stage.json(['migrate', ...tenants])
    expect(empty.run.stdout).toContain('The list of targets of `tenant_db` is empty.')
    expect(empty.run.stdout).toContain('databases.tenant_db.targets.allowEmpty')
    withQuery('SELECT name FROM tenants', { allowEmpty: true })
    expect((await stage.json(['migrate', ...tenants])).answer).toMatchObject({ exitCode: 0, listed: 0 })
    withQuery(
      'SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, information_schema.COLUMNS c',
      { timeout: '200ms' },
    )
    const slow = await stage.json(['migrate', ...tenants])
    expect(slow.run.stdout).toContain('maximum statement execution time exceeded')
    withQuery("DELETE FROM tenants WHERE name = 't1'")
    expect((await stage.json(['migrate', ...tenants])).answer).toMatchObject({ code: 'CONFIG_INVALID' })
    // A function that writes is refused by the server: the transaction only reads.
    await stage.query(
      'CREATE FUNCTION sly() RETURNS VARCHAR(64) DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO tenants VALUES (1,1); RETURN 1; END',
      'control_db',
    )
    withQuery('SELECT sly()')
    expect((await stage.json(['migrate', ...tenants])).run.stdout).toContain('READ ONLY')
    expect(await stage.query('SELECT COUNT(*) FROM tenants', 'control_db')).toEqual([[0]])
  })
})

describe('a command', () => {
  const node = process.execPath
  const script = 'list.mjs'

  it('gives the targets as lines or as JSON, without a shell', async () => {
    const stage = await openTenants(names(2), { targets: { command: [node, script, '$(touch shell-was-here);'] } })
    stage.write(script, 'console.log(process.argv.length === 3 ? "t1\\nt2" : "")')
    expect((await stage.json(['migrate', ...tenants])).answer).toMatchObject({ listed: 2, counts: { done: 2 } })
    stage.write(script, 'console.log(JSON.stringify(["t1", { schema: "t2" }]))')
    const { answer } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ listed: 2, counts: { nothingToDo: 2 } })
    stage.write(script, 'import { existsSync } from "node:fs"; if (!existsSync("shell-was-here")) console.log("t1")')
    expect((await stage.json(['status', ...tenants])).answer).toMatchObject({ listed: 1 })
  })

  it('gets only the usual variables and the named ones', async () => {
    const targets = { command: [node, script], environment: ['TENANTS_TOKEN'] }
    const stage = await openTenants(names(2), { targets })
    stage.write(script, 'console.log(process.env.WWDB_SECRET_THING === undefined ? process.env.TENANTS_TOKEN : "bad")')
    const environment = { TENANTS_TOKEN: 't2', WWDB_SECRET_THING: 'x' }
    const run = await stage.run(['status', ...tenants, '--json'], { environment })
    expect(JSON.parse(run.stdout)).toMatchObject({ listed: 1, groups: [{ targets: [{ schema: stage.schema('t2') }] }] })
  })

  it.each([
    ['process.stderr.write("the service is down"); process.exit(3)', ['exit code 3', 'the service is down']],
    ['setInterval(() => {}, 1000)', ['It took longer than 300 ms']],
    ['console.log(JSON.stringify({ schema: "t1" }))', ['not an array of names']],
    ['console.log("t1\\ta\\tb")', ['has more than a schema, a tab and a server']],
    ['', ['is empty']],
  ])('is refused where it is %j', async (text, said) => {
    // The others end by themselves, however busy the machine is.
    const timeout = text.startsWith('setInterval') ? '300ms' : '30s'
    const stage = await openTenants([], { targets: { command: [node, script], timeout } })
    stage.write(script, text)
    const { answer, run } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ code: 'TARGETS_INVALID', exitCode: 78 })
    for (const words of said) expect(run.stdout).toContain(words)
  })

  it('is refused where it cannot be started', async () => {
    const stage = await openTenants([], { targets: { command: ['./is-not-there'] } })
    expect((await stage.json(['migrate', ...tenants])).run.stdout).toContain('It could not be started')
  })
})

describe('names', () => {
  it('may be reserved words and have hyphens; a backtick is refused, and two entries of one schema are used once', async () => {
    const list = ['select', 'a-b', 'a-b', 'Ünï']
    const stage = await openTenants(['select', 'a-b', 'Ünï'], { targets: { list } })
    const run = await stage.run(['migrate', ...tenants])
    expect(run.stdout).toContain('3 targets of tenant_db: 3 migrated')
    expect(run.stderr).toContain(`names more than once: \`${stage.schema('a-b')}\``)
    const one = await stage.run(['history', '--target', `tenant_db/${stage.schema('a-b')}`])
    expect(one.stdout).toContain('0001')
    stage.write(
      'wwdb.config.json',
      JSON.stringify({
        ...{ url: stage.url, prefix: stage.prefix },
        databases: {
          control_db: {},
          tenant_db: { targets: { list: ['a`b', 'x'.repeat(80), 'control_db', { schema: 't1', server: 'eu' }] } },
        },
      }),
    )
    const refused = await stage.run(['migrate', ...tenants])
    expect(refused.exitCode).toBe(78)
    expect(refused.stderr).toContain('names the server "eu", which is not in its `servers`')
  })

  it('that cannot be used are refused together', async () => {
    const stage = await openTenants([], { targets: { list: ['a`b', 'x'.repeat(80), 'control_db'] } })
    const { answer, run } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ code: 'TARGETS_INVALID' })
    expect(run.stdout).toContain('has a backtick, which no tool prints so that it can be copied')
    expect(run.stdout).toContain('MySQL allows 64')
    expect(run.stdout).toContain('is also the schema of `databases.control_db`')
  })
})

describe('a command that is about one schema', () => {
  it('works on the target that is named, and says so where none is', async () => {
    const more = { environments: { staging: {} } }
    const stage = await openTenants(names(2), { targets: { list: names(2) }, more })
    await stage.run(['migrate', ...tenants])
    const refused = await stage.json(['rollback', ...tenants, '--steps', '1', '--yes'])
    expect(refused.answer).toMatchObject({ code: 'TARGETS_MANY', exitCode: 64 })
    expect(refused.run.stdout).toContain('--target tenant_db/SCHEMA')
    const both = await stage.json(['migrate'])
    expect(both.run.stdout).toContain('Run `wwdb migrate --target control_db`, then `wwdb migrate --target tenant_db`.')
    const one = await stage.run(['rollback', '--target', `tenant_db/${stage.schema('t1')}`, '--steps', '1', '--yes'])
    expect(one.exitCode).toBe(0)
    expect(await stage.tables('t1')).toEqual([])
    expect(await stage.tables('t2')).toEqual(['notes'])
    const unknown = await stage.json(['status', '--target', 'tenant_db/nobody'])
    expect(unknown.answer).toMatchObject({ code: 'UNKNOWN_TARGET', exitCode: 64 })
    expect((await stage.run(['validate'])).exitCode).toBe(0)
    const file = await stage.run(['plan', '--target', `tenant_db/${stage.schema('t1')}`, '--out', 'plan.json'])
    expect(file.exitCode).toBe(0)
    for (const words of [
      ['plan', ...tenants, '--out', 'all.json'],
      ['plan', ...tenants, '--live'],
      ['plan', ...tenants, '--direction', 'down'],
      ['migrate', ...tenants, '--plan', 'plan.json'],
      ['migrate', '--target', 'control_db', '--plan', 'plan.json'],
      ['drift'],
    ])
      expect(await stage.run(words), words.join(' ')).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('--target tenant_db/SCHEMA'),
      })
    const environments = await stage.run(['status', '--all-environments'])
    expect(environments.stdout + environments.stderr).toContain('has many targets')
    const planned = ['migrate', '--target', `tenant_db/${stage.schema('t1')}`, '--plan', 'plan.json']
    expect((await stage.run(planned)).exitCode).toBe(0)
    expect(await stage.tables('t1')).toEqual(['notes'])
    expect((await stage.run(['migrate', '--target', 'control_db'])).exitCode).toBe(0)
  })
})
