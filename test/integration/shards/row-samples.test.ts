import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

/** Rows that an application wrote to the shard of their milliseconds, and whose column has none. */

const openStage = withStages()

interface Family {
  readonly family: string
  readonly unexpected: readonly unknown[]
  readonly misplaced?: readonly { readonly table: string; readonly rows: number; readonly why: string }[]
  readonly unchecked: readonly string[]
  readonly sampled?: { readonly shards: number; readonly rows: number }
}

describe.each(versionsInTurn(import.meta.url))('rows at the borders of shards on MySQL %s', (version) => {
  async function open(time: string, columns: string): Promise<Stage> {
    const stage = await openStage({
      url: (await testServerOf(version)).url,
      databases: ['app'],
      files: {
        'shard-templates/app/visits.sql': `-- wwdb:period month zone Asia/Shanghai\n-- wwdb:name visits_{YYYYMM}\n${time}-- wwdb:premake 1 periods\n\nCREATE TABLE {{table}} (${columns});\n`,
      },
    })
    const ended = await stage.run(['rotate', 'run'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    return stage
  }

  async function checkAll(stage: Stage, exitCode: number, ...flags: readonly string[]): Promise<readonly Family[]> {
    const ended = await stage.json(['shards', 'check', ...flags])
    expect(ended.exitCode, JSON.stringify(ended.answer)).toBe(exitCode)
    const { targets } = ended.answer as unknown as { readonly targets: readonly { readonly families: Family[] }[] }
    return targets[0]?.families ?? []
  }

  const check = async (stage: Stage, exitCode: number, ...flags: readonly string[]): Promise<Family | undefined> =>
    (await checkAll(stage, exitCode, ...flags))[0]

  const textOf = async (stage: Stage): Promise<string> =>
    (await stage.run(['shards', 'check', '--rows'])).stdout.replaceAll(/\s+/g, ' ')

  /** The first shard, the key of its month and that of the next. */
  async function firstOf(stage: Stage): Promise<readonly [shard: string, begin: string, end: string]> {
    const [shard = ''] = (await stage.tables()).filter((name) => /^visits_\d{6}$/.test(name))
    const [[begin, end] = []] = await stage.query(
      `SELECT DATE_FORMAT(STR_TO_DATE('${shard.slice(-6)}01', '%Y%m%d'), '%Y-%m-%d'), DATE_FORMAT(STR_TO_DATE('${shard.slice(-6)}01', '%Y%m%d') + INTERVAL 1 MONTH, '%Y-%m-%d')`,
    )
    return [shard, String(begin), String(end)]
  }

  const alone = '; of \\d shards without a primary key, the last times alone'
  const unordered = '; of \\d shards without a primary key and an index of the time, some rows in no order'
  test.each([
    ['without an index of the time', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL', ''],
    ['with one', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL, KEY by_at (at)', ''],
    ['with one alone', 'id BIGINT, at DATETIME NOT NULL, KEY by_at (at)', alone],
    ['without any key', 'id BIGINT, at DATETIME NOT NULL', unordered],
  ])('a row that was rounded into the next month is named, %s', async (_, columns, said) => {
    const stage = await open('-- wwdb:time at\n', columns)
    const [shard, begin, end] = await firstOf(stage)
    await stage.query(
      `INSERT INTO \`${shard}\` (id, at) VALUES (1, '${begin} 00:00:00'), (2, '${end}' - INTERVAL 1 SECOND)`,
    )
    expect(await check(stage, 0, '--rows')).toMatchObject({ misplaced: [], sampled: { rows: 2 } })
    // The router had no `time`: it took the table of the milliseconds, and the server rounds them.
    await stage.query(`INSERT INTO \`${shard}\` (id, at) VALUES (3, '${end}' - INTERVAL 1000 MICROSECOND)`)
    expect(await check(stage, 0)).not.toHaveProperty('sampled')
    const family = await check(stage, 1, '--rows')
    expect(family?.unexpected).toEqual([])
    expect(family?.misplaced).toEqual([
      {
        table: shard,
        rows: 1,
        why: expect.stringContaining(
          `Of 3 rows that were read, 1 has ${end} 00:00:00: \`at\` is outside the period of this table. Move the row to the shard of its \`at\`.`,
        ),
      },
    ])
    const text = await textOf(stage)
    expect(text).toMatch(new RegExp(`read at the borders of \\d shards: 3 rows, and no others${said}`))
    expect(text).toContain(`rows outside their period: ${shard}.`)
  })

  test.each([
    ['read', '', 1],
    ['left out where it is invisible', ' INVISIBLE', 0],
  ])('an index of the time is %s', async (_, visibility, found) => {
    const columns = `id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL, KEY by_at (at)${visibility}`
    const stage = await open('-- wwdb:time at\n', columns)
    const [shard, begin, end] = await firstOf(stage)
    await stage.query('SET SESSION cte_max_recursion_depth = 10000')
    await stage.query(
      `INSERT INTO \`${shard}\` (id, at) WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000) SELECT i, IF(i = 1500, '${end}', '${begin}' + INTERVAL i SECOND) FROM s`,
    )
    // Without the index it is in the middle, where nobody looks; sorted by its time, all rows would be read.
    expect(await check(stage, found, '--rows')).toMatchObject({ misplaced: Array.from({ length: found }, () => ({})) })
  })

  test('a row without a time is named, and a table that cannot be read is said to be unread beside the others', async () => {
    const stage = await open('-- wwdb:time at\n', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NULL')
    const [shard, begin, end] = await firstOf(stage)
    await stage.query(`INSERT INTO \`${shard}\` (at) VALUES ('${begin}'), (NULL), (NULL)`)
    const [misplaced] = (await check(stage, 1, '--rows'))?.misplaced ?? []
    expect(misplaced).toEqual({
      table: shard,
      rows: 2,
      why: 'Of 3 rows that were read, 2 have NULL in `at`, which is in no period: write a time into them.',
    })
    const odd = `visits_${end.slice(0, 7).replace('-', '')}`
    await stage.query(`ALTER TABLE \`${odd}\` RENAME COLUMN at TO moment`)
    const family = await check(stage, 1, '--rows')
    expect(family?.unchecked).toEqual([`Rows of \`${odd}\` were not read: it has no column \`at\`.`])
    expect(family?.misplaced).toHaveLength(1)
  })

  test('a family by instance has no period, and is no finding', async () => {
    const stage = await open('-- wwdb:time at\n', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL')
    await stage.query('CREATE TABLE owners (id BIGINT PRIMARY KEY)')
    await stage.query('INSERT INTO owners VALUES (1)')
    stage.write(
      'shard-templates/app/contacts.sql',
      '-- wwdb:keys app.owners(id)\n-- wwdb:name contacts_{key}\n\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY);\n',
    )
    const ended = await stage.run(['rotate', 'run'])
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    const families = await checkAll(stage, 0, '--rows')
    expect(families.find(({ family }) => family === 'contacts')).toMatchObject({ unchecked: [] })
  })

  test('a TIMESTAMP is an instant, and a template that names no column is said to be unread', async () => {
    const stage = await open('-- wwdb:time at\n', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP(3) NOT NULL')
    const [shard, , end] = await firstOf(stage)
    await stage.query("SET time_zone = '+08:00'")
    await stage.query(`INSERT INTO \`${shard}\` (at) VALUES ('${end} 00:00:00' - INTERVAL 1000 MICROSECOND)`)
    expect(await check(stage, 0, '--rows')).toMatchObject({ sampled: { rows: 1 } })
    await stage.query(`INSERT INTO \`${shard}\` (at) VALUES ('${end} 00:00:00')`)
    expect((await check(stage, 1, '--rows'))?.misplaced).toHaveLength(1)
    const silent = await open('', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL')
    expect((await check(silent, 1, '--rows'))?.unchecked).toEqual([expect.stringContaining('no line `-- wwdb:time`')])
  })
})
