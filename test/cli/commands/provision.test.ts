import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'

const open = withProvisionStages()
let stage: ProvisionStage

beforeAll(async () => {
  stage = await open()
})

describe('wwdb provision up', () => {
  test('creates a complete test environment, and prints what makes programs use it', async () => {
    const { run, name, schemas, query } = stage
    const set = name()
    const up = await run(['provision', 'up', '--name', set])
    expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    expect(up.stdout).toBe(
      `WWDB_URL=${stage.url}\nWWDB_PREFIX=wwdb_${set}_\nWWDB_SET=${set}\nPEOPLE_URL=${stage.url}/wwdb_${set}_people\nSHOP_URL=${stage.url}/wwdb_${set}_shop\n`,
    )
    expect(await schemas(set)).toEqual([`wwdb_${set}_people`, `wwdb_${set}_shop`])
    const month = new Date().toISOString().slice(0, 7).replace('-', '')
    const tables = (await query(`SHOW TABLES FROM wwdb_${set}_shop`)).map(([table]) => String(table))
    expect(tables).toEqual(
      expect.arrayContaining(['orders', 'log', 'buyers', `visits_${month}`, 'wwdb_journal', 'wwdb_shards']),
    )
    expect(await query(`SELECT name, total FROM wwdb_${set}_shop.buyers`)).toEqual([['ann', '9.50']])
    const environment = Object.fromEntries(
      up.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2) as [string, string]),
    )
    const status = await run(['status', '--exit-code'], { environment })
    expect(status, status.stdout).toMatchObject({ exitCode: 0 })
    const check = await run(['shards', 'check'], { environment })
    expect(check, check.stdout).toMatchObject({ exitCode: 0 })
    const again = await run(['provision', 'up', '--name', set])
    expect(again).toMatchObject({ exitCode: 2, stdout: '' })
    expect(again.stderr).toContain('TEST_ENVIRONMENT_EXISTS')
    expect(await run(['provision', 'down', '--name', set])).toMatchObject({ exitCode: 0 })
    expect(await schemas(set)).toEqual([])
  })

  test('as JSON, for $GITHUB_ENV, into a file for this user alone, and as an answer', async () => {
    const { run, json, name, folder } = stage
    const [one, two, three, four] = [name(), name(), name(), name()]
    const text = await run(['provision', 'up', '--name', one, '--as', 'json'])
    expect(JSON.parse(text.stdout)).toMatchObject({
      WWDB_PREFIX: `wwdb_${one}_`,
      SHOP_URL: `${stage.url}/wwdb_${one}_shop`,
    })
    const github = await run(['provision', 'up', '--name', two, '--as', 'github'])
    expect(github.stdout).toContain(`WWDB_PREFIX=wwdb_${two}_\n`)
    // A file that others could read is closed to them.
    writeFileSync(join(folder, '.env.test'), '', { mode: 0o644 })
    const out = await run(['provision', 'up', '--name', three, '--out', '.env.test'])
    expect(out).toMatchObject({ exitCode: 0 })
    expect(out.stdout).not.toContain('WWDB_PREFIX')
    expect(readFileSync(join(folder, '.env.test'), 'utf8')).toContain(`WWDB_PREFIX=wwdb_${three}_\n`)
    expect(statSync(join(folder, '.env.test')).mode & 0o777).toBe(0o600)
    const { answer } = await json(['provision', 'up', '--name', four, '--expires', '2h', '--owner', 'ci'])
    expect(answer).toMatchObject({
      kind: 'provision',
      environment: { name: four, owner: 'ci', state: 'ready', scope: 'kept', inUse: false },
    })
    const set = answer as unknown as {
      readonly environment: { readonly createdAt: string; readonly expiresAt: string }
    }
    expect(Date.parse(set.environment.expiresAt) - Date.parse(set.environment.createdAt)).toBe(2 * 3_600_000)
  })

  test("the guide's first example writes a file by which a program logs in; what is printed says that it is without the password", async () => {
    const { run, name, query, folder } = stage
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/provision.md'), 'utf8')
    const [, words = ''] = /^```sh\nwwdb (.*?)(?: +#.*)?$/m.exec(guide) ?? []
    expect(words).toContain('.env.test')
    const user = name()
    await query(`CREATE USER '${user}' IDENTIFIED BY 'p 1'`)
    await query(`GRANT ALL ON *.* TO '${user}' WITH GRANT OPTION`)
    try {
      const url = new URL(stage.url)
      ;[url.username, url.password] = [user, 'p 1']
      const environment = { WWDB_URL: url.href }
      const set = name()
      const up = await run(words.replace('pr_123', set).split(' '), { environment })
      expect(up, up.stderr).toMatchObject({ exitCode: 0 })
      expect(up.stderr).not.toContain('password')
      const { SHOP_URL: shop } = parseEnv(readFileSync(join(folder, '.env.test'), 'utf8'))
      const connection = await createConnection({ uri: shop ?? '' })
      expect((await connection.query('SELECT name FROM buyers'))[0]).toEqual([{ name: 'ann' }])
      await connection.end()
      const printed = await run(['provision', 'up', '--name', name()], { environment })
      expect(printed.stdout).toContain(`SHOP_URL=mysql://${user}@`)
      expect(printed.stderr).toContain('`--out FILE` writes them in full')
    } finally {
      await query(`DROP USER '${user}'`)
    }
  })

  test.each(['', 'A', 'a-b', "a'; DROP SCHEMA x; --", '../x', 'x'.repeat(60), '%', 'template/x'])(
    'refuses the name %j',
    async (name) => {
      const { run } = stage
      expect(await run(['provision', 'up', '--name', name])).toMatchObject({ exitCode: 64, stdout: '' })
    },
  )

  test('never adds an existing schema to an environment', async () => {
    const { run, name, query, schemas } = stage
    const set = name()
    await query(`CREATE DATABASE wwdb_${set}_shop`)
    const up = await run(['provision', 'up', '--name', set])
    expect(up).toMatchObject({ exitCode: 2, stdout: '' })
    expect(up.stderr).toContain('SCHEMA_EXISTS')
    expect(await run(['provision', 'gc'])).toMatchObject({ exitCode: 0 })
    expect(await schemas(set)).toEqual([`wwdb_${set}_shop`])
  })

  test('leaves nothing of a test environment whose migration fails, and reports the failure', async () => {
    const { run, name, schemas, json } = await open({
      databases: ['people'],
      files: { 'people/0001_a.sql': '-- migrate:up\nCREATE TABLE a (id INT);\nINSERT INTO nowhere VALUES (1);\n' },
    })
    const set = name()
    const up = await run(['provision', 'up', '--name', set])
    expect(up).toMatchObject({ exitCode: 2, stdout: '' })
    expect(up.stderr).toContain('nowhere')
    expect(await schemas(set)).toEqual([])
    const { answer } = await json(['provision', 'list'])
    expect(JSON.stringify(answer)).not.toContain(`"${set}"`)
  })

  test('names every store that it could not fill, and gives out no variables', async () => {
    const { run, name } = await open({
      configuration: {
        stores: {
          redis: { url: 'redis://127.0.0.1:1' },
          influxdb: { url: 'http://127.0.0.1:1', token: 'none' },
        },
      },
      extra: {
        'migrations/redis/all.yaml': 'settings: { timeout: 300 }\n',
        'migrations/influxdb/all.yaml':
          'organization: { name: acme }\nbuckets: { hot: { retention: 30d, shardGroup: 1d } }\n',
      },
    })
    const set = name()
    const up = await run(['provision', 'up', '--name', set, '--with', 'redis', '--with', 'influxdb'])
    expect(up).toMatchObject({ exitCode: 69, stdout: '' })
    expect(up.stderr).toContain('Redis at 127.0.0.1:1 cannot be reached.')
    expect(up.stderr).toContain('InfluxDB at 127.0.0.1:1 cannot be reached.')
    // The rest of it cannot be dropped while its stores are down, and does not keep others from being dropped.
    const old = stage.name()
    await stage.run(['provision', 'up', '--name', old, '--expires', '1ms'])
    const gc = await run(['provision', 'gc'])
    expect(gc).toMatchObject({ exitCode: 69 })
    expect(gc.stdout).toContain(`${old} dropped`)
    expect(gc.stdout).toContain(`${set} could not be dropped`)
    expect(gc.stdout).toContain('InfluxDB at 127.0.0.1:1 cannot be reached.')
    for (const table of ['sets WHERE name', 'schemas WHERE set_name'])
      await stage.query(`DELETE FROM wwdb_provision.${table}='${set}'`)
    for (const schema of await stage.schemas(set)) await stage.query(`DROP DATABASE \`${schema}\``)
  })

  test('is refused in a protected environment, as is dropping', async () => {
    const { run, name } = await open({ configuration: { environments: { live: { protected: true } } } })
    for (const words of [['up', '--name', name()], ['down', '--name', 'x'], ['gc'], ['exec', '--', 'true']]) {
      const refused = await run(['--env', 'live', 'provision', ...words])
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
      expect(refused.stderr).toContain('protected')
    }
  })
})

