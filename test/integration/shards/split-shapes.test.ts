import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type OwnServer, startServer, testServerOf } from '../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

/** Splits of tables that are not a table of months by DATETIME: by instance, by TIMESTAMP, with a key of several columns, with names that are reserved words. */

const openStage = withStages()

async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode: code } = await stage.run(args)
  const text = (stdout + stderr).replaceAll(/\s+/g, ' ')
  expect(code, `${args.join(' ')}: ${text}`).toBe(exitCode)
  return text
}

/** Sends a statement again and again until it is stopped, or its table is gone. */
async function keepWriting(connection: Connection, statements: readonly ((turn: number) => string)[]) {
  const errors: string[] = []
  let [turn, isStopped] = [0, false]
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      turn += 1
      try {
        await connection.query(statements[turn % statements.length]?.(turn) ?? 'DO 0')
      } catch (error) {
        const { errno, message } = error as { readonly errno?: number; readonly message: string }
        // The table became a view of its shards, or is gone.
        if ([1146, 1288, 1347, 1394, 1395, 1471].includes(errno ?? 0)) return
        if (errno === undefined) return
        if (errno !== 1213 && errno !== 1205) errors.push(message)
      }
    }
  }
  const ended = loop()
  // Also where an expectation failed in between.
  onTestFinished(() => {
    isStopped = true
    connection.destroy()
  })
  return {
    turns: () => turn,
    errors,
    stop: async () => {
      isStopped = true
      await ended
    },
  }
}

const rowsOf = async (stage: Stage, columns: string, tables: readonly string[]): Promise<readonly unknown[]> =>
  stage.query(`${tables.map((table) => `SELECT ${columns} FROM \`${table}\``).join(' UNION ALL ')} ORDER BY 1, 2`)

const holdOf = async (stage: Stage): Promise<string> =>
  (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''

describe.each(['9.7', '8.0'] as const)('by instance, MySQL %s', (version) => {
  const columns =
    '`instance` BIGINT NOT NULL, `key` VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, `rank` INT NULL, `blob` VARBINARY(40) NULL, PRIMARY KEY (`instance`, `key`), KEY by_rank (`rank`)'
  const split = ['shards', 'split', 'groups', '--into', 'groups', '--yes']
  const open = async (): Promise<Stage> => {
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      files: {
        'app/0001_groups.sql': migration(
          `CREATE TABLE owners (id BIGINT PRIMARY KEY); CREATE TABLE \`groups\` (${columns});`,
          'DROP TABLE `groups`; DROP TABLE owners;',
        ),
        'shard-templates/app/groups.sql': `-- wwdb:keys app.owners(id)\n-- wwdb:name groups_{key}\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${columns});\n`,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    await stage.query('INSERT INTO owners VALUES (1), (2), (30)')
    await stage.query(
      "INSERT INTO `groups` WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT ELT(1 + i % 3, 1, 2, 30), CONCAT('k', i), IF(i % 5 = 0, NULL, i), UNHEX(SHA2(i, 224)) FROM s",
    )
    return stage
  }
  const own = '`instance` i, `key` k, `rank` r, HEX(`blob`) b'

  test('its key has two columns: it is split beside a writer, read through a view, and taken back', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    expect(await run(stage, 64, ...split)).toContain('`--by COLUMN`')
    expect(await run(stage, 2, ...split, '--by', 'rank')).toContain('`rank` is NULL in rows of it')
    const connection = await createConnection({ uri: stage.url, database: stage.schema('app') })
    const writer = await keepWriting(connection, [
      (n) => `INSERT INTO \`groups\` VALUES (ELT(1 + ${n} % 3, 1, 2, 30), 'w${n}', ${n}, NULL)`,
      // To another instance, and to another key.
      (n) =>
        `UPDATE \`groups\` SET \`instance\` = 1, \`key\` = CONCAT('m', \`key\`) WHERE \`instance\` = 30 AND \`key\` = 'w${n - 2}'`,
      (n) => `UPDATE IGNORE \`groups\` SET \`instance\` = IF(\`instance\` = 1, 2, 1) WHERE \`key\` = 'k${n % 300}'`,
      (n) => `DELETE FROM \`groups\` WHERE \`key\` = 'k${(n * 7) % 900}'`,
      (n) => `REPLACE INTO \`groups\` VALUES (2, 'K${n % 10}', ${n}, X'00')`,
    ])
    await expect.poll(writer.turns).toBeGreaterThan(20)
    const { answer } = await stage.json([...split, '--by', 'instance', '--view'])
    await writer.stop()
    await connection.end()
    expect(writer.errors).toEqual([])
    expect(answer).toMatchObject({ kind: 'split', state: 'held', left: [] })
    const shards = ['groups_1', 'groups_2', 'groups_30']
    const hold = await holdOf(stage)
    expect(await rowsOf(stage, own, shards)).toEqual(await rowsOf(stage, own, [hold]))
    expect(await rowsOf(stage, own, ['groups'])).toEqual(await rowsOf(stage, own, shards))
    for (const [at, key] of [1, 2, 30].entries())
      expect(await stage.query(`SELECT COUNT(*) FROM \`${shards[at] ?? ''}\` WHERE \`instance\` <> ${key}`)).toEqual([
        [0],
      ])
    expect(await stage.query('SHOW TRIGGERS')).toEqual([])

    await stage.query("UPDATE groups_2 SET `key` = CONCAT('later', `key`) ORDER BY `key` LIMIT 5")
    await stage.query('DELETE FROM groups_30 LIMIT 4')
    await stage.query("INSERT INTO groups_1 VALUES (1, 'new', 7, X'FF')")
    const written = await rowsOf(stage, own, shards)
    await run(stage, 0, ...split, '--undo')
    expect(await rowsOf(stage, own, ['groups'])).toEqual(written)
    expect(await rowsOf(stage, own, shards)).toEqual([])
    expect(await stage.query('SHOW TRIGGERS')).toEqual([])
    expect(await run(stage, 0, 'drift')).not.toContain('groups')
  })

  test('rows of an instance that came meanwhile are named, and nothing is renamed', { timeout: 60_000 }, async () => {
    const stage = await open()
    // As if its first row had come between two runs.
    const stopped = stage.start([...split, '--by', 'instance'])
    await expect.poll(async () => (await stage.query('SHOW TRIGGERS')).length, { interval: 20 }).toBe(3)
    stopped.child.kill('SIGKILL')
    await stopped.ended
    if ((await stage.tables()).includes('groups')) {
      await stage.query("INSERT INTO `groups` VALUES (77, 'k', 1, NULL)")
      expect(await run(stage, 2, ...split, '--by', 'instance')).toMatch(/the row 77, _utf8mb4 X'6B' is in no piece/)
      await stage.query('DELETE FROM `groups` WHERE `instance` = 77')
    }
    await run(stage, 0, ...split, '--by', 'instance')
    expect(await stage.query('SHOW TRIGGERS')).toEqual([])
  })
})

