import { describe, expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** Nothing listens on this port, and nothing may without root. */
const down = 'mysql://root@127.0.0.1:1'

/** Four databases: the server of `stock` is down, `bills` has one migration that needs it, `mail` needs that one. */
async function fourDatabases(stockUrl = down): Promise<Stage> {
  const databases = ['people', 'stock', 'bills', 'mail']
  const configuration = { databases: { people: {}, stock: { url: stockUrl }, bills: {}, mail: {} } }
  return await stage({
    databases,
    configuration,
    files: {
      'people/0001_people.sql': tableMigration('people'),
      'stock/0001_stock.sql': tableMigration('stock'),
      'bills/0001_bills.sql': tableMigration('bills'),
      'bills/0002_lines.sql': tableMigration('bill_lines', '-- wwdb:requires stock/0001'),
      'bills/0003_totals.sql': tableMigration('totals'),
      'mail/0001_mail.sql': tableMigration('mail', '-- wwdb:requires bills/0003'),
    },
  })
}

const unreachedStock = [
  {
    target: { database: 'stock', server: '127.0.0.1:1' },
    code: 'UNREACHABLE',
    fault: { what: expect.stringContaining('127.0.0.1:1'), why: 'Nothing is listening there.' },
  },
]

describe('one server of several is down', () => {
  test('migrate, status, plan and history continue with the others, and name what they did not reach', async () => {
    const { run, json, tables } = await fourDatabases()

    const plan = await json(['plan', '--no-probe'])
    expect(plan.answer).toMatchObject({
      exitCode: 69,
      plan: {
        unreached: unreachedStock,
        targets: [
          { target: { database: 'people' }, steps: [{ version: '0001' }], blocked: [] },
          {
            target: { database: 'bills' },
            steps: [{ version: '0001' }],
            blocked: [
              { version: '0002', by: 'stock/0001', database: 'stock', server: '127.0.0.1:1' },
              { version: '0003', by: 'bills/0002', database: 'stock', server: '127.0.0.1:1' },
            ],
          },
          { target: { database: 'mail' }, steps: [], blocked: [{ version: '0001', by: 'bills/0003' }] },
        ],
      },
    })
    const told = await run(['plan', '--no-probe'])
    expect(told.exitCode).toBe(69)
    expect(told.stdout).toContain('blocked 0002_lines')
    expect(told.stdout).toContain('stock/0001')

    const migrate = await run(['migrate'])
    expect(migrate.exitCode).toBe(69)
    expect(migrate.stderr).toContain('Cannot connect to MySQL at 127.0.0.1:1')
    expect(migrate.stdout).toMatch(/✗ stock +not reached/)
    expect(migrate.stdout).toMatch(/! bills +blocked: 1 migration applied, 2 not/)
    expect(migrate.stdout).toMatch(/! mail +blocked/)
    expect(migrate.stdout).toContain('stock/0001')
    expect(await tables('people')).toEqual(['people'])
    expect(await tables('bills')).toEqual(['bills'])
    expect(await tables('mail')).toEqual([])

    const again = await json(['migrate'])
    expect(again.answer).toMatchObject({
      exitCode: 69,
      outcomes: [
        { target: { database: 'people' }, state: 'nothing-to-do' },
        { target: { database: 'stock' }, state: 'not-reached', code: 'UNREACHABLE' },
        {
          target: { database: 'bills' },
          state: 'blocked',
          notDone: ['0002_lines', '0003_totals'],
          code: 'BLOCKED',
          fault: { what: expect.stringContaining('stock/0001'), where: { server: '127.0.0.1:1' } },
        },
        { target: { database: 'mail' }, state: 'blocked', notDone: ['0001_mail'] },
      ],
    })

    const status = await json(['status'])
    expect(status.answer).toMatchObject({ exitCode: 69, unreached: unreachedStock })
    expect(status.answer['targets']).toHaveLength(3)
    const text = await run(['status'])
    expect(text.exitCode).toBe(69)
    expect(text.stdout).toMatch(/✗ stock in \S+ at 127\.0\.0\.1:1: not reached/)
    expect((await json(['history'])).answer).toMatchObject({ exitCode: 69, unreached: unreachedStock })
  })

  test('the chosen databases are reached: nothing else is asked for, but what needs the others is blocked', async () => {
    const { json } = await fourDatabases()
    expect((await json(['migrate', '--target', 'people'])).answer).toMatchObject({ exitCode: 0 })
    expect((await json(['migrate', '--target', 'bills'])).answer).toMatchObject({
      exitCode: 69,
      outcomes: [{ state: 'blocked', done: ['0001_bills'], notDone: ['0002_lines', '0003_totals'] }],
    })
  })

  test('a rollback that counts over all databases is refused, with --to the others continue', async () => {
    const { run, json, tables } = await fourDatabases()
    await run(['migrate'])
    const refused = await run(['rollback', '--yes'])
    expect(refused).toMatchObject({ exitCode: 69, stdout: '' })
    expect(refused.stderr).toContain('stock')
    expect(refused.stderr).toContain('--target')
    expect(await tables('bills')).toEqual(['bills'])
    const redo = await run(['redo', '--yes'])
    expect(redo.exitCode).toBe(69)
    const all = await json(['rollback', '--to', '0', '--yes'])
    expect(all.answer).toMatchObject({ exitCode: 69 })
    expect(await tables('bills')).toEqual([])
    expect(await tables('people')).toEqual([])
  })

  test('a right that is missing on the schema of one is named with its GRANT, also where another database depends on it', async () => {
    const { query, schema: _, ...plain } = await stage()
    const user = plain.prefix.replace(/_$/, '')
    await query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'p'`)
    const url = new URL(plain.url)
    try {
      const { run, json, schema } = await fourDatabases(`mysql://${user}:p@${url.host}`)
      const grant = `GRANT SELECT ON \`${schema('stock').replaceAll('_', '\\_')}\`.*`
      const { answer } = await json(['migrate'])
      expect(answer).toMatchObject({
        exitCode: 69,
        outcomes: [
          { target: { database: 'people' }, state: 'done' },
          { state: 'not-reached', code: 'ACCESS_DENIED', fault: { next: expect.stringContaining(grant) } },
          { state: 'blocked', fault: { next: expect.stringContaining(grant) } },
          { state: 'blocked', fault: { next: expect.stringContaining(grant) } },
        ],
      })
      const all = [await run(['plan', '--no-probe']), await run(['status']), await run(['rollback', '--yes'])]
      for (const { stdout, stderr } of all) expect(stdout + stderr).not.toMatch(/reachable/)
    } finally {
      await query(`DROP USER '${user}'@'%'`)
    }
  })

  test('no server answers: the error alone, exit 69', async () => {
    const { run } = await stage({ configuration: { url: down } })
    for (const command of ['migrate', 'status', 'plan', 'history']) {
      const { exitCode, stdout, stderr } = await run([command])
      expect({ exitCode, stdout }, command).toEqual({ exitCode: 69, stdout: '' })
      expect(stderr).toContain('Code: UNREACHABLE')
    }
  })

  test('a plan in a file wants every database', async () => {
    const { run } = await fourDatabases()
    const { exitCode, stderr } = await run(['plan', '--out', 'p.json'])
    expect(exitCode).toBe(69)
    expect(stderr).toContain('127.0.0.1:1')
  })

  test('db ping, lock status, mark and baseline', async () => {
    const { run, json } = await fourDatabases()
    expect((await json(['db', 'ping'])).answer).toMatchObject({
      exitCode: 69,
      databases: [
        { state: 'reachable' },
        { target: { database: 'stock' }, state: 'unreachable', detail: expect.stringContaining('127.0.0.1:1') },
        { state: 'reachable' },
        { state: 'reachable' },
      ],
    })
    expect((await json(['lock', 'status'])).answer).toMatchObject({
      exitCode: 69,
      locks: [{ held: false }, { held: false }, { held: false }],
      unreached: unreachedStock,
    })
    expect((await run(['lock', 'status'])).stdout).toMatch(/✗ stock in \S+ at 127\.0\.0\.1:1: not reached/)
    expect((await json(['baseline', '0001', '--accept-drift'])).answer).toMatchObject({
      exitCode: 69,
      outcomes: [{ state: 'done' }, { state: 'not-reached' }, { state: 'done' }, { state: 'done' }],
    })
  })
  test('check references: keys between servers that were reached are checked, the others are named', async () => {
    const { run, json, query } = await stage({
      databases: ['people', 'stock', 'bills'],
      configuration: { references: 'logical', databases: { people: {}, stock: { url: down }, bills: {} } },
      files: {
        'people/0001_people.sql': tableMigration('people'),
        'stock/0001_items.sql': tableMigration('items'),
        'bills/0001_bills.sql': migration('CREATE TABLE bills (person INT, item INT);'),
        'bills/0002_keys.sql': migration(
          `ALTER TABLE bills ADD CONSTRAINT fk_person FOREIGN KEY (person) REFERENCES {{schema:people}}.people (id),
  ADD CONSTRAINT fk_item FOREIGN KEY (item) REFERENCES {{schema:stock}}.items (id);`,
          undefined,
          '-- wwdb:when references=physical',
        ),
      },
    })
    await run(['migrate'])
    await query('INSERT INTO bills VALUES (7, 7)', 'bills')
    const all = await json(['check', 'references'])
    expect(all.answer).toMatchObject({
      exitCode: 69,
      unreached: unreachedStock,
      keys: [
        { name: 'fk_person', state: 'orphaned', rows: 1 },
        { name: 'fk_item', state: 'unchecked', why: expect.stringContaining('127.0.0.1:1') },
      ],
    })
    // The parent's server is not among the chosen databases, and is needed all the same.
    expect((await json(['check', 'references', '-t', 'bills'])).answer).toMatchObject({ exitCode: 69, unreached: [] })
    expect((await run(['check', 'references'])).stdout).toMatch(/✗ stock in \S+ at 127\.0\.0\.1:1: not reached/)
  })

  test('seed and up continue with the databases that were reached', async () => {
    const seeds = 'table: people\nkey: id\nrows:\n  - id: 1\n'
    const { run, json, tables, query } = await stage({
      databases: ['people', 'stock'],
      create: false,
      configuration: { databases: { people: {}, stock: { url: down } } },
      files: {
        'people/0001_people.sql': tableMigration('people'),
        'stock/0001_stock.sql': tableMigration('stock'),
        'seeds/people/people.yaml': seeds,
        'seeds/stock/stock.yaml': seeds.replace('people', 'stock'),
      },
    })
    const up = await json(['up'])
    expect(up.answer).toMatchObject({
      exitCode: 69,
      steps: [
        { step: 'create', state: 'failed', exitCode: 69, faults: [{ where: { server: '127.0.0.1:1' } }] },
        { step: 'migrate', state: 'done', exitCode: 0 },
        { step: 'rotate', state: 'left-out' },
        { step: 'seed', state: 'done', exitCode: 0 },
        { step: 'setup', state: 'left-out' },
      ],
    })
    expect(await tables('people')).toContain('people')
    await query('DELETE FROM people', 'people')
    const seed = await json(['seed'])
    expect(seed.answer).toMatchObject({
      exitCode: 69,
      outcomes: [
        { target: { database: 'people' }, state: 'done' },
        { target: { database: 'stock' }, state: 'not-reached', code: 'UNREACHABLE' },
      ],
    })
    const told = await run(['seed', 'plan'])
    expect(told.exitCode).toBe(69)
    expect(told.stdout).toMatch(/✗ stock +not reached at 127\.0\.0\.1:1/)
  })
})

