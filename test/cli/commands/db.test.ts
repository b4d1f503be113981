import { connect, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe('wwdb db create', () => {
  test('creates what is missing, in utf8mb4, and leaves the rest alone', async () => {
    const { json, run, query, schema } = await stage({ databases: ['one', 'two'], create: false })
    await query(`CREATE DATABASE \`${schema('two')}\` CHARACTER SET latin1`)
    const { answer } = await json(['db', 'create'])
    expect(answer).toMatchObject({
      kind: 'databases',
      command: 'db create',
      exitCode: 0,
      databases: [
        { target: { database: 'one' }, state: 'created' },
        { target: { database: 'two' }, state: 'exists' },
      ],
    })
    const sets = await query(
      `SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '${schema('')}%' ORDER BY SCHEMA_NAME`,
    )
    expect(sets).toEqual([['utf8mb4'], ['latin1']])
    const again = await run(['db', 'create'])
    expect(again).toMatchObject({ exitCode: 0, stderr: '' })
    expect(again.stdout).toMatch(/exists/)
  })

  test('--target and --prefix', async () => {
    const { run, prefix, query } = await stage({ databases: ['one', 'two'], create: false })
    expect(await run(['db', 'create', '-t', 'two', '--prefix', `${prefix}pr_`])).toMatchObject({ exitCode: 0 })
    expect(await query(`SHOW DATABASES LIKE '${prefix}%'`)).toEqual([[`${prefix}pr_two`]])
  })
})

describe('wwdb db drop', () => {
  test('--dry-run shows what would be dropped, and drops nothing', async () => {
    const { run, json, tables, schema } = await stage({ files: { 'app/0001_a.sql': tableMigration('a') } })
    await run(['migrate'])
    const dry = await run(['db', 'drop', '--dry-run'])
    expect(dry).toMatchObject({ exitCode: 0, stderr: '' })
    expect(dry.stdout).toContain(schema('app'))
    expect(dry.stdout).toMatch(/1 table/)
    expect((await run(['db', 'drop'])).stderr).toContain('(1 table, about 0 rows)')
    expect((await json(['db', 'drop', '--dry-run'])).answer).toMatchObject({
      command: 'db drop',
      databases: [{ state: 'exists' }],
    })
    expect(await tables()).toEqual(['a'])
  })

  test('several databases need their number, and are listed by name with their contents', async () => {
    const { run, query, prefix, schema } = await stage({ databases: ['one', 'two'] })
    const refused = await run(['db', 'drop'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('2 databases')
    for (const name of ['one', 'two']) expect(refused.stderr).toContain(`\`${schema(name)}\` (0 tables`)
    expect(await run(['db', 'drop', '--confirm', '2 databases'])).toMatchObject({ exitCode: 0 })
    expect(await query(`SHOW DATABASES LIKE '${prefix}%'`)).toEqual([])
  })

  test('a schema that does not exist: absent, no question', async () => {
    const { json } = await stage({ create: false })
    expect((await json(['db', 'drop'])).answer).toMatchObject({ exitCode: 0, databases: [{ state: 'absent' }] })
  })
})

describe('wwdb db ping', () => {
  test('says what answers', async () => {
    const { run, json } = await stage({ databases: ['one', 'two'], create: false })
    const { answer } = await json(['db', 'ping'])
    expect(answer).toMatchObject({ exitCode: 0, databases: [{ state: 'reachable' }, { state: 'reachable' }] })
    const human = await run(['db', 'ping'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout).toMatch(/MySQL \d+\.\d+\.\d+, schema does not exist yet/)
  })

  test('a server that cannot be reached: 69, and an error document', async () => {
    const { run, json } = await stage({ configuration: { url: 'mysql://root:geheim@127.0.0.1:1' } })
    const refused = await run(['db', 'ping'])
    expect(refused).toMatchObject({ exitCode: 69, stdout: '' })
    expect(refused.stderr).toContain('127.0.0.1:1')
    expect(refused.stderr).not.toContain('geheim')
    const { answer, run: told } = await json(['db', 'ping'])
    expect(answer).toMatchObject({ type: 'error', code: 'UNREACHABLE', exitCode: 69 })
    expect(told.stdout + told.stderr).not.toContain('geheim')
  })

  test('with a wrong password: 69, in a sentence without it', async () => {
    const { run, url } = await stage()
    const wrong = url.replace('root@', 'root:geheim@')
    const refused = await run(['db', 'ping', '--url', wrong])
    expect(refused).toMatchObject({ exitCode: 69, stdout: '' })
    expect(refused.stderr).toMatch(/refused the login of user `root` with the given password/)
    expect(refused.stderr).not.toContain('geheim')
  })
})

describe('wwdb db wait', () => {
  test('a server that is up: at once', async () => {
    const { json } = await stage()
    expect((await json(['db', 'wait'])).answer).toMatchObject({ command: 'db wait', exitCode: 0 })
  })

  test('a server that hangs up at first, as one that starts does', async () => {
    const { url, json } = await stage()
    let visits = 0
    const door = createServer((client) => {
      visits += 1
      if (visits <= 2) {
        client.destroy()
        return
      }
      const { hostname, port } = new URL(url)
      client.pipe(connect(Number(port), hostname)).pipe(client)
    })
    await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening))
    const address = door.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const late = `mysql://root@127.0.0.1:${address.port}`
    const { answer } = await json(['db', 'wait', '--url', late])
    expect(answer).toMatchObject({ exitCode: 0, databases: [{ state: 'reachable' }] })
    expect(visits).toBe(3)
    door.close()
  })

  test('gives up when the time is up: 69', async () => {
    const { run } = await stage({ configuration: { url: 'mysql://root@127.0.0.1:1' } })
    const started = performance.now()
    expect(await run(['db', 'wait', '--timeout', '1s'])).toMatchObject({ exitCode: 69, stdout: '' })
    expect(performance.now() - started).toBeGreaterThan(500)
  })

  test.each([['soon'], ['10']])('--timeout %s: 64', async (timeout) => {
    const { run } = await stage()
    const refused = await run(['db', 'wait', '--timeout', timeout])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain(timeout)
  })

  test('does not wait for a password to become right', async () => {
    const { run, url } = await stage()
    const started = performance.now()
    expect(await run(['db', 'wait', '--url', url.replace('root@', 'root:x@')])).toMatchObject({ exitCode: 69 })
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
