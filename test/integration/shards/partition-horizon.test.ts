import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

/** What hands do to the partitions of a family, and who says so: `shards check`, the metrics, the doctor, the report and `drift`. */

const openStage = withStages()

const template = `-- wwdb:shards partition
-- wwdb:period day
-- wwdb:name clicks_{YYYYMMDD}
-- wwdb:time at
-- wwdb:premake 15 periods, 2 days
-- wwdb:archive none
CREATE TABLE {{table}} (id BIGINT NOT NULL AUTO_INCREMENT, at DATETIME NOT NULL, PRIMARY KEY (id, at)) ENGINE=InnoDB;
`

const day = 86_400_000
const shardOn = (at: number): string => `clicks_${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}`
const boundBehind = (at: number): string => `'${new Date(at + day).toISOString().slice(0, 10)} 00:00:00'`

interface Checked {
  readonly headroom: number | null
  readonly missing: readonly { readonly table: string }[]
  readonly holes: readonly { readonly table: string }[]
  readonly unexpected: readonly { readonly table: string; readonly why: string }[]
}

describe.each(versionsInTurn(import.meta.url))('the horizon of partitions on MySQL %s', (version) => {
  async function open(): Promise<Stage> {
    const { url } = await testServerOf(version)
    const stage = await openStage({ url, files: { 'shard-templates/app/clicks.sql': template } })
    expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    return stage
  }

  async function check(
    stage: Stage,
  ): Promise<Checked & { readonly exitCode: number | null; readonly metrics: string }> {
    const file = join(stage.folder, 'wwdb.prom')
    const { answer, exitCode } = await stage.json(['shards', 'check', '--metrics', file])
    const [target] = answer['targets'] as readonly { readonly families: readonly Checked[] }[]
    const [family] = target?.families ?? []
    if (family === undefined) throw new Error('no family was checked')
    return { ...family, exitCode, metrics: readFileSync(file, 'utf8') }
  }

  const headroomOf = (metrics: string): number =>
    Number(/^wwdb_shards?_headroom_seconds\{[^}]*clicks[^}]*\} (\S+)$/m.exec(metrics)?.[1])

  const partitionsOf = async (stage: Stage): Promise<readonly string[]> =>
    (
      await stage.query(
        "SELECT PARTITION_NAME FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'clicks' ORDER BY PARTITION_ORDINAL_POSITION",
      )
    ).map(([name]) => String(name))

  async function seenBy(stage: Stage, ...command: readonly string[]): Promise<string> {
    const { stdout, stderr } = await stage.run(command)
    return `${stdout}${stderr}`.replaceAll(/\s+/g, ' ')
  }

  test('is in the check, the metrics, the doctor and the report, and a run of rotation brings it back', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    const whole = await check(stage)
    expect(whole).toMatchObject({ exitCode: 0, missing: [], holes: [], unexpected: [] })
    expect(headroomOf(whole.metrics)).toBeGreaterThan(10 * 86_400)
    expect(headroomOf(whole.metrics) * 1000).toBeCloseTo(whole.headroom ?? 0, -6)
    expect(await seenBy(stage, 'doctor')).not.toMatch(/last for \d+ hours? more|no shard/)

    const now = Date.now()
    const later = (await partitionsOf(stage)).filter((name) => name > shardOn(now))
    await stage.query(`ALTER TABLE clicks DROP PARTITION ${later.join(',')}`)
    const short = await check(stage)
    expect(short.exitCode).toBe(1)
    expect(short.missing.map(({ table }) => table)).toEqual(later)
    expect(headroomOf(short.metrics)).toBeLessThanOrEqual(86_400)
    expect(await seenBy(stage, 'doctor')).toMatch(/shards of `clicks` last for \d+ hours? more/)
    expect((await stage.run(['report', '--out', 'report.html'])).exitCode).toBe(0)
    expect(readFileSync(join(stage.folder, 'report.html'), 'utf8')).toContain(later[0] ?? 'none')
    expect((await stage.run(['rotate', 'run'])).exitCode).toBe(0)
    expect(await check(stage)).toMatchObject({ exitCode: 0, missing: [], unexpected: [] })
  })

  test('partitions that hands dropped, added or left open at the end are named, and not by `drift`', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    const made = await partitionsOf(stage)
    const last = Date.now() + 20 * day
    const hole = made[3] ?? ''
    await stage.query(`ALTER TABLE clicks DROP PARTITION ${hole}`)
    expect((await check(stage)).missing.concat((await check(stage)).holes)).toMatchObject([{ table: hole }])
    await stage.query(`ALTER TABLE clicks ADD PARTITION (PARTITION by_hand VALUES LESS THAN (${boundBehind(last)}))`)
    await stage.query('ALTER TABLE clicks ADD PARTITION (PARTITION rest VALUES LESS THAN (MAXVALUE))')
    await stage.query(`INSERT INTO clicks (at) VALUES ('2090-01-01')`)
    const { unexpected, exitCode } = await check(stage)
    expect(exitCode).toBe(1)
    const why = new Map(unexpected.map((one) => [one.table, one.why]))
    expect(why.get('by_hand')).toContain('is not a shard of `clicks`')
    expect(why.get('rest')).toContain('takes every row of the future')
    expect(await seenBy(stage, 'drift')).not.toMatch(/by_hand|rest\b|clicks/)
    expect(await seenBy(stage, 'doctor')).toMatch(/clicks/)

    // A run makes what is missing around them, and takes no row of theirs.
    expect(await seenBy(stage, 'rotate', 'run')).toContain(`Rows of \`${hole}\` are lost`)
    expect(await partitionsOf(stage)).toEqual(expect.arrayContaining([...made, 'rest']))
    expect(await stage.query('SELECT COUNT(*) FROM clicks PARTITION (rest)')).toEqual([[1]])
    const still = await check(stage)
    expect(still.missing).toEqual([])
    expect(still.unexpected.map(({ table }) => table)).toContain('rest')
  })
})
