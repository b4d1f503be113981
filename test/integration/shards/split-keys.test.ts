import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { digestOf, openSplitStage, piecesOf, triggersOf } from '../../helpers/shards/split-stage.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

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

  /** A split that was killed while it copied. */
  async function openHalf(): Promise<Stage> {
    const stage = await open()
    const going = stage.start(split)
    await expect.poll(async () => (await triggersOf(stage)).length, { interval: 20, timeout: 30_000 }).toBe(3)
    going.child.kill('SIGKILL')
    await going.ended
    // A machine that is fast has cut over by then: taken back, the next is killed earlier.
    if ((await stage.tables()).includes('order')) return stage
    await run(stage, 0, ...split, '--undo')
    return openHalf()
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

  test('before the cut-over, one that no index finds rows by', { timeout: 120_000 }, async () => {
    const stage = await openHalf()
    await stage.query('ALTER TABLE `order` MODIFY id BIGINT NOT NULL, DROP PRIMARY KEY')
    const refused = await run(stage, 2, ...split, '--undo')
    const [, way = ''] = /`(ALTER TABLE [^;]+ ADD KEY \([^;]+\));`/.exec(refused) ?? []
    expect(refused).toContain('It has no index that begins with `id`')
    await stage.query(way)
    await run(stage, 0, ...split, '--undo')
    expect(await digestOf(stage, await piecesOf(stage))).toEqual([0, null])
    expect(await triggersOf(stage)).toEqual([])
  })

  test('behind the cut-over, that of the held table', { timeout: 120_000 }, async () => {
    const stage = await open()
    await run(stage, 0, ...split)
    const hold = await holdOf(stage)
    await stage.query(`ALTER TABLE \`${hold}\` DROP PRIMARY KEY, ADD KEY by_id (id)`)
    const refused = await run(stage, 2, ...split, '--undo')
    const [, way = ''] = /`(ALTER TABLE [^;]+ ADD PRIMARY KEY \([^;]+\));`/.exec(refused) ?? []
    expect(refused).toContain(`\`${hold}\` cannot be walked by its primary key any more.`)
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
