import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const open = withStages()
let server: OwnServer

beforeAll(async () => {
  server = await startServer({ flags: ['--max-allowed-packet=1M'] })
})

afterAll(() => server.stop())

const insert = (length: number): string => `INSERT INTO t VALUES ('${'x'.repeat(length)}');`

/** The bytes that an INSERT above has beside its value, without the semicolon. */
const around = insert(0).length - 1

test('a statement over `max_allowed_packet` is found by `plan`, and `migrate` stops before anything ran', async () => {
  const { run, json, query, tables } = await open({
    url: server.url,
    files: {
      'app/0001_t.sql': migration(
        `CREATE TABLE t (pad LONGTEXT);\n${insert(1_500_000)}\nINSERT INTO t VALUES ('after');`,
      ),
    },
  })
  const planned = await run(['plan'])
  expect(planned.exitCode).toBe(2)
  const { answer } = await json(['migrate'])
  expect(answer).toMatchObject({
    type: 'error',
    code: 'STATEMENT_WOULD_FAIL',
    exitCode: 2,
    faults: [
      {
        what: 'INSERT t is larger than the server accepts.',
        where: { file: 'migrations/app/0001_t.sql', line: 3, database: 'app' },
        why: `The statement has ${1_500_000 + around} bytes, but \`max_allowed_packet\` of the server is 1048576.`,
      },
    ],
  })
  expect(planned.stdout.replace(/\s+/g, ' ')).toContain(
    `INSERT t (migrations/app/0001_t.sql:3) will fail. The statement has ${1_500_000 + around} bytes`,
  )
  for (const said of [planned.stdout, JSON.stringify(answer)])
    expect(said.replace(/\s+/g, ' ')).toContain('SET GLOBAL max_allowed_packet = 2097152')
  expect(JSON.stringify(answer)).not.toContain('xxxxxxxx')
  expect(await tables()).toEqual([])
  try {
    await query('SET GLOBAL max_allowed_packet = 2097152')
    expect(await run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT COUNT(*) FROM t')).toEqual([[2]])
  } finally {
    await query('SET GLOBAL max_allowed_packet = 1048576')
  }
})

test('a statement in a file too large to hold, and one of a down part, are found as well', async () => {
  const small = `${insert(1000)}\n`.repeat(9000)
  const { run, tables } = await open({
    url: server.url,
    files: { 'app/0001_t.sql': migration(`CREATE TABLE t (pad LONGTEXT);\n${small}${insert(1_100_000)}`) },
  })
  const refused = await run(['migrate'])
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('INSERT t is larger than the server accepts.')
  expect(refused.stderr).toContain('migrations/app/0001_t.sql:9003')
  expect(await tables()).toEqual([])

  const other = await open({
    url: server.url,
    files: { 'app/0001_t.sql': migration('CREATE TABLE t (pad LONGTEXT);', `${insert(1_100_000)}\nDROP TABLE t;`) },
  })
  expect(await other.run(['migrate'])).toMatchObject({ exitCode: 0 })
  const back = await other.run(['rollback', '--yes'])
  expect(back.exitCode).toBe(2)
  expect(back.stderr).toContain('INSERT t is larger than the server accepts.')
  expect(await other.query('SELECT COUNT(*) FROM t')).toEqual([[0]])
})

test('a statement as large as the server takes runs, and one byte more is found before', async () => {
  const { run, write, query } = await open({
    url: server.url,
    files: { 'app/0001_t.sql': migration(`CREATE TABLE t (pad LONGTEXT);\n${insert(1024 ** 2 - around - 4)}`) },
  })
  const fits = await run(['migrate'])
  expect(fits).toMatchObject({ exitCode: 0 })
  expect(await query('SELECT LENGTH(pad) FROM t')).toEqual([[1024 ** 2 - around - 4]])
  write('app/0002_t.sql', migration(insert(1024 ** 2 - around - 3)))
  expect((await run(['plan'])).exitCode).toBe(2)
})

test('the record of a schema is written in as many packets as its definitions need', async () => {
  const names = Array.from({ length: 500 }, (_, at) => `t${at}`)
  const comment = `it''s ${'wide '.repeat(30)}`
  const column = (at: number): string => `\`value "${at}"\` VARCHAR(100) NOT NULL COMMENT '${comment}'`
  const columns = Array.from({ length: 12 }, (_, at) => column(at)).join(', ')
  const { run, query } = await open({
    url: server.url,
    files: {
      'app/0001_t.sql': migration(
        names.map((name) => `CREATE TABLE ${name} (id INT PRIMARY KEY, ${columns});`).join('\n'),
      ),
    },
  })
  expect(await run(['migrate'])).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('not recorded') })
  const [[count, bytes] = []] = await query(
    "SELECT COUNT(*), SUM(LENGTH(definition)) FROM wwdb_schema WHERE kind='table'",
  )
  expect(count).toBe(names.length)
  expect(Number(bytes)).toBeGreaterThan(1024 ** 2)
  expect(await run(['drift'])).toMatchObject({ exitCode: 0 })
  expect(await query("SELECT outcome FROM wwdb_runs WHERE command='migrate'")).toEqual([['done']])
})
