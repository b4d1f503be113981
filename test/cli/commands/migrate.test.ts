import { describe, expect, test } from 'vitest'
import { startServer } from '../../helpers/servers/servers.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const three = {
  'app/0001_a.sql': tableMigration('a'),
  'app/0002_b.sql': tableMigration('b'),
  'app/0003_c.sql': tableMigration('c'),
}

describe('wwdb migrate', () => {
  test('applies all that is pending: a summary on stdout, the talk on stderr', async () => {
    const { run, tables } = await stage({ files: three })
    const first = await run(['migrate'])
    expect(first.exitCode).toBe(0)
    expect(first.stderr).toContain('0003_c')
    expect(first.stdout).toMatch(/3 migrations/)
    expect(first.stdout).not.toContain('0003_c')
    expect(await tables()).toEqual(['a', 'b', 'c'])
    const again = await run(['migrate'])
    expect(again.exitCode).toBe(0)
    expect(again.stdout).toMatch(/nothing to do/)
  })

  test('--json reports every step as it happens, and the answer last', async () => {
    const { json } = await stage({ files: three })
    const { answer, events, run } = await json(['migrate'])
    expect(run.stderr).toBe('')
    expect(answer).toMatchObject({
      kind: 'run',
      command: 'migrate',
      exitCode: 0,
      outcomes: [{ state: 'done', done: ['0001_a', '0002_b', '0003_c'], notDone: [], statements: 3, fault: null }],
    })
    const types = events.map((event) => event['type'])
    expect(types.slice(0, 2)).toEqual(['version', 'run-started'])
    expect(types.filter((type) => type === 'step-finished')).toHaveLength(3)
    expect(types.filter((type) => type === 'statement-started')).toHaveLength(3)
  })

  test('a step takes no less time than its statements, also where these went in the packet of an earlier one', async () => {
    const { json } = await stage({ files: three })
    const { events } = await json(['migrate'])
    const timesOf = (type: string) =>
      events.filter((event) => event['type'] === type).map((event) => Number(event['milliseconds']))
    const statements = timesOf('statement-finished')
    expect(statements).toHaveLength(3)
    for (const [index, step] of timesOf('step-finished').entries())
      expect(step).toBeGreaterThanOrEqual(statements[index] ?? Number.POSITIVE_INFINITY)
  })

  test('--quiet says nothing when all goes well', async () => {
    const { run } = await stage({ files: three })
    expect(await run(['migrate', '--quiet'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('--to stops after a version; --steps takes the next ones', async () => {
    const { json, tables } = await stage({ files: three })
    expect((await json(['migrate', '--to', '0001'])).answer).toMatchObject({ outcomes: [{ done: ['0001_a'] }] })
    expect((await json(['migrate', '--steps', '1'])).answer).toMatchObject({ outcomes: [{ done: ['0002_b'] }] })
    expect(await tables()).toEqual(['a', 'b'])
    expect((await json(['migrate', '--to', '0003'])).answer).toMatchObject({ outcomes: [{ done: ['0003_c'] }] })
  })

  test('--to an unknown version is an error', async () => {
    const { run, tables } = await stage({ files: three })
    const refused = await run(['migrate', '--to', '9999'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('No migration has the version 9999')
    expect(await tables()).toEqual([])
  })

  test('--steps counts across databases, by version', async () => {
    const { json, tables } = await stage({
      databases: ['one', 'two'],
      files: {
        'one/20260101000000_a.sql': tableMigration('a'),
        'one/20260103000000_c.sql': tableMigration('c'),
        'two/20260102000000_b.sql': tableMigration('b'),
      },
    })
    await json(['migrate', '--steps', '2'])
    expect([await tables('one'), await tables('two')]).toEqual([['a'], ['b']])
  })

  test('--steps 1 of a hundred pending is decided at once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => {
        const version = String(index + 1).padStart(4, '0')
        return [`app/${version}_t${index}.sql`, tableMigration(`t${index}`)]
      }),
    )
    const { json } = await stage({ files })
    expect((await json(['migrate', '--steps', '1'])).answer).toMatchObject({ outcomes: [{ done: ['0001_t0'] }] })
  })

  test('-j 1 works on one database after another, and does the same', async () => {
    const { json, tables } = await stage({
      databases: ['one', 'two', 'three'],
      files: {
        'one/0001_a.sql': tableMigration('a', '-- wwdb:requires two/0001'),
        'two/0001_b.sql': tableMigration('b', '-- wwdb:requires three/0001'),
        'three/0001_c.sql': tableMigration('c'),
      },
    })
    const { answer } = await json(['migrate', '-j', '1'])
    expect(answer).toMatchObject({ exitCode: 0, outcomes: [{ state: 'done' }, { state: 'done' }, { state: 'done' }] })
    expect([await tables('one'), await tables('two'), await tables('three')]).toEqual([['a'], ['b'], ['c']])
  })

  test('a schema that does not exist stops the run before anything is done to any', async () => {
    const { run, query, tables, schema } = await stage({
      databases: ['one', 'two'],
      files: { 'one/0001_a.sql': tableMigration('a'), 'two/0001_b.sql': tableMigration('b') },
    })
    await query(`DROP DATABASE ${schema('two')}`)
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('wwdb db create')
    expect(await tables('one')).toEqual([])
  })
})

describe('migrate --target', () => {
  const files = {
    'parent/0001_users.sql': tableMigration('users'),
    'child/0001_posts.sql': tableMigration('posts', '-- wwdb:requires parent/0001'),
  }

  test('works on that database alone', async () => {
    const { json, tables } = await stage({ databases: ['parent', 'child'], files })
    expect((await json(['migrate', '-t', 'parent'])).answer).toMatchObject({ outcomes: [{ done: ['0001_users'] }] })
    expect(await tables('child')).toEqual([])
    expect((await json(['migrate', '-t', 'child'])).exitCode).toBe(0)
  })

  test('refuses what needs a migration of another database that is not applied', async () => {
    const { run, tables } = await stage({ databases: ['parent', 'child'], files })
    const refused = await run(['migrate', '-t', 'child'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('needs parent/0001, which is not applied')
    expect(await tables('child')).toEqual([])
  })

  test('an unknown one: 64, and the one that was meant', async () => {
    const { run } = await stage({ databases: ['parent', 'child'], files })
    const refused = await run(['migrate', '-t', 'parnet'])
    expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
    expect(refused.stderr).toContain('Did you mean `parent`?')
  })
})

describe('migrate --out-of-order', () => {
  async function withLateFile() {
    const opened = await stage({
      files: { 'app/20260101000000_a.sql': tableMigration('a'), 'app/20260103000000_c.sql': tableMigration('c') },
    })
    await opened.run(['migrate'])
    opened.write('app/20260102000000_b.sql', tableMigration('b'))
    return opened
  }

  test('fail, the default, names the file and both options', async () => {
    const { run, tables } = await withLateFile()
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('20260102000000_b.sql` sorts before 20260103000000')
    expect(refused.stderr).toContain('--out-of-order allow')
    expect(await tables()).toEqual(['a', 'c'])
  })

  test('warn runs it and says so', async () => {
    const { run, tables } = await withLateFile()
    const warned = await run(['migrate', '--out-of-order', 'warn'])
    expect(warned.exitCode).toBe(0)
    expect(warned.stderr).toContain('runs out of order')
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })

  test('allow runs it without a word', async () => {
    const { run, tables } = await withLateFile()
    const allowed = await run(['migrate', '--out-of-order', 'allow'])
    expect(allowed.exitCode).toBe(0)
    expect(allowed.stderr).not.toContain('out of order')
    expect(await tables()).toEqual(['a', 'b', 'c'])
  })
})

describe('migrate --dry-run', () => {
  test('writes nothing at all: the binary log stands where it stood, and so does every schema', async () => {
    const server = await startServer()
    try {
      const { run, json, query } = await stage({
        url: server.url,
        databases: ['app', 'other'],
        files: {
          ...three,
          'app/0004_wide.sql': migration('ALTER TABLE present ADD COLUMN x INT;'),
          'app/0005_fill.js': "export async function up(knex) { await knex('a').insert({ id: 1 }) }\n",
          'other/0001_o.sql': tableMigration('o', '-- wwdb:requires app/0005'),
        },
      })
      await query('CREATE TABLE present (id INT PRIMARY KEY)')
      const look = async () => ({
        log: (await query('SHOW BINARY LOG STATUS'))[0]?.slice(0, 2),
        tables: await query(
          'SELECT TABLE_SCHEMA, TABLE_NAME, CREATE_TIME FROM information_schema.TABLES ORDER BY 1, 2',
        ),
      })
      const before = await look()
      expect(before.log).toHaveLength(2)
      const human = await run(['migrate', '--dry-run'])
      expect(human.exitCode).toBe(0)
      expect(human.stdout).toContain('CREATE TABLE a')
      const { answer } = await json(['migrate', '--dry-run'])
      expect(answer).toMatchObject({ kind: 'plan', exitCode: 0 })
      expect(await look()).toEqual(before)
      await run(['migrate'])
      expect((await look()).log).not.toEqual(before.log)
    } finally {
      await server.stop()
    }
  })
})