describe('schemas while one server of several is down', () => {
  test('dump, diff and drift answer for what they reach, and list the rest', async () => {
    const { run, json, query } = await fourDatabases()
    await run(['migrate'])
    await query('CREATE TABLE stray (id INT PRIMARY KEY)', 'people')

    const dump = await run(['schema', 'dump'])
    expect(dump.exitCode).toBe(69)
    expect(dump.stderr).toContain(
      '`stock` is left out: Cannot connect to MySQL at 127.0.0.1:1: Nothing is listening there.',
    )
    expect(dump.stdout).toContain('CREATE TABLE `bills`')

    const drift = await json(['drift'])
    expect(drift.answer).toMatchObject({ exitCode: 69, differences: 1, unreached: unreachedStock })
    expect(drift.answer['databases']).toMatchObject([
      { database: 'people' },
      { database: 'bills' },
      { database: 'mail' },
    ])
    const shown = await run(['drift'])
    expect(shown.stdout).toMatch(/✗ stock in \S+ at 127\.0\.0\.1:1: not reached/)
    const sql = await run(['drift', '--sql'])
    expect(sql).toMatchObject({ exitCode: 69, stdout: expect.stringContaining('DROP TABLE `stray`') })
    expect(sql.stderr).toContain('`stock` is left out')

    // What the files of `bills` and `mail` make is not known without `stock`.
    const needsStock = ['stock', 'bills', 'mail'].map((database) => ({ target: { database } }))
    const diff = await json(['schema', 'diff'])
    expect(diff.answer).toMatchObject({ exitCode: 69, differences: 1, databases: [{ database: 'people' }] })
    expect(diff.answer['unreached']).toHaveLength(3)
    expect(diff.answer['unreached']).toEqual(
      expect.arrayContaining(
        needsStock.map((one) => expect.objectContaining({ target: expect.objectContaining(one.target) })),
      ),
    )
    expect(diff.answer['unreached']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          code: 'BLOCKED',
          target: expect.objectContaining({ schema: expect.not.stringContaining('scratch') }),
        }),
      ]),
    )
    const replay = await json(['drift', '--replay'])
    expect(replay.answer).toMatchObject({ exitCode: 69, differences: 1 })

    const reverted = await json(['drift', '--revert', '--yes', '--allow', 'drop-table'])
    expect(reverted.answer).toMatchObject({ exitCode: 69 })
    expect(await query("SHOW TABLES LIKE 'stray'", 'people')).toEqual([])
    expect((await json(['drift', '-t', 'people'])).answer).toMatchObject({ exitCode: 0 })
    expect((await json(['drift', '-t', 'stock'])).answer).toMatchObject({ exitCode: 69, code: 'UNREACHABLE' })
  })

  test('dump, diff and drift list a database whose schema is not there', async () => {
    const { run, json, query, schema } = await stage({
      databases: ['people', 'bills'],
      files: { 'people/0001_people.sql': tableMigration('people'), 'bills/0001_bills.sql': tableMigration('bills') },
    })
    await run(['migrate'])
    await query(`DROP DATABASE \`${schema('bills')}\``)
    const missing = [{ target: { database: 'bills', schema: schema('bills') }, code: 'SCHEMA_MISSING' }]
    expect((await json(['drift'])).answer).toMatchObject({ exitCode: 69, differences: 0, unreached: missing })
    expect((await json(['schema', 'diff'])).answer).toMatchObject({ exitCode: 69, differences: 0, unreached: missing })
    const dump = await run(['schema', 'dump'])
    expect(dump).toMatchObject({ exitCode: 69, stdout: expect.stringContaining('CREATE TABLE `people`') })
    expect((await json(['drift', '-t', 'bills'])).answer).toMatchObject({ exitCode: 2, code: 'SCHEMA_MISSING' })
  })
})
