import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const sequence = (name: string) => [
  `CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL, cache BIGINT NOT NULL) COMMENT 'vitess_sequence'`,
  `INSERT INTO ${name} (id, next_id, cache) VALUES (0, 1, 10)`,
  `ALTER VSCHEMA ADD SEQUENCE ${name}`,
]
/** The roles are on the shards of their codes, and their rights on those of the numbers of the roles. */
const tables = [
  "CREATE TABLE roles (id BIGINT NOT NULL PRIMARY KEY, code VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL, title VARCHAR(40) NOT NULL DEFAULT '', level DECIMAL(5,2) NULL, options JSON NULL, doubled DECIMAL(7,2) AS (level * 2), UNIQUE KEY uk_code (code))",
  'CREATE TABLE rights (id BIGINT NOT NULL PRIMARY KEY, role_id BIGINT NOT NULL, action VARCHAR(20) NOT NULL, UNIQUE KEY uk_right (role_id, action))',
  'ALTER VSCHEMA ON roles ADD VINDEX by_code (code) USING xxhash',
  'ALTER VSCHEMA ON roles ADD AUTO_INCREMENT id USING user_db.role_ids',
  'ALTER VSCHEMA ON rights ADD VINDEX by_role (role_id) USING xxhash',
  'ALTER VSCHEMA ON rights ADD AUTO_INCREMENT id USING user_db.right_ids',
]
const codes = ['admin', 'reader', 'writer', 'guest', 'owner', 'auditor']
const role = (code: string, title = code): string =>
  `  - { code: ${code}, title: ${title}, level: 2, options: { b: [1, true], a: null } }\n`
const roles = (rows: string): string => `table: roles\nkey: code\nrows:\n${rows}`
const right = (code: string): string => `  - { role: ${code}, action: act }\n`
const rights = (rows: string): string =>
  `table: rights\nkey: [role, action]\nreferences:\n  role: { table: roles, key: code }\nrows:\n${rows}`
const files = {
  'seeds/message_db/roles.yaml': roles(codes.map((code) => role(code)).join('')),
  'seeds/message_db/rights.yaml': rights(codes.map(right).join('')),
}
const only = ['-t', 'message_db']
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

async function open(given: Readonly<Record<string, string>> = files): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), { files: given, ddlStrategy: 'direct' })
  for (const text of [...sequence('role_ids'), ...sequence('right_ids')]) await stage.ask(text)
  for (const text of tables) await stage.ask(text, 'message_db')
  const known = () =>
    stage.ask('SELECT r.id FROM rights g JOIN roles r ON r.id=g.role_id', 'message_db').catch(() => null)
  await expect.poll(known, { timeout: 20_000 }).toEqual([])
  const plan = () => stage.ask('VEXPLAIN PLAN INSERT INTO rights() VALUES ()', 'message_db').then(String, () => '')
  await expect.poll(plan, { timeout: 20_000 }).toContain('right_ids')
  return stage
}

