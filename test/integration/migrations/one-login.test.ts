import { existsSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJournalsTogether } from '../../../src/migrations/mysql/journals-together.ts'
import type { MysqlConnection } from '../../../src/mysql/door.ts'
import { nameLock } from '../../../src/mysql/lock.ts'
import { placeOf } from '../../../src/mysql/place.ts'
import { configOf, databaseOf } from '../../helpers/migrations/engine.ts'
import { type QueryRecorder, recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { testDoor } from '../../helpers/mysql/test-door.ts'
import { openWireProxy } from '../../helpers/mysql/wire-proxy.ts'
import { dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { testServer, testServer80, testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'

const openStage = withStages()
const databases = ['one', 'two', 'three'] as const
const files = {
  'one/0001_a.sql': tableMigration('a'),
  'two/0001_b.sql': tableMigration('b'),
  'two/0002_c.sql': migration('CREATE TABLE c (id INT PRIMARY KEY); INSERT INTO c VALUES (1);', 'DROP TABLE c;'),
  'three/0001_d.sql': tableMigration('d'),
}

/** Three accounts as the configuration sees them, on one server by one name: nothing is asked together. */
const apart = { one: {}, two: { allowPublicKeyRetrieval: true }, three: { tls: 'disabled' } } as const

/** What a person or a program sees, without what differs from run to run. */
function seen({ exitCode, stdout, stderr }: ToolRun) {
  const steady = (text: string): string =>
    text
      .replaceAll(/"(?:run|time|milliseconds|elapsed|seconds|age|connectionId)":\s*(?:"[^"]*"|[\d.]+)/g, '')
      .replaceAll(/<?[\d.]+ (?:ms|s)\b/g, 'time')
      .replaceAll(/connection \d+/gi, 'connection')
      .replaceAll(/(?:together|apart)(?:-own)?\.json/g, 'file')
  return { exitCode, stdout: steady(stdout), stderr: steady(stderr) }
}

/** Whether a query reads the journals of other schemas than that of its session. */
const asksOthers = (text: string): boolean => text.startsWith('ROLLBACK') && text.includes('`.`wwdb_journal`')

/** A server that greets with the number of another connection, as a proxy does that has numbers of its own. @param by 0 for the connection's own number */
async function openRenumbering(port: number, by: number) {
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    upstream.once('data', (greeting: Buffer) => {
      const number = greeting.indexOf(0, 5) + 1
      greeting.writeUInt32LE(greeting.readUInt32LE(number) + by, number)
      client.write(greeting)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

describe.each(versionsInTurn(import.meta.url))('databases of one server and account on MySQL %s', (version) => {
  let url = ''
  let recorder: QueryRecorder
  let stage: Stage
  // A name that has to be quoted.
  const odd = "two `and` 'more' \"\u7b2c"
  const user = randomName('own')

  const schemaOf = (database: string): string => `${stage.prefix}${database === 'two' ? odd : database}`
  const sql = async (...texts: readonly string[]): Promise<void> => {
    const connection = await createConnection({ uri: url })
    for (const text of texts)
      await connection.query(text.replaceAll(/\{(\w+)\}/g, (_, name) => connection.escapeId(schemaOf(name))))
    await connection.end()
  }

  const configure = (name: string, changes: object, of: Readonly<Record<string, object>> = {}): void => {
    const own = Object.fromEntries(databases.map((one) => [one, { ...(one === 'two' && { schema: odd }), ...of[one] }]))
    const base = { url: `mysql://root@127.0.0.1:${recorder.port}`, prefix: stage.prefix, databases: own }
    stage.write(name, JSON.stringify({ ...base, timeouts: { lock: '1s' }, ...changes }))
  }

  /** Runs a command, and counts the connections that it opens. */
  const run = async (command: string, config = 'together.json') => {
    const before = recorder.connections()
    const ended = await stage.run([...command.split(' '), '--config', config])
    return { ended, connections: recorder.connections() - before }
  }

  /** The answers with one login, and with three, which must be the same. */
  const compare = async (command: string) => {
    const alone = await run(command, 'apart.json')
    const together = await run(command)
    expect(seen(together.ended)).toEqual(seen(alone.ended))
    return together
  }

  beforeAll(async () => {
    ;({ url } = await testServerOf(version))
    recorder = await recordQueries(url)
    stage = await openStage({ databases, files, create: false, url })
    configure('together.json', {})
    configure('apart.json', {}, apart)
    await sql(...databases.map((name) => `CREATE DATABASE {${name}}`))
    expect((await run('migrate')).ended).toMatchObject({ exitCode: 0 })
  }, 120_000)

  afterAll(async () => {
    await sql(`DROP USER IF EXISTS ${user}`, 'DROP DATABASE IF EXISTS {two}')
    await dropSchemas(url, stage.prefix)
    await recorder.close()
  })

  test.each(['migrate', 'migrate --json', 'migrate --dry-run', 'plan', 'plan --exit-code --json', 'migrate --to 0001'])(
    '%s with nothing to do has one connection, and the answer of three',
    async (command) => {
      const { ended, connections } = await compare(command)
      expect([ended.exitCode, connections]).toEqual([0, 1])
    },
  )

  test('a plan file with nothing to do is the same, and runs', async () => {
    await run('plan --out alone.plan', 'apart.json')
    expect((await run('plan --out together.plan')).connections).toBe(1)
    expect((await run('migrate --plan alone.plan')).ended).toMatchObject({ exitCode: 0 })
    expect((await run('migrate --plan together.plan', 'apart.json')).ended).toMatchObject({ exitCode: 0 })
  })

  test('a protected environment, hooks and the record of runs see no difference', async () => {
    const hook = { run: 'touch heard', migration: 'touch heard' }
    const more = { environments: { live: { protected: true } }, hooks: { before: hook, after: hook } }
    configure('together.json', more)
    configure('apart.json', more, apart)
    const countRuns = () => stage.query('SELECT COUNT(*) FROM wwdb_runs', 'one')
    const before = await countRuns()
    expect(await compare('migrate --env live --json')).toMatchObject({ ended: { exitCode: 0 }, connections: 1 })
    expect([await countRuns(), existsSync(join(stage.folder, 'heard'))]).toEqual([before, false])
    configure('together.json', {})
    configure('apart.json', {}, apart)
  })

  test.each<readonly [what: string, change: string, back: string, exitCode: number]>([
    [
      'a journal that lacks a column',
      'ALTER TABLE {two}.wwdb_journal DROP COLUMN runner',
      "ALTER TABLE {two}.wwdb_journal ADD COLUMN runner VARCHAR(255) NOT NULL DEFAULT ''",
      2,
    ],
    [
      'a journal of another engine',
      'ALTER TABLE {two}.wwdb_schema ENGINE=MyISAM',
      'ALTER TABLE {two}.wwdb_schema ENGINE=InnoDB',
      2,
    ],
    [
      'a journal that lacks a pass',
      'UPDATE {two}.wwdb_journal SET pass=77 WHERE pass=1',
      'UPDATE {two}.wwdb_journal SET pass=1 WHERE pass=77',
      2,
    ],
    [
      'a journal of a newer wwdb',
      "UPDATE {two}.wwdb_journal SET name='99' WHERE pass=0 AND version='format'",
      "UPDATE {two}.wwdb_journal SET name='1' WHERE pass=0 AND version='format'",
      2,
    ],
    [
      'a state that no wwdb writes',
      "UPDATE {three}.wwdb_journal SET state='strange' WHERE pass=1",
      "UPDATE {three}.wwdb_journal SET state='closed' WHERE pass=1",
      2,
    ],
    [
      'other references than the configuration has',
      "UPDATE {two}.wwdb_journal SET name='logical' WHERE pass=0 AND version='references'",
      "UPDATE {two}.wwdb_journal SET name='physical' WHERE pass=0 AND version='references'",
      78,
    ],
    [
      'no journal, but a record of the schema',
      'RENAME TABLE {two}.wwdb_journal TO {two}.kept',
      'RENAME TABLE {two}.kept TO {two}.wwdb_journal',
      2,
    ],
    [
      'a schema that does not exist',
      'CREATE DATABASE {kept}; RENAME TABLE {three}.d TO {kept}.d, {three}.wwdb_journal TO {kept}.wwdb_journal, {three}.wwdb_schema TO {kept}.wwdb_schema, {three}.wwdb_runs TO {kept}.wwdb_runs; DROP DATABASE {three}',
      'CREATE DATABASE {three}; RENAME TABLE {kept}.d TO {three}.d, {kept}.wwdb_journal TO {three}.wwdb_journal, {kept}.wwdb_schema TO {three}.wwdb_schema, {kept}.wwdb_runs TO {three}.wwdb_runs; DROP DATABASE {kept}',
      2,
    ],
  ])('%s: the answer is that of a session of its own', async (_, change, back, exitCode) => {
    await sql(...change.split('; '))
    try {
      await compare('plan --json')
      expect((await compare('migrate')).ended).toMatchObject({ exitCode })
    } finally {
      await sql(...back.split('; '))
    }
    expect(await compare('migrate')).toMatchObject({ ended: { exitCode: 0 }, connections: 1 })
  })

  test('what waits for the lock of another run is reported with the run that holds it', async () => {
    const holder = await createConnection({ uri: url })
    await holder.query(`SELECT GET_LOCK('${nameLock(schemaOf('two'))}', 0)`)
    // The other run has opened a row.
    await sql(
      "UPDATE {two}.wwdb_journal SET state='open',closed_at=NULL WHERE pass=2 AND statement=1",
      "UPDATE {two}.wwdb_schema SET kind='kept' WHERE kind='pass' AND pass=2",
    )
    try {
      const { ended } = await compare('migrate')
      expect(ended).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('holds the lock') })
    } finally {
      await sql(
        "UPDATE {two}.wwdb_journal SET state='closed',closed_at=opened_at WHERE pass=2 AND statement=1",
        "UPDATE {two}.wwdb_schema SET kind='pass' WHERE kind='kept'",
      )
      await holder.end()
    }
    expect(await run('migrate')).toMatchObject({ ended: { exitCode: 0 }, connections: 1 })
  })

  test('an account that may not read one of the schemas is refused as with a login there', async () => {
    await sql(`CREATE USER ${user}`, `GRANT ALL ON {one}.* TO ${user}`, `GRANT ALL ON {three}.* TO ${user}`)
    const own = { url: `mysql://${user}@127.0.0.1:${recorder.port}` }
    configure('together-own.json', own)
    configure('apart-own.json', own, apart)
    const alone = await run('migrate', 'apart-own.json')
    const together = await run('migrate', 'together-own.json')
    expect(seen(together.ended)).toEqual(seen(alone.ended))
    expect(together.ended.exitCode).not.toBe(0)
  })

  test('a database with its own account has a login of its own, and so has another server', async () => {
    const other = version === '8.0' ? testServer() : await testServer80()
    await sql(`DROP USER IF EXISTS ${user}`, `CREATE USER ${user}`, `GRANT ALL ON *.* TO ${user}`)
    configure('accounts.json', {}, { three: { url: `mysql://${user}@127.0.0.1:${recorder.port}` } })
    expect(await run('migrate', 'accounts.json')).toMatchObject({ ended: { exitCode: 0 }, connections: 2 })
    const elsewhere = await createConnection({ uri: other.url })
    await elsewhere.query(`CREATE DATABASE ${elsewhere.escapeId(schemaOf('three'))}`)
    try {
      configure('servers.json', { references: 'physical' }, { three: { url: other.url } })
      const first = await run('migrate', 'servers.json')
      expect(first.ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/three.*1 migration applied/) })
      expect(await run('migrate', 'servers.json')).toMatchObject({ ended: { exitCode: 0 }, connections: 1 })
    } finally {
      await elsewhere.end()
      await dropSchemas(other.url, stage.prefix)
    }
  })

  test.each([
    ['has numbers of its own, each database has its login', 1_000_000, 3],
    ['passes on those of the server, one login is enough', 0, 1],
  ])('behind a proxy that %s', async (_, by, logins) => {
    const proxy = await openRenumbering(recorder.port, by)
    configure('proxy.json', { url: `mysql://root@127.0.0.1:${proxy.port}` })
    recorder.take()
    expect(await run('plan', 'proxy.json')).toMatchObject({ ended: { exitCode: 0 }, connections: logins })
    expect(recorder.take().filter(asksOthers)).toHaveLength(logins === 1 ? 1 : 0)
    proxy.close()
  })

  describe('what one session asks about others', () => {
    let connection: MysqlConnection
    const targetOf = (name: string) => ({ database: name, schema: schemaOf(name), server: 'here' })

    beforeAll(async () => {
      const { server } = databaseOf('one')
      const here = { ...server, port: recorder.port, label: `127.0.0.1:${recorder.port}` }
      const place = placeOf({ name: 'one', schema: schemaOf('one'), server: here }, configOf([]).timeouts)
      connection = await testDoor().open(place, { writable: false, purpose: 'work', transaction: true })
    })

    afterAll(() => connection.close())

    const ask = async (names: readonly string[], facts: Partial<MysqlConnection['facts']> = {}) => {
      recorder.take()
      const known = { ...connection, facts: { ...connection.facts, ...facts } }
      const read = await readJournalsTogether(known, names.map(targetOf))
      return { passes: read?.map(({ passes }) => passes.length) ?? null, packets: recorder.take() }
    }

    test('is at most fifty in a packet', async () => {
      const names = Array.from({ length: 51 }, (_, index) => (index % 2 === 0 ? 'two' : 'three'))
      const { passes, packets } = await ask(names)
      expect(passes).toEqual(names.map((name) => (name === 'two' ? 2 : 1)))
      expect(packets).toHaveLength(2)
    })

    test('has room in the packets that the server accepts', async () => {
      const names = ['two', 'three', 'two', 'three']
      const { passes, packets } = await ask(names, { maxPacket: 5000 })
      expect(passes).toEqual([2, 1, 2, 1])
      expect(packets.length).toBeGreaterThan(1)
      expect(packets.map((text) => Buffer.byteLength(text)).filter((bytes) => bytes > 5000)).toEqual([])
      // Too small for any of them: the server would close the connection.
      expect(await ask(names, { maxPacket: 1024 })).toEqual({ passes: null, packets: [] })
    })

    test('is nothing where their names have capitals and the server folds names', async () => {
      const folds = { foldsNames: true }
      expect(await ask(['three'], folds)).toMatchObject({ passes: [1], packets: [expect.anything()] })
      expect(await ask(['three', 'Two'], folds)).toEqual({ passes: null, packets: [] })
    })

    test('is in vain where a row has details that nobody can read, and each session finds out itself', async () => {
      const row = '{three}.wwdb_journal SET state='
      await sql(`UPDATE ${row}'failed',details='{"objects":7}' WHERE pass=1`)
      try {
        await expect(ask(['two', 'three'])).rejects.toThrow()
        await compare('migrate --json')
      } finally {
        await sql(`UPDATE ${row}'closed',details=NULL WHERE pass=1`)
      }
    })
  })

  test('a file that was edited, and one that cannot be read, are reported as before', async () => {
    stage.write('two/0002_c.sql', `${files['two/0002_c.sql']}\n-- edited`)
    expect((await compare('migrate')).ended).toMatchObject({ exitCode: 2 })
    stage.write('two/0002_c.sql', files['two/0002_c.sql'])
    stage.write('two/0003_bad.sql', migration("INSERT INTO c VALUES ('2);"))
    expect((await compare('migrate')).ended).not.toMatchObject({ exitCode: 0 })
    stage.remove('two/0003_bad.sql')
  })

  test('a session that is lost while it reads for others is not the one that runs', async () => {
    stage.write('one/0002_f.sql', tableMigration('f'))
    const admin = await createConnection({ uri: url })
    const killed: number[] = []
    const proxy = await openWireProxy(Number(new URL(url).port), async ({ text, threadId }, moment) => {
      if (killed.length === 0 && moment === 'before' && asksOthers(text)) {
        killed.push(threadId)
        await admin.query(`KILL ${threadId}`)
      }
      return 'pass'
    })
    configure('lost.json', { url: `mysql://root@127.0.0.1:${proxy.port}` })
    const { ended } = await run('migrate', 'lost.json')
    await Promise.all([proxy.close(), admin.end()])
    expect(killed).toHaveLength(1)
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 migration applied') })
  })

  test('a pending migration of one of them is planned and applied, and the others have nothing to do', async () => {
    stage.write('two/0003_e.sql', tableMigration('e'))
    expect((await compare('plan --json')).connections).toBeGreaterThanOrEqual(3)
    const { ended } = await run('migrate --json')
    const outcomes = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '').outcomes
    expect(outcomes).toMatchObject([
      { target: { database: 'one' }, state: 'nothing-to-do' },
      { target: { database: 'two' }, state: 'done', done: ['0003_e'] },
      { target: { database: 'three' }, state: 'nothing-to-do' },
    ])
    expect(await compare('migrate')).toMatchObject({ ended: { exitCode: 0 }, connections: 1 })
  })
})
