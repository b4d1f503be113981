import { createConnection } from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe('hazards', () => {
  const drop = { 'app/0001_new.sql': tableMigration('fresh'), 'app/0002_drop.sql': migration('DROP TABLE old;') }

  async function withOld(files: Readonly<Record<string, string>> = drop, configuration: object = {}) {
    const opened = await stage({ files, configuration })
    await opened.query('CREATE TABLE old (id INT PRIMARY KEY)')
    return opened
  }

  test('stop the run before anything of it ran', async () => {
    const { run, json, tables } = await withOld()
    const refused = await run(['migrate'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('DROP_TABLE')
    expect(refused.stderr).toContain('--allow')
    expect((await json(['migrate'])).answer).toMatchObject({ type: 'error', code: 'HAZARDS', exitCode: 2 })
    expect(await tables()).toEqual(['old'])
  })

  test('--allow lets this run through', async () => {
    const { run, tables } = await withOld()
    expect((await run(['migrate', '--allow', 'truncate-table'])).exitCode).toBe(2)
    expect(await run(['migrate', '--allow', 'drop-table'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['fresh'])
  })

  test('a header with a reason does as well', async () => {
    const header = '-- wwdb:accept DROP_TABLE nobody has read it since 2.4'
    const { run, tables } = await withOld({ 'app/0001_drop.sql': migration('DROP TABLE old;', undefined, header) })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual([])
  })

  test('a protected environment wants both, where it does not retire what is dropped', async () => {
    const header = '-- wwdb:accept DROP_TABLE nobody has read it since 2.4'
    const { run, write, tables } = await withOld(drop, {
      environments: { production: { protected: true, retire: { grace: 'none' } } },
    })
    const args = ['migrate', '--env', 'production', '--allow-protected']
    expect((await run([...args, '--allow', 'drop-table'])).exitCode).toBe(2)
    write('app/0002_drop.sql', migration('DROP TABLE old;', undefined, header))
    expect((await run(args)).exitCode).toBe(2)
    expect(await tables()).toEqual(['old'])
    expect(await run([...args, '--allow', 'drop-table'])).toMatchObject({ exitCode: 0 })
  })

  test('names in double quotes, under ANSI_QUOTES, hide nothing', async () => {
    const up = `SET sql_mode = 'ANSI_QUOTES';\nDROP TABLE "old";`
    const { run, tables } = await withOld({ 'app/0001_drop.sql': migration(up) })
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('DROP_TABLE')
    expect(await tables()).toEqual(['old'])
  })

  test('an unknown code: 64, and the one that was meant', async () => {
    const { run } = await withOld()
    const refused = await run(['migrate', '--allow', 'drop-tabel'])
    expect(refused.exitCode).toBe(64)
    expect(refused.stderr).toMatch(/DROP_TABLE/i)
  })

  test('EXECUTE of a DROP is caught when it is known, and what ran before it stays', async () => {
    const up = "CREATE TABLE fresh (id INT);\nSET @t = CONCAT('DROP TA', 'BLE old');\nPREPARE p FROM @t;\nEXECUTE p;"
    const { run, tables } = await withOld({ 'app/0001_hidden.sql': migration(up) })
    const refused = await run(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('DROP_TABLE')
    expect(await tables()).toEqual(['fresh', 'old'])
    expect(await run(['migrate', '--allow', 'drop-table'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual(['fresh'])
  })
})

describe('a statement that fails', () => {
  const broken = [
    'CREATE TABLE good (id INT PRIMARY KEY);',
    'INSERT INTO good VALUES (1), (2);',
    '',
    'CREATE TABLE bad (',
    '  id INT,',
    '  name VARCHAR(10) NOTT NULL',
    ');',
    'INSERT INTO good VALUES (3);',
  ]

  test('by its syntax is shown with the line and a caret under the place', async () => {
    const { run, json, query } = await stage({ files: { 'app/0001_x.sql': migration(broken.join('\n')) } })
    const failed = await run(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain('0001_x.sql:7:20')
    expect(failed.stderr).toContain('7 |   name VARCHAR(10) NOTT NULL\n    |                    ^')
    expect(failed.stderr).toContain('Statement 3 of 4')
    expect((await json(['migrate', '--trial', 'off'])).answer).toMatchObject({
      outcomes: [{ code: 'STATEMENT_FAILED', fault: { errno: 1064, sqlState: '42000' } }],
    })
    expect(await query('SELECT COUNT(*) FROM good')).toEqual([[2]])
  })

  test('by a duplicate key in the middle leaves nothing of its own, and all before it', async () => {
    const up =
      'CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2), (1);\nINSERT INTO t VALUES (3);'
    const { run, query, write } = await stage({ files: { 'app/0001_t.sql': migration(up) } })
    const failed = await run(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain("Duplicate entry '1' for key 't.PRIMARY'")
    expect(failed.stderr).toContain('0001_t.sql:4:1')
    expect(await query('SELECT id FROM t')).toEqual([[1]])
    write('app/0001_t.sql', migration(up.replace('(2), (1)', '(2)')))
    expect((await run(['migrate'])).exitCode).toBe(0)
    expect(await query('SELECT id FROM t')).toEqual([[1], [2], [3]])
  })

  test('because a table is full', async () => {
    const up =
      'CREATE TABLE t (id INT, pad CHAR(250)) ENGINE=MEMORY;\nSET SESSION max_heap_table_size = 16384;\nALTER TABLE t ENGINE=MEMORY;\n'
    const fill =
      'INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i, REPEAT("x", 250) FROM n;'
    const { run } = await stage({ files: { 'app/0001_t.sql': migration(up + fill) } })
    const failed = await run(['migrate', '--allow', 'blocking-copy', '--allow', 'lossy-engine'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain("The table 't' is full")
    expect(failed.stderr).not.toContain('defect')
  })

  test('by its warnings only does not fail: they are shown', async () => {
    const up = 'CREATE TABLE t (id INT PRIMARY KEY, n TINYINT);\nINSERT IGNORE INTO t VALUES (1, 1000), (1, 2);'
    const { run, json } = await stage({ files: { 'app/0001_t.sql': migration(up) } })
    const warned = await run(['migrate'])
    expect(warned.exitCode).toBe(0)
    expect(warned.stderr).toContain('Out of range value')
    expect((await json(['migrate'])).exitCode).toBe(0)
  })

  test('because it takes too long: the limit is named, nothing of it stays, a later run continues', async () => {
    const up = 'CREATE TABLE t (id INT);\nINSERT INTO t SELECT id FROM gate FOR UPDATE;'
    const { run, query, url, schema } = await stage({ files: { 'app/0001_t.sql': migration(up) } })
    await query('CREATE TABLE gate (id INT PRIMARY KEY)')
    await query('INSERT INTO gate VALUES (1)')
    const keeper = await createConnection({ uri: `${url}/${schema('app')}` })
    try {
      await keeper.query('START TRANSACTION')
      await keeper.query('SELECT * FROM gate FOR UPDATE')
      const failed = await run(['migrate', '--statement-timeout', '1s'])
      expect(failed.exitCode).toBe(2)
      expect(failed.stderr).toContain('took longer than --statement-timeout')
      expect(await query('SELECT COUNT(*) FROM t')).toEqual([[0]])
      await keeper.query('COMMIT')
      expect(await run(['migrate', '--statement-timeout', '1m'])).toMatchObject({ exitCode: 0 })
      expect(await query('SELECT COUNT(*) FROM t')).toEqual([[1]])
    } finally {
      await keeper.end()
    }
  })

  test('because another session blocks it: it is retried, then that session is named', async () => {
    const { run, query, url, schema } = await stage({
      files: { 'app/0001_wide.sql': migration('ALTER TABLE used ADD COLUMN x INT;') },
      configuration: { timeouts: { lockWait: '1s' }, guard: { budget: '4s' } },
    })
    await query('CREATE TABLE used (id INT PRIMARY KEY)')
    const reader = await createConnection({ uri: `${url}/${schema('app')}` })
    try {
      await reader.query('START TRANSACTION')
      await reader.query('SELECT * FROM used')
      const failed = await run(['migrate'])
      expect(failed.exitCode).toBe(2)
      expect(failed.stderr).toMatch(/was blocked \d+ times/)
      expect(failed.stderr).toContain(`connection ${reader.threadId}`)
      await reader.query('COMMIT')
      expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    } finally {
      await reader.end()
    }
  })
})

describe('a user with few rights', () => {
  async function withUser(grants: (schema: string) => readonly string[], files: Readonly<Record<string, string>>) {
    const opened = await stage({ files })
    const user = `u_${opened.prefix.slice(2, 10)}`
    await opened.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'geheim'`)
    for (const grant of grants(opened.schema('app'))) await opened.query(`GRANT ${grant} TO '${user}'@'%'`)
    const url = opened.url.replace('root@', `${user}:geheim@`)
    return { ...opened, asUser: (args: readonly string[]) => opened.run(args, { environment: { WWDB_URL: url } }) }
  }

  test('who may not use the schema: 69, a sentence with the GRANT, no password', async () => {
    const { asUser } = await withUser(() => [], { 'app/0001_t.sql': tableMigration('t') })
    for (const command of ['migrate', 'status']) {
      const refused = await asUser([command])
      expect(refused.exitCode).toBe(69)
      expect(refused.stderr).toContain('has no access to schema')
      expect(refused.stderr).toMatch(/Next: .*`GRANT SELECT ON/)
      expect(refused.stderr).not.toContain('geheim')
    }
  })

  test('who may not make the journal: a sentence', async () => {
    const { asUser } = await withUser((schema) => [`SELECT ON \`${schema}\`.*`], {
      'app/0001_t.sql': tableMigration('t'),
    })
    const refused = await asUser(['migrate'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('CREATE command denied')
    expect(refused.stderr).not.toContain('defect')
    expect((await asUser(['status'])).exitCode).toBe(0)
  })

  test('a user without the privilege for a statement: it fails, what ran stays, and a run with the privilege continues', async () => {
    const rights = (schema: string) => [`SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON \`${schema}\`.*`]
    const files = { 'app/0001_t.sql': migration('CREATE TABLE t (id INT);\nALTER TABLE t ADD x INT;') }
    const { asUser, run } = await withUser(rights, files)
    const failed = await asUser(['migrate'])
    expect(failed.exitCode).toBe(2)
    expect(failed.stderr).toContain('ALTER command denied')
    expect(failed.stderr).toContain('Statement 2 of 2')
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  })
})

describe('names', () => {
  const names = [
    'select',
    'two words',
    'back`tick',
    'ünï姓名',
    'n'.repeat(64),
    "quo'te",
    'back\\slash',
    'semi;colon',
    'Upper',
  ]

  test.each(names)('a table named %s: made, resumed over, dropped', async (name) => {
    const quoted = `\`${name.replaceAll('`', '``')}\``
    const { run, query, tables, write } = await stage({
      files: { 'app/0001_t.sql': migration(`CREATE TABLE ${quoted} (id INT);\nNONSENSE;`) },
    })
    write(
      'app/0001_t.sql',
      migration(`CREATE TABLE ${quoted} (id INT);\nALTER TABLE ${quoted} ADD x NOPE;`, `DROP TABLE ${quoted};`),
    )
    expect((await run(['migrate'])).exitCode).toBe(2)
    write(
      'app/0001_t.sql',
      migration(`CREATE TABLE ${quoted} (id INT);\nALTER TABLE ${quoted} ADD x INT;`, `DROP TABLE ${quoted};`),
    )
    const again = await run(['migrate'])
    expect(again.exitCode, again.stdout + again.stderr).toBe(0)
    expect(await query(`SELECT x FROM ${quoted}`)).toEqual([])
    expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await tables()).toEqual([])
  })

  test.each(['order', 'two words', 'back`tick', '姓名', 'n'.repeat(64)])('a schema named %s', async (name) => {
    const { prefix } = await stage({ create: false })
    const schema = name.length === 64 ? prefix + 'n'.repeat(64 - prefix.length) : `${prefix}${name}`
    const { run, json, query } = await stage({
      create: false,
      configuration: { prefix: '', databases: { app: { schema } } },
      files: { 'app/0001_t.sql': tableMigration('t') },
    })
    try {
      expect(await run(['db', 'create'])).toMatchObject({ exitCode: 0 })
      expect((await json(['migrate'])).answer).toMatchObject({ exitCode: 0, outcomes: [{ target: { schema } }] })
      expect((await json(['lock', 'status'])).answer).toMatchObject({ locks: [{ held: false }] })
      expect(await run(['db', 'drop', '--confirm', schema])).toMatchObject({ exitCode: 0 })
    } finally {
      await query(`DROP DATABASE IF EXISTS \`${schema.replaceAll('`', '``')}\``)
    }
  })
})

test('two thousand statements in one file, each once, also around a failure in the middle', async () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `INSERT INTO t VALUES (${index});`)
  const { run, query, write } = await stage({
    files: {
      'app/0001_t.sql': tableMigration('t'),
      'app/0002_many.sql': migration(lines.with(1234, 'INSERT INTO t VALUES (7);').join('\n')),
    },
  })
  const failed = await run(['migrate'])
  expect(failed.exitCode).toBe(2)
  expect(failed.stderr).toContain('Statement 1235 of 2000')
  expect(failed.stderr).toContain('0002_many.sql:1236:1')
  expect(await query('SELECT COUNT(*), MAX(id) FROM t')).toEqual([[1234, 1233]])
  write('app/0002_many.sql', migration(lines.join('\n')))
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
  expect(await query('SELECT COUNT(*), MAX(id) FROM t')).toEqual([[2000, 1999]])
})

describe.each(versionsInTurn(import.meta.url))('a statement of wwdb that MySQL %s refuses', (version) => {
  test('is explained by its cause: a journal that was changed, or missing privileges', async () => {
    const { url } = await testServerOf(version)
    const { run, query, schema, prefix } = await stage({ url, files: { 'app/0001_t.sql': tableMigration('t') } })
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    const user = `${prefix}reader`.slice(0, 30)
    await query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'reads'`)
    await query(`GRANT SELECT ON \`${schema('app')}\`.t TO '${user}'@'%'`)
    const other = new URL(url)
    other.username = user
    other.password = 'reads'
    const without = await run(['status', '--url', other.href])
    expect(without.stderr + without.stdout).toContain('SERVER_REFUSED')
    expect((without.stderr + without.stdout).replace(/\s+/g, ' ')).toContain(
      'Ask an administrator to run `GRANT SELECT ON',
    )
    await query(`DROP USER '${user}'@'%'`)
    await query('ALTER TABLE wwdb_journal DROP COLUMN fingerprint')
    const changed = await run(['status'])
    expect(changed.stderr + changed.stdout).toContain('JOURNAL_DAMAGED')
    expect((changed.stderr + changed.stdout).replace(/\s+/g, ' ')).toContain('ADD COLUMN `fingerprint` VARCHAR(64)')
    expect(changed.stderr + changed.stdout).not.toContain('privileges')
  })
})