describe('wwdb provision down', () => {
  test("refuses a name that the registry lacks, and another owner's test environment unless the owner is named", async () => {
    const { run, name, schemas, query } = stage
    const set = name()
    await query(`CREATE DATABASE wwdb_${set}_people`)
    expect((await run(['provision', 'down', '--name', set])).stderr).toContain('TEST_ENVIRONMENT_UNKNOWN')
    expect(await schemas(set)).toHaveLength(1)
    const other = name()
    await run(['provision', 'up', '--name', other, '--owner', 'ann'])
    const refused = await run(['provision', 'down', '--name', other])
    expect(refused).toMatchObject({ exitCode: 2 })
    expect(refused.stderr).toContain('belongs to ann')
    expect(await schemas(other)).toHaveLength(2)
    expect(await run(['provision', 'down', '--name', other, '--owner', 'ann'])).toMatchObject({ exitCode: 0 })
    expect(await schemas(other)).toEqual([])
  })

  test('drops nothing where a row of the registry names a schema without the prefix', async () => {
    const { run, name, query } = stage
    const set = name()
    await run(['provision', 'up', '--name', set])
    const strange = `${stage.prefix}strange`
    await query(`CREATE DATABASE ${strange}`)
    await query(`INSERT INTO wwdb_provision.schemas VALUES ('', '${strange}', '${set}', 'x')`)
    expect((await run(['provision', 'down', '--name', set])).stderr).toContain('TEST_ENVIRONMENT_STRANGE')
    expect(await query(`SHOW DATABASES LIKE '${strange}'`)).toHaveLength(1)
  })
})