const present = async ({ ask }: VitessStage) => ({
  roles: await ask('SELECT code,title,level,CAST(options AS CHAR),doubled FROM roles ORDER BY code', 'message_db'),
  rights: (await ask('SELECT r.code,g.action FROM rights g JOIN roles r ON r.id=g.role_id', 'message_db')).toSorted(),
})
const row = (code: string, title = code) => [code, title, '2.00', '{"a": null, "b": [1, true]}', '4.00']
const all = {
  roles: codes.toSorted().map((code) => row(code)),
  rights: codes.toSorted().map((code) => [code, 'act']),
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('seeds of a sharded keyspace', () => {
  it('are inserted on their shards, updated and removed with their references, and nothing is done the second time', {
    timeout: 180_000,
  }, async () => {
    const stage = await open()
    const plan = await stage.run(['seed', 'plan', '--exit-code', ...only])
    expect([plan.exitCode, plan.stdout], plan.stderr).toEqual([1, expect.stringContaining('12 to insert')])
    const first = await stage.run(['seed', ...only])
    expect([first.exitCode, first.stdout], first.stderr).toEqual([
      0,
      expect.stringContaining('12 inserted, 0 up to date'),
    ])
    expect(await present(stage)).toEqual(all)
    const counts = (await stage.onShards('SELECT COUNT(*) FROM roles', 'message_db')).flat(2).map(Number)
    expect([counts.every((count) => count > 0), counts.reduce((sum, one) => sum + one, 0)]).toEqual([true, 6])
    expect(await stage.ask('SELECT version,state FROM wwdb_journal_message_db WHERE pass>0')).toEqual([
      ['S__rows', 'closed'],
    ])
    expect(await stage.ask('SELECT table_name,inserted,COUNT(*) FROM wwdb_seed_rows_message_db GROUP BY 1,2')).toEqual([
      ['rights', 1, 6],
      ['roles', 1, 6],
    ])

    const second = await stage.run(['seed', ...only])
    expect([second.exitCode, second.stdout], second.stderr).toEqual([
      0,
      expect.stringContaining('nothing to do: 12 up to date'),
    ])

    const kept = codes.filter((code) => code !== 'guest')
    stage.write(
      'seeds/message_db/roles.yaml',
      roles(
        kept
          .map((code) => role(code, '主管'))
          .join('')
          .replace('主管', 'new'),
      ),
    )
    stage.write('seeds/message_db/rights.yaml', rights(right('admin')))
    // The collation of the column has no character of the first title.
    const third = await stage.run(['seed', '--prune', '--yes', ...only])
    expect([third.exitCode, third.stdout], third.stderr).toEqual([0, expect.stringMatching(/5 updated, 6 deleted/)])
    expect(await present(stage)).toEqual({
      roles: kept.toSorted().map((code) => row(code, code === 'admin' ? 'new' : '主管')),
      rights: [['admin', 'act']],
    })
    expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode).toBe(0)
  })

  it('find a row as the collation of its key has it', { timeout: 120_000 }, async () => {
    const seed = 'table: people\nkey: name\nrows:\n  - { name: ann, n: 5 }\n  - { name: bob, n: 6 }\n'
    const stage = await open({ 'seeds/message_db/people.yaml': seed })
    await stage.ask('CREATE TABLE people (name VARCHAR(20) PRIMARY KEY, n BIGINT NOT NULL)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON people ADD VINDEX by_n (n) USING xxhash', 'message_db')
    const insert = () => stage.ask("INSERT INTO people VALUES ('Ann', 5)", 'message_db').then(() => true, String)
    await expect.poll(insert, { timeout: 20_000 }).toBe(true)
    const run = await stage.run(['seed', ...only])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([
      0,
      expect.stringContaining('1 inserted, 1 changed by hand and kept'),
    ])
    expect(await stage.ask('SELECT name,n FROM people ORDER BY n', 'message_db')).toEqual([
      ['Ann', 5],
      ['bob', 6],
    ])
  })

  it.each([
    [
      roles('  - { code: admin, level: many }\n'),
      /A value does not fit the column `level` of `roles`.*Incorrect decimal value/,
    ],
    [roles('  - { code: admin, title: null }\n'), /does not fit the column `title` of `roles`.*cannot be null/],
    [roles(role('Admin') + role('admin')), /`roles` treats the keys of two rows as equal/],
    [
      'table: rights\nkey: [role_id, action]\nrows:\n  - { id: 1, action: act, role_id: 7 }\n  - { id: 2, action: act, role_id: none }\n',
      /does not fit the column `role_id`/,
    ],
  ])('say what does not fit, before anything is written: %s', { timeout: 60_000 }, async (text, said) => {
    const stage = await open({ 'seeds/message_db/a.yaml': text })
    const run = await stage.run(['seed', ...only])
    expect([run.exitCode, flat(run.stderr)]).toEqual([2, expect.stringMatching(said)])
    expect(run.stderr).not.toMatch(/BindVars|CallerID|vttablet|wwdb_seed_/)
    expect((await present(stage)).roles).toEqual([])
  })

  it('are refused where vtgate would not know the shard of a row', { timeout: 60_000 }, async () => {
    const stage = await open({
      'seeds/message_db/plain.yaml': 'table: plain\nkey: id\nrows:\n  - { id: 1 }\n',
      'seeds/message_db/spread.yaml': 'table: spread\nkey: id\nrows:\n  - { id: 1 }\n',
    })
    await stage.ask('CREATE TABLE plain (id BIGINT PRIMARY KEY)', 'message_db')
    await stage.ask('CREATE TABLE spread (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON spread ADD VINDEX by_n (n) USING xxhash', 'message_db')
    const run = await stage.run(['seed', ...only])
    expect(run.exitCode).toBe(2)
    expect(flat(run.stderr)).toContain('The rows of `plain` cannot be seeded: the VSchema has no vindex for it.')
    expect(flat(run.stderr)).toContain('Rows of `spread` have no value for `n`.')
  })

  it('are refused where two shards have a row of one key', { timeout: 60_000 }, async () => {
    const seed = 'table: spread\nkey: id\nrows:\n  - { id: 1, n: 1 }\n'
    const stage = await open({ 'seeds/message_db/spread.yaml': seed })
    await stage.ask('CREATE TABLE spread (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)', 'message_db')
    await stage.ask('ALTER VSCHEMA ON spread ADD VINDEX by_n (n) USING xxhash', 'message_db')
    for (const shard of ['-80', '80-']) await stage.ask('INSERT INTO spread VALUES (1, 5)', `message_db:${shard}`)
    const run = await stage.run(['seed', ...only])
    expect([run.exitCode, flat(run.stderr)]).toEqual([
      2,
      expect.stringContaining('The key `id` of a seed finds several rows of `spread`.'),
    ])
  })

  it('are programs, too, each for one text, and end as after one run where some shards had committed before', {
    timeout: 180_000,
  }, async () => {
    const insert = `INSERT INTO roles (code, title, level) VALUES ${codes.map((code) => `('${code}', '主管', 1)`).join(', ')} ON DUPLICATE KEY UPDATE title = VALUES(title);`
    const update = "UPDATE roles SET options = JSON_ARRAY(1) WHERE code IN ('admin', 'guest', 'owner');"
    const stage = await open({ 'seeds/message_db/010_roles.sql': `${insert}\n${update}\n` })
    const plan = await stage.run(['seed', 'plan', '--exit-code', ...only])
    expect([plan.exitCode, plan.stdout], plan.stderr).toEqual([1, expect.stringContaining('1 script to run')])
    const first = await stage.run(['seed', ...only])
    expect([first.exitCode, first.stdout], first.stderr).toEqual([0, expect.stringContaining('1 script run')])
    const found = () =>
      stage.ask('SELECT code,title,level,CAST(options AS CHAR) FROM roles ORDER BY code', 'message_db')
    const wanted = codes
      .toSorted()
      .map((code) => [code, '主管', '1.00', ['admin', 'guest', 'owner'].includes(code) ? '[1]' : null])
    expect(await found()).toEqual(wanted)
    const counts = (await stage.onShards('SELECT COUNT(*) FROM roles', 'message_db')).flat(2).map(Number)
    expect(counts.every((count) => count > 0)).toBe(true)
    const second = await stage.run(['seed', ...only])
    expect([second.exitCode, second.stdout], second.stderr).toEqual([0, expect.stringContaining('nothing to do')])

    // What a kill leaves: one shard has committed, and neither the other one nor the journal.
    await stage.ask('DELETE FROM roles', 'message_db:80-')
    await stage.ask("UPDATE wwdb_journal_message_db SET state='entered',closed_at=NULL WHERE pass>0")
    // A run of something else settles it, and forgets nothing.
    const other = await stage.run(['migrate', ...only])
    expect([other.exitCode, flat(other.stderr)]).toEqual([
      0,
      expect.stringContaining('of an earlier run may have run: the run ended while its shards committed it'),
    ])
    const planned = await stage.run(['seed', 'plan', ...only])
    expect(flat(planned.stdout), planned.stderr).toContain(
      'An earlier run ended while shards committed it: some may have it, and it runs again on all of them.',
    )
    const file = 'seeds/message_db/010_roles.sql'
    stage.write(file, `${insert}\n`)
    const edited = await stage.run(['seed', 'plan', ...only])
    expect(flat(edited.stdout), edited.stderr).toContain('while shards committed a former text of it')
    stage.write(file, `${insert}\n${update}\n`)
    const again = await stage.run(['seed', ...only])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.stringContaining('1 script run')])
    expect(await found()).toEqual(wanted)
    expect((await stage.run(['seed', 'plan', '--exit-code', ...only])).exitCode).toBe(0)
    stage.write(file, `${insert}\n`)
    expect((await stage.run(['seed', 'plan', ...only])).stdout).not.toContain('ended while shards')
  })

  it('are no programs in code, and no statement that a repeated run might do twice or vtgate does not know a shard for', {
    timeout: 120_000,
  }, async () => {
    const stage = await open({
      'seeds/message_db/010_code.mjs': 'export async function seed() {}\n',
      'seeds/message_db/020_set.sql': 'SET @a = 1;\n',
    })
    const code = await stage.run(['seed', ...only])
    expect(code.exitCode).toBe(2)
    expect(flat(code.stderr)).toContain('`seeds/message_db/010_code.mjs` is code.')
    expect(flat(code.stderr)).toContain('020_set.sql` (SET) does not run through vtgate.')
    const statements = [...only, '--only', '020_set']
    stage.write(
      'seeds/message_db/020_set.sql',
      "INSERT INTO roles (code) VALUES ('a');\nUPDATE roles SET level = level + 1;\n",
    )
    const repeated = await stage.run(['seed', ...statements])
    expect(repeated.exitCode).toBe(2)
    expect(flat(repeated.stderr)).toContain(
      'Statement 1 of `seeds/message_db/020_set.sql` (INSERT) cannot run in a sharded keyspace, where a run that ended between two shards is repeated.',
    )
    expect(flat(repeated.stderr)).toContain('Next: Write INSERT IGNORE, or ON DUPLICATE KEY UPDATE.')
    expect(flat(repeated.stderr)).toContain('Statement 2 of `seeds/message_db/020_set.sql` (UPDATE) cannot run')
    await stage.ask('CREATE TABLE plain (id BIGINT PRIMARY KEY)', 'message_db')
    stage.write('seeds/message_db/020_set.sql', 'INSERT IGNORE INTO plain (id) VALUES (1);\n')
    const plain = await stage.run(['seed', ...statements])
    expect([plain.exitCode, flat(plain.stderr)]).toEqual([
      2,
      expect.stringContaining('(INSERT) names `plain`, which has no vindex.'),
    ])
  })

  it('leave nothing where the lease was taken from the run', { timeout: 120_000 }, async () => {
    const stage = await open()
    const running = stage.start(['seed', ...only])
    const held = "SELECT 1 FROM wwdb_lease WHERE name='message_db' AND owner<>''"
    await expect.poll(() => stage.ask(held).catch(() => []), { timeout: 30_000, interval: 5 }).toHaveLength(1)
    await stage.ask("UPDATE wwdb_lease SET token=token+1,owner='',expires=UTC_TIMESTAMP(6) WHERE name='message_db'")
    const run = await running.ended
    expect([run.exitCode, flat(run.stderr)]).toEqual([2, expect.stringContaining('The lease of `message_db` was lost')])
    expect(await present(stage)).toEqual({ roles: [], rights: [] })
    const again = await stage.run(['seed', ...only])
    expect([again.exitCode, again.stdout], again.stderr).toEqual([0, expect.stringContaining('12 inserted')])
  })
})