describe.each(['9.7', '8.0'] as const)('by a TIMESTAMP, MySQL %s', (version) => {
  let server: OwnServer
  beforeAll(async () => {
    // Its clocks show one hour twice, on 2026-11-01 from 05:00 to 07:00 UTC.
    server = await startServer({ version, machineZone: 'America/New_York' })
  })
  afterAll(() => server?.stop())

  const columns =
    'id BIGINT NOT NULL AUTO_INCREMENT, `when` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), note VARCHAR(40) NOT NULL, PRIMARY KEY (id)'
  // Its months begin at 06:00 UTC, between the two hours.
  const template = `-- wwdb:period month zone America/Costa_Rica\n-- wwdb:name order_{YYYYMM}\n-- wwdb:time when\n-- wwdb:premake 1 periods\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${columns});\n`
  const split = ['shards', 'split', 'order', '--into', 'order', '--yes']
  const second = (text: string): number => Date.parse(`${text}Z`) / 1000
  const [early, late] = [second('2026-11-01T05:30:00'), second('2026-11-01T06:30:00')]

  test('sessions of every time zone write to the shard of the instant', { timeout: 180_000 }, async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/0001_order.sql': migration(`CREATE TABLE \`order\` (${columns});`, 'DROP TABLE `order`;'),
        'shard-templates/app/order.sql': template,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    const instants = [
      early,
      late,
      second('2026-10-31T23:59:59'),
      second('2026-11-01T05:59:59.999'),
      second('2026-11-01T06:00:00'),
    ]
    for (const instant of instants) {
      await stage.query(`SET timestamp = ${instant}`)
      await stage.query("INSERT INTO `order` (note) VALUES ('before')")
    }
    await stage.query('SET timestamp = DEFAULT')
    await stage.query(
      "INSERT INTO `order` (`when`, note) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT FROM_UNIXTIME(1788000000 + i * 9000), 'bulk' FROM s",
    )
    const zones = ['SYSTEM', '+08:00', '-11:00']
    const writers = await Promise.all(
      zones.map(async (zone) => {
        const connection = await createConnection({
          uri: stage.url,
          database: stage.schema('app'),
          multipleStatements: true,
        })
        await connection.query(`SET time_zone = '${zone}'`)
        const writer = await keepWriting(connection, [
          (n) => `SET timestamp = ${n % 2 === 0 ? early : late}; INSERT INTO \`order\` (note) VALUES ('${zone}-${n}')`,
          () =>
            `SET timestamp = ${late}; UPDATE \`order\` SET \`when\` = CURRENT_TIMESTAMP(3), note = LEFT(CONCAT(note, '>'), 40) WHERE UNIX_TIMESTAMP(\`when\`) = ${early} AND note LIKE '${zone}-%' ORDER BY id LIMIT 1`,
          () =>
            `SET timestamp = ${early}; UPDATE \`order\` SET \`when\` = CURRENT_TIMESTAMP(3), note = LEFT(CONCAT(note, '<'), 40) WHERE UNIX_TIMESTAMP(\`when\`) = ${late} AND note LIKE '${zone}-%' ORDER BY id DESC LIMIT 1`,
          (n) => `DELETE FROM \`order\` WHERE note LIKE '${zone}-${n % 40}%' LIMIT 1`,
        ])
        return { connection, ...writer }
      }),
    )
    await expect.poll(() => Math.min(...writers.map((one) => one.turns()))).toBeGreaterThan(20)
    await run(stage, 0, ...split)
    for (const writer of writers) {
      await writer.stop()
      await writer.connection.end()
      expect(writer.errors).toEqual([])
    }
    const own = 'id, UNIX_TIMESTAMP(`when`) w, note'
    const shards = (await stage.tables()).filter((name) => /^order_\d{6}$/.test(name))
    const hold = await holdOf(stage)
    expect(await rowsOf(stage, own, shards)).toEqual(await rowsOf(stage, own, [hold]))
    const border = second('2026-11-01T06:00:00')
    expect(await stage.query(`SELECT COUNT(*) FROM order_202610 WHERE UNIX_TIMESTAMP(\`when\`) >= ${border}`)).toEqual([
      [0],
    ])
    expect(await stage.query(`SELECT COUNT(*) FROM order_202611 WHERE UNIX_TIMESTAMP(\`when\`) < ${border}`)).toEqual([
      [0],
    ])
    const [[inEarly] = []] = await stage.query(
      `SELECT COUNT(*) FROM order_202610 WHERE UNIX_TIMESTAMP(\`when\`) = ${early}`,
    )
    expect(Number(inEarly)).toBeGreaterThan(0)

    // Back again, by a session whose clocks show both as one.
    const session = await createConnection({ uri: stage.url, database: stage.schema('app'), multipleStatements: true })
    await session.query(
      `SET time_zone = 'SYSTEM'; SET timestamp = ${late}; INSERT INTO order_202611 (id, note) VALUES (900001, 'late')`,
    )
    await session.query("UPDATE order_202610 SET note = CONCAT(note, '!') LIMIT 3")
    await session.end()
    const written = await rowsOf(stage, own, shards)
    await run(stage, 0, ...split, '--undo')
    expect(await rowsOf(stage, own, ['order'])).toEqual(written)
  })
})