describe('wwdb provision exec', () => {
  test('gives the program the variables, its exit code to the caller, and leaves nothing', async () => {
    const { start, name, schemas } = stage
    const set = name()
    const program = ['sh', '-c', 'echo "$WWDB_PREFIX $SHOP_URL"; exit 7']
    const done = await start(['provision', 'exec', '--name', set, '--', ...program]).ended
    expect(done).toMatchObject({ exitCode: 7, stdout: `wwdb_${set}_ ${stage.url}/wwdb_${set}_shop\n` })
    expect(await schemas(set)).toEqual([])
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('passes %s on, and drops the test environment', async (signal, code) => {
    const { start, name, schemas } = stage
    const set = name()
    const script = `trap 'echo heard; exit ${code}' TERM INT; echo ready; while :; do sleep 0.05; done`
    const running = start(['provision', 'exec', '--name', set, '--', 'sh', '-c', script])
    await running.says('stdout', 'ready')
    expect(await schemas(set)).toHaveLength(2)
    running.child.kill(signal)
    expect(await running.ended).toMatchObject({ exitCode: code, stdout: 'ready\nheard\n' })
    expect(await schemas(set)).toEqual([])
  })

  test('one that cannot be started, and one that a signal ends', async () => {
    const { run, name, schemas } = stage
    const set = name()
    const none = await run(['provision', 'exec', '--name', set, '--', 'no-such-program'])
    expect(none).toMatchObject({ exitCode: 2 })
    expect(none.stderr).toContain('no-such-program could not be started')
    expect(await run(['provision', 'exec', '--name', set, '--', 'sh', '-c', 'kill -9 $$'])).toMatchObject({
      exitCode: 137,
    })
    expect(await schemas(set)).toEqual([])
  })

  test('a killed one leaves a test environment that gc drops at once, and not before', async () => {
    const { run, start, name, schemas, json } = stage
    const set = name()
    const running = start(['provision', 'exec', '--name', set, '--', 'sh', '-c', 'echo ready; exec sleep 4'])
    await running.says('stdout', 'ready')
    await run(['provision', 'gc', '--older-than', '1000h'])
    expect(await schemas(set)).toHaveLength(2)
    running.child.kill('SIGKILL')
    await running.ended.catch(() => undefined)
    await expect
      .poll(async () => {
        await run(['provision', 'gc'])
        return schemas(set)
      })
      .toEqual([])
    const { answer } = await json(['provision', 'list'])
    expect(JSON.stringify(answer)).not.toContain(`"${set}"`)
  })
})

describe('wwdb provision gc', () => {
  test('takes what has expired and what is as old as asked for, and says why; --dry-run takes nothing', async () => {
    const { run, name, schemas } = stage
    const [old, young] = [name(), name()]
    await run(['provision', 'up', '--name', old, '--expires', '1ms'])
    await run(['provision', 'up', '--name', young])
    const dry = await run(['provision', 'gc', '--dry-run'])
    expect(dry.stdout).toContain(`${old} would be dropped`)
    expect(dry.stdout).not.toContain(young)
    expect(await schemas(old)).toHaveLength(2)
    const taken = await run(['provision', 'gc'])
    expect(taken.stdout).toMatch(new RegExp(`${old} dropped: 2 schemas; it expired at`))
    expect(await schemas(old)).toEqual([])
    expect(await schemas(young)).toHaveLength(2)
  })
})
