import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { digestOf, openSplitStage, piecesOf, triggersOf } from '../../helpers/shards/split-stage.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

/** A primary key that somebody changes while a table is split: each advice must work. */

const openStage = withStages()
const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']

async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode: code } = await stage.run(args)
  const text = (stdout + stderr).replaceAll(/\s+/g, ' ')
  expect(code, `${args.join(' ')}: ${text}`).toBe(exitCode)
  return text
}

const holdOf = async (stage: Stage): Promise<string> =>
  (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''

describe.each(versionsInTurn(import.meta.url))('a primary key that changed, MySQL %s', (version) => {
  const open = async (): Promise<Stage> => openSplitStage(openStage, (await testServerOf(version)).url, 20_000)

  const late = "INSERT INTO `order` (`key`, created_at) VALUES ('late', UTC_TIMESTAMP())"
  const write = (stage: Stage): Promise<unknown> => stage.query(late)

  /** A split that was killed while it copied. @param insert a row that its triggers bring to a shard: the run may have died before its first chunk */
  async function openHalf(openTable = open, words: readonly string[] = split, insert = late): Promise<Stage> {
    const stage = await openTable()
    const going = stage.start(words)
    await expect.poll(async () => (await triggersOf(stage)).length, { interval: 20, timeout: 30_000 }).toBe(3)
    going.child.kill('SIGKILL')
    await going.ended
    // A machine that is fast has cut over by then: taken back, the next is killed earlier.
    if (!(await stage.tables()).includes(words[2] ?? '')) {
      await run(stage, 0, ...words, '--undo')
      return openHalf(openTable, words, insert)
    }
    await stage.query(insert)
    return stage
  }

  test.each([
    ['dropped', 'DROP PRIMARY KEY, ADD KEY by_id (id)'],
    ['that cannot be walked', 'ADD COLUMN at TIMESTAMP NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, at)'],
    ['of other columns', 'DROP PRIMARY KEY, ADD PRIMARY KEY (created_at, id), ADD KEY by_id (id)'],
  ])('before the cut-over, one %s', { timeout: 120_000 }, async (_, change) => {
    const stage = await openHalf()
    await stage.query(`ALTER TABLE \`order\` ${change}`)
    const before = await digestOf(stage, ['order'])
    const refused = await run(stage, 2, ...split)
    expect(refused).toContain('is no longer that of its shards')
    expect(refused).toContain('--undo')
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, ['order'])).toEqual(before)
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
    expect(await triggersOf(stage)).toEqual([])
  })

  test('before the cut-over, a column of it that was renamed: no write waits for a person', {
    timeout: 120_000,
  }, async () => {
    const stage = await openHalf()
    await stage.query('ALTER TABLE `order` RENAME COLUMN id TO number')
    await expect(write(stage)).rejects.toThrow("Unknown column 'id'")
    const refused = await run(stage, 2, ...split, '--undo')
    expect(refused).toContain('Its triggers are dropped')
    expect(refused).toContain('`order` has no `id` any more')
    expect(await triggersOf(stage)).toEqual([])
    await write(stage)
    await stage.query('ALTER TABLE `order` RENAME COLUMN number TO id')
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
  })

  test('before the cut-over, a column of it that is gone for good: shards that were emptied have no copies', {
    timeout: 120_000,
  }, async () => {
    const stage = await openHalf()
    await stage.query('ALTER TABLE `order` DROP COLUMN id')
    expect(await run(stage, 2, ...split, '--undo')).toContain('or empty the shards')
    await write(stage)
    for (const piece of await piecesOf(stage)) await stage.query(`TRUNCATE TABLE \`${piece}\``)
    await run(stage, 0, ...split, '--undo')
    expect(await triggersOf(stage)).toEqual([])
  })

  test('before the cut-over, another column that was dropped', { timeout: 120_000 }, async () => {
    const stage = await openHalf()
    await stage.query('ALTER TABLE `order` DROP COLUMN twice')
    await stage.query('ALTER TABLE `order` DROP COLUMN `odd``name`')
    await expect(write(stage)).rejects.toThrow('Unknown column')
    await run(stage, 0, ...split, '--undo')
    await write(stage)
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
  })

  test('before the cut-over, one of another type, which is named', { timeout: 120_000 }, async () => {
    const stage = await openHalf()
    await stage.query('ALTER TABLE `order` MODIFY id DOUBLE NOT NULL')
    const refused = await run(stage, 2, ...split)
    expect(refused).toContain('`order` cannot be read in primary key order any more.')
    expect(refused).toContain('The type of `id` in its primary key was changed to `double`')
    expect(refused).toContain('No name was changed, and `order` is in use as before.')
    expect(refused).toContain('the type again that it has in the shards, `bigint')
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
  })

  test('before the cut-over, that of the shards, and of all', { timeout: 120_000 }, async () => {
    const stage = await openHalf()
    for (const piece of await piecesOf(stage))
      await stage.query(`ALTER TABLE \`${piece}\` MODIFY id BIGINT NOT NULL, DROP PRIMARY KEY, ADD UNIQUE KEY u (id)`)
    await stage.query('ALTER TABLE `order` MODIFY id BIGINT NOT NULL, DROP PRIMARY KEY')
    const refused = await run(stage, 2, ...split, '--undo')
    expect(refused).toContain('neither `order` nor its shards have one any more')
    await stage.query('ALTER TABLE `order` MODIFY id BIGINT NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (id)')
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
  })

  test('before the cut-over, one of another collation', { timeout: 120_000 }, async () => {
    const columns = 'code VARCHAR(40) NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (code)'
    const words = ['shards', 'split', 'visit', '--into', 'visits', '--yes']
    const openVisits = async (): Promise<Stage> => {
      const stage = await openStage({
        url: (await testServerOf(version)).url,
        files: {
          'app/0001_visit.sql': migration(`CREATE TABLE visit (${columns});`, 'DROP TABLE visit;'),
          'shard-templates/app/visits.sql': `-- wwdb:period month\n-- wwdb:name visits_{YYYYMM}\n-- wwdb:time created_at\n-- wwdb:grace 1 day\n\nCREATE TABLE {{table}} (${columns});\n`,
        },
      })
      await run(stage, 0, 'migrate', '--yes')
      await stage.query('SET SESSION cte_max_recursion_depth = 100000')
      await stage.query(
        "INSERT INTO visit WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 20000) SELECT CONCAT('k', i), UTC_TIMESTAMP() - INTERVAL (i % 60) DAY FROM s",
      )
      return stage
    }
    const stage = await openHalf(openVisits, words, "INSERT INTO visit VALUES ('late', UTC_TIMESTAMP())")
    await stage.query('ALTER TABLE visit CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci')
    await expect(stage.query("DELETE FROM visit WHERE code = 'k20000'")).rejects.toThrow('Illegal mix of collations')
    const refused = await run(stage, 2, ...words)
    expect(refused).toContain('its collation is utf8mb4_general_ci, and that of the shards is utf8mb4_0900_ai_ci')
    await run(stage, 0, ...words, '--undo')
    await stage.query("DELETE FROM visit WHERE code = 'k20000'")
    for (const piece of (await stage.tables()).filter((name) => name.startsWith('visits_')))
      expect(await stage.query(`SELECT COUNT(*) FROM \`${piece}\``)).toEqual([[0]])
    expect(await stage.query('SELECT COUNT(*) FROM visit')).toEqual([[20_000]])
  })

  test.each([
    ['no index', ''],
    ['no visible index', ', ADD KEY by_id (id) INVISIBLE'],
  ])('before the cut-over, one that %s finds rows by', { timeout: 120_000 }, async (_, index) => {
    const stage = await openHalf()
    await stage.query(`ALTER TABLE \`order\` MODIFY id BIGINT NOT NULL, DROP PRIMARY KEY${index}`)
    const refused = await run(stage, 2, ...split, '--undo')
    const [, way = ''] = /`(ALTER TABLE [^;]+ ADD KEY \([^;]+\));`/.exec(refused) ?? []
    expect(refused).toContain('`order` has no visible index that begins with `id`')
    expect(await triggersOf(stage)).toEqual([])
    await stage.query(way)
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
    expect(await triggersOf(stage)).toEqual([])
  })

  test('behind the RENAME that takes it back, whatever it is', { timeout: 120_000 }, async () => {
    const stage = await open()
    await run(stage, 0, ...split)
    // As a run had left it that died right behind its RENAME; then somebody dropped the key.
    await stage.query("UPDATE wwdb_split SET state = 'undoing'")
    await stage.query(`RENAME TABLE \`${await holdOf(stage)}\` TO \`order\``)
    await stage.query('ALTER TABLE `order` MODIFY id BIGINT NOT NULL, DROP PRIMARY KEY')
    await run(stage, 0, ...split, '--undo')
    expect(await stage.query('SELECT state FROM wwdb_split')).toEqual([['undone']])
  })

  test('behind the cut-over, that of the held table', { timeout: 120_000 }, async () => {
    const stage = await open()
    await run(stage, 0, ...split)
    const hold = await holdOf(stage)
    await stage.query(`ALTER TABLE \`${hold}\` DROP PRIMARY KEY, ADD KEY by_id (id)`)
    const refused = await run(stage, 2, ...split, '--undo')
    const [, way = ''] = /`(ALTER TABLE [^;]+ ADD PRIMARY KEY \([^;]+\));`/.exec(refused) ?? []
    expect(refused).toContain(`\`${hold}\` cannot be read in primary key order any more.`)
    expect(refused).toContain('Its primary key was dropped since the split began. Nothing was put back')
    await stage.query(way)
    const written = await digestOf(stage, await piecesOf(stage))
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, ['order'])).toEqual(written)
    // What is confirmed is not walked.
    await run(stage, 0, ...split)
    await stage.query(`ALTER TABLE \`${await holdOf(stage)}\` DROP PRIMARY KEY, ADD KEY by_id_alone (id)`)
    await run(stage, 0, ...split, '--final')
  })
})