describe.each(['9.7', '8.0'] as const)('a time that may be NULL, MySQL %s', (version) => {
  const columns = 'id INT NOT NULL, at DATETIME NULL, PRIMARY KEY (id)'
  const split = ['shards', 'split', 'visits', '--into', 'visits', '--yes']

  test('is refused while there are NULLs, and one that comes meanwhile is named', { timeout: 60_000 }, async () => {
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      files: {
        'app/0001_visits.sql': migration(`CREATE TABLE visits (${columns});`, 'DROP TABLE visits;'),
        'shard-templates/app/visits.sql': `-- wwdb:period month\n-- wwdb:name visits_{YYYYMM}\n-- wwdb:time at\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${columns});\n`,
      },
    })
    await run(stage, 0, 'migrate', '--yes')
    await stage.query('INSERT INTO visits VALUES (1, NOW()), (2, NULL)')
    for (const args of [['--dry-run'], []]) {
      const refused = await run(stage, 2, ...split, ...args)
      expect(refused).toContain('`at` is NULL in rows of it')
      expect(refused).toContain('SELECT * FROM `visits` WHERE `at` IS NULL')
    }
    expect((await stage.tables()).filter((name) => name.startsWith('visits_'))).toEqual([])
    await stage.query('DELETE FROM visits WHERE id = 2')
    await run(stage, 0, ...split)
    const hold = await holdOf(stage)
    // As if it had come between the comparison and the cut-over.
    await stage.query(`INSERT INTO \`${hold}\` VALUES (3, NULL)`)
    expect(await run(stage, 2, ...split, '--final')).toContain('The row 3 of `visits` belongs to none of its pieces')
    await run(stage, 0, ...split, '--undo')
    expect(await stage.query('SELECT id, at IS NULL FROM visits ORDER BY id')).toEqual([
      [1, 0],
      [3, 1],
    ])
  })
})
