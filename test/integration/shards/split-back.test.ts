import { type Connection, createConnection } from 'mysql2/promise'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { openSplitStage, piecesOf, triggersOf } from '../../helpers/shards/split-stage.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

/** Two rows that one table cannot have, in shards and in the table that is kept: neither may be lost when a split is taken back. */

const openStage = withStages()

async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode: code } = await stage.run(args)
  const text = (stdout + stderr).replaceAll(/\s+/g, ' ')
  expect(code, `${args.join(' ')}: ${text}`).toBe(exitCode)
  return text
}

const holdOf = async (stage: Stage): Promise<string> =>
  (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''

async function connect(stage: Stage): Promise<Connection> {
  const connection = await createConnection({ uri: stage.url, database: stage.schema('app') })
  onTestFinished(() => connection.destroy())
  return connection
}

describe.each(versionsInTurn(import.meta.url))('a split that is taken back, MySQL %s', (version) => {
  const columns =
    'id BIGINT NOT NULL AUTO_INCREMENT, tenant BIGINT NOT NULL, mail VARCHAR(40) NOT NULL, PRIMARY KEY (id), UNIQUE KEY by_mail (mail)'
  const members = ['shards', 'split', 'members', '--into', 'members', '--yes']

  /** Members of two tenants, whose shards count their own ids; those of the first have even ones. */
  const openMembers = async (rows: number): Promise<Stage> => {
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      files: {
        'app/0001_members.sql': migration(
          `CREATE TABLE tenants (id BIGINT PRIMARY KEY); CREATE TABLE members (${columns});`,
          'DROP TABLE members; DROP TABLE tenants;',
        ),
        'shard-templates/app/members.sql': `-- wwdb:keys app.tenants(id)\n-- wwdb:name members_{key}\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${columns});\n`,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    await stage.query('INSERT INTO tenants VALUES (1), (2)')
    await stage.query(
      `INSERT INTO members (id, tenant, mail) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows}) SELECT i, 1 + i % 2, CONCAT('m', i) FROM s`,
    )
    await run(stage, 0, ...members, '--by', 'tenant')
    return stage
  }

  test('its shards have the names of their keys, also where the column shows zeros before them', async () => {
    const zeros = 'id BIGINT NOT NULL, tenant INT(4) ZEROFILL NOT NULL, PRIMARY KEY (id)'
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      files: {
        'app/0001_members.sql': migration(
          `CREATE TABLE tenants (id BIGINT PRIMARY KEY); CREATE TABLE members (${zeros});`,
          'DROP TABLE members; DROP TABLE tenants;',
        ),
        'shard-templates/app/members.sql': `-- wwdb:keys app.tenants(id)\n-- wwdb:name members_{key}\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${zeros});\n`,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    await stage.query('INSERT INTO tenants VALUES (0), (7)')
    await stage.query('INSERT INTO members VALUES (1, 7), (2, 0), (3, 7)')
    await run(stage, 0, ...members, '--by', 'tenant')
    expect(await stage.query('SELECT id FROM members_7 UNION ALL SELECT id FROM members_0')).toEqual([[1], [3], [2]])
  })

  test('a row of no shard whose key a shard has given as well is named, and both stay', {
    timeout: 120_000,
  }, async () => {
    const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']
    const stage = await openSplitStage(openStage, (await testServerOf(version)).url, 300)
    await run(stage, 0, ...split)
    const hold = await holdOf(stage)
    // As if it had been written between the comparison and the cut-over: no shard knows of its id.
    await stage.query(`INSERT INTO \`${hold}\` (id, \`key\`, created_at) VALUES (900001, 'early', '2001-01-01')`)
    const [[now] = []] = await stage.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(), 'orders_%Y%m')")
    await stage.query(`INSERT INTO \`${now}\` (id, \`key\`, created_at) VALUES (900001, 'new', UTC_TIMESTAMP())`)
    const refused = await run(stage, 2, ...split, '--undo')
    expect(refused).toContain('The row 900001 of')
    expect(refused).toContain('one of them has another row of this key')
    expect(await triggersOf(stage)).toEqual([])
    expect(await stage.query(`SELECT \`key\` FROM \`${hold}\` WHERE id = 900001`)).toEqual([['early']])
    expect(await stage.query(`SELECT \`key\` FROM \`${now}\` WHERE id = 900001`)).toEqual([['new']])
    await stage.query(`UPDATE \`${now}\` SET id = 900002 WHERE id = 900001`)
    await run(stage, 0, ...split, '--undo')
    expect(await stage.query('SELECT id, `key` FROM `order` WHERE id > 900000 ORDER BY id')).toEqual([
      [900001, 'early'],
      [900002, 'new'],
    ])
    expect(await piecesOf(stage)).not.toEqual([])
  })

  test('values of a unique key that went from row to row since are carried, in whatever order', {
    timeout: 120_000,
  }, async () => {
    const stage = await openMembers(600)
    // Rows are carried by the hundred: the two that have changed theirs are in different ones.
    await stage.query("UPDATE members_1 SET mail = CONCAT('later', id) WHERE id BETWEEN 3 AND 599")
    await stage.query("UPDATE members_1 SET mail = 'aside' WHERE id = 2")
    await stage.query("UPDATE members_1 SET mail = 'm2' WHERE id = 600")
    await stage.query("UPDATE members_1 SET mail = 'm600' WHERE id = 2")
    const written = await stage.query('SELECT * FROM members_1 UNION ALL SELECT * FROM members_2 ORDER BY 1')
    await run(stage, 0, ...members, '--undo')
    expect(await stage.query('SELECT * FROM members ORDER BY 1')).toEqual(written)
    expect(await triggersOf(stage)).toEqual([])
  })

  test('a row that comes meanwhile with the key of another shard’s is refused, and none is replaced', {
    timeout: 120_000,
  }, async () => {
    const stage = await openMembers(20)
    await stage.query("UPDATE members_1 SET mail = 'other' WHERE id = 4")
    const [holder, writer] = [await connect(stage), await connect(stage)]
    // What is carried waits for this row.
    await holder.query('START TRANSACTION')
    await holder.query(`SELECT * FROM \`${await holdOf(stage)}\` WHERE id = 4 FOR UPDATE`)
    const undo = stage.start([...members, '--undo'])
    await expect.poll(async () => (await triggersOf(stage)).length).toBe(6)
    await expect(writer.query("INSERT INTO members_2 VALUES (2, 2, 'new')")).rejects.toMatchObject({ errno: 1644 })
    await expect(writer.query("UPDATE members_2 SET mail = 'm6' WHERE id = 1")).rejects.toMatchObject({ errno: 1644 })
    await expect(writer.query("INSERT IGNORE INTO members_2 VALUES (8, 2, 'new')")).rejects.toMatchObject({
      errno: 1644,
    })
    await expect(writer.query('UPDATE IGNORE members_2 SET id = 10 WHERE id = 5')).rejects.toMatchObject({
      errno: 1644,
    })
    await writer.query("INSERT INTO members_2 VALUES (21, 2, 'm21')")
    await writer.query("UPDATE members_2 SET mail = 'late', id = 23 WHERE id = 3")
    await holder.query('COMMIT')
    const ended = await undo.ended
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(
      await stage.query('SELECT id, tenant, mail FROM members WHERE id IN (1, 2, 3, 4, 5, 8, 10, 21, 23) ORDER BY id'),
    ).toEqual([
      [1, 2, 'm1'],
      [2, 1, 'm2'],
      [4, 1, 'other'],
      [5, 2, 'm5'],
      [8, 1, 'm8'],
      [10, 1, 'm10'],
      [21, 2, 'm21'],
      [23, 2, 'late'],
    ])
  })
})

describe.each(versionsInTurn(import.meta.url))('a run that died behind its last step, MySQL %s', (version) => {
  const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']
  const open = async (): Promise<Stage> => {
    const stage = await openSplitStage(openStage, (await testServerOf(version)).url, 200)
    await run(stage, 0, ...split)
    return stage
  }

  test('frees the shards for rotation when `--final` runs again, and then has nothing to do', async () => {
    const stage = await open()
    await run(stage, 0, ...split, '--final')
    const [[now] = []] = await stage.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m')")
    // As the run had left it, had it died between the two.
    const reason = ['--key', String(now), '--reason', '`order` is split into it']
    await run(stage, 0, 'shards', 'protect', '--family', 'orders', ...reason)
    const list = (): Promise<string> => run(stage, 0, 'shards', 'list', '--family', 'orders', '--json')
    expect(await list()).toContain('is split into it')
    await run(stage, 0, ...split, '--final')
    expect(await list()).not.toContain('is split into it')
    expect(await run(stage, 2, ...split, '--final')).toContain('It was confirmed')
  })

  test('takes nothing from the shards for another table that has the name by now', async () => {
    const stage = await open()
    // As the run had left it, had it died right behind its RENAME; then an application made its table again.
    await stage.query("UPDATE wwdb_split SET state = 'copied'")
    await stage.query('CREATE TABLE `order` (id BIGINT PRIMARY KEY)')
    await stage.query(`INSERT INTO \`order\` SELECT id FROM \`${await holdOf(stage)}\``)
    expect(await run(stage, 2, ...split, '--undo')).toContain('created by somebody else, beside the held one')
    const counts = await Promise.all(
      (await piecesOf(stage)).map(async (piece) => stage.query(`SELECT COUNT(*) FROM \`${piece}\``)),
    )
    expect(counts.flat().reduce((sum, [count]) => sum + Number(count), 0)).toBe(200)
  })
})

describe.each(versionsInTurn(import.meta.url))('a table that could not be split to its end, MySQL %s', (version) => {
  const split = ['shards', 'split', 'visits', '--into', 'visits', '--yes']
  const open = async (columns: string, inShards = columns): Promise<Stage> => {
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      files: {
        'app/0001_visits.sql': migration(`CREATE TABLE visits (${columns});`, 'DROP TABLE visits;'),
        'shard-templates/app/visits.sql': `-- wwdb:period month\n-- wwdb:name visits_{YYYYMM}\n-- wwdb:time at\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${inShards});\n`,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    return stage
  }
  const expectUntouched = async (stage: Stage): Promise<void> =>
    expect((await stage.tables()).filter((name) => /^(?:visits_|wwdb_split)/.test(name))).toEqual([])

  test.each([
    ['a TIMESTAMP in its primary key', 'id INT NOT NULL, at TIMESTAMP NOT NULL, PRIMARY KEY (id, at)'],
    [
      'a computed column in its primary key',
      'id INT NOT NULL, at DATETIME NOT NULL, day INT AS (id % 7) STORED NOT NULL, PRIMARY KEY (day, id)',
    ],
  ])('is refused before anything is written: %s', async (_, columns) => {
    const stage = await open(columns)
    expect(await run(stage, 2, ...split)).toContain('have no order in which they can be walked')
    await expectUntouched(stage)
  })

  test('is refused where a shard would push out a row that the table has', async () => {
    const columns = 'id INT NOT NULL, at DATETIME NOT NULL, mail VARCHAR(40) NULL, PRIMARY KEY (id)'
    const stage = await open(columns, `${columns}, UNIQUE KEY by_mail (mail)`)
    expect(await run(stage, 2, ...split)).toContain('it alone has `index `by_mail` unique BTREE (`mail`)`')
    await expectUntouched(stage)
  })

  test('is refused where a date of zeros hides how old its rows are', async () => {
    const stage = await open('id INT NOT NULL, at DATETIME NULL, PRIMARY KEY (id)')
    await stage.query("SET SESSION sql_mode = ''")
    await stage.query("INSERT INTO visits VALUES (1, '0000-00-00'), (2, NOW() - INTERVAL 90 DAY), (3, NOW())")
    expect(await run(stage, 2, ...split)).toContain('no key of the family: 0000-00-00 00:00:00')
    await expectUntouched(stage)
  })
})
