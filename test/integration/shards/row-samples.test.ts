import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

/** Rows that an application wrote to the shard of their milliseconds, and whose column has none. */

const openStage = withStages()

interface Family {
  readonly unexpected: readonly { readonly table: string; readonly why: string }[]
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

  async function check(stage: Stage, exitCode: number, ...flags: readonly string[]): Promise<Family | undefined> {
    const ended = await stage.json(['shards', 'check', ...flags])
    expect(ended.exitCode, JSON.stringify(ended.answer)).toBe(exitCode)
    const { targets } = ended.answer as unknown as { readonly targets: readonly { readonly families: Family[] }[] }
    return targets[0]?.families[0]
  }

  /** The first shard, the key of its month and that of the next. */
  async function firstOf(stage: Stage): Promise<readonly [shard: string, begin: string, end: string]> {
    const [shard = ''] = (await stage.tables()).filter((name) => /^visits_\d{6}$/.test(name))
    const [[begin, end] = []] = await stage.query(
      `SELECT DATE_FORMAT(STR_TO_DATE('${shard.slice(-6)}01', '%Y%m%d'), '%Y-%m-%d'), DATE_FORMAT(STR_TO_DATE('${shard.slice(-6)}01', '%Y%m%d') + INTERVAL 1 MONTH, '%Y-%m-%d')`,
    )
    return [shard, String(begin), String(end)]
  }

  test.each([
    ['without an index of the time', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL'],
    ['with one', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL, KEY by_at (at)'],
    ['without any key', 'id BIGINT, at DATETIME NOT NULL'],
  ])('a row that was rounded into the next month is named, %s', async (_, columns) => {
    const stage = await open('-- wwdb:time at\n', columns)
    const [shard, begin, end] = await firstOf(stage)
    await stage.query(
      `INSERT INTO \`${shard}\` (id, at) VALUES (1, '${begin} 00:00:00'), (2, '${end}' - INTERVAL 1 SECOND)`,
    )
    expect(await check(stage, 0, '--rows')).toMatchObject({ unexpected: [], sampled: { rows: 2 } })
    // The router had no `time`: it took the table of the milliseconds, and the server rounds them.
    await stage.query(`INSERT INTO \`${shard}\` (id, at) VALUES (3, '${end}' - INTERVAL 1000 MICROSECOND)`)
    expect(await check(stage, 0)).not.toHaveProperty('sampled')
    const family = await check(stage, 1, '--rows')
    expect(family?.unexpected).toEqual([
      {
        table: shard,
        why: expect.stringContaining(`1 row of the 3 that were read has a \`at\` of another period, ${end} 00:00:00`),
      },
    ])
    expect((await stage.run(['shards', 'check', '--rows'])).stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /read at the borders of \d shards: 3 rows, and no others/,
    )
  })

  test('a TIMESTAMP is an instant, and a template that names no column is said to be unread', async () => {
    const stage = await open('-- wwdb:time at\n', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP(3) NOT NULL')
    const [shard, , end] = await firstOf(stage)
    await stage.query("SET time_zone = '+08:00'")
    await stage.query(`INSERT INTO \`${shard}\` (at) VALUES ('${end} 00:00:00' - INTERVAL 1000 MICROSECOND)`)
    expect(await check(stage, 0, '--rows')).toMatchObject({ sampled: { rows: 1 } })
    await stage.query(`INSERT INTO \`${shard}\` (at) VALUES ('${end} 00:00:00')`)
    expect((await check(stage, 1, '--rows'))?.unexpected).toHaveLength(1)
    const silent = await open('', 'id BIGINT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL')
    expect((await check(silent, 1, '--rows'))?.unchecked).toEqual([expect.stringContaining('no line `-- wwdb:time`')])
  })
})
