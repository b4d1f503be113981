import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { digestOf, openSplitStage, piecesOf, startWriter, triggersOf } from '../../helpers/shards/split-stage.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const says = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replaceAll(/\s+/g, ' ')
const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']

async function run(stage: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
  const ended = await stage.run(args)
  expect(ended.exitCode, `${args.join(' ')}: ${says(ended)}`).toBe(exitCode)
  return says(ended)
}

describe.each(versionsInTurn(import.meta.url))('a table that is split, MySQL %s', (version) => {
  const open = async (rows = 4000): Promise<Stage> => openSplitStage(openStage, (await testServerOf(version)).url, rows)

  test('becomes its months beside a writer, is taken back with what was written to them, and is split for good', {
    timeout: 240_000,
  }, async () => {
    const stage = await open()
    const before = await digestOf(stage, ['order'])
    const plan = await run(stage, 0, ...split, '--dry-run')
    expect(plan).toMatch(/would become [67] shards of orders/)
    expect(await piecesOf(stage)).toEqual([])
    const writer = await startWriter(stage)
    await expect.poll(writer.writes).toBeGreaterThan(5)
    const { answer } = await stage.json([...split, '--view'])
    await writer.stop()
    expect(writer.errors).toEqual([])
    expect(answer).toMatchObject({ kind: 'split', state: 'held', table: 'order', left: [] })
    const pieces = await piecesOf(stage)
    expect(pieces.length).toBeGreaterThanOrEqual(6)
    const hold = (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''
    expect(await digestOf(stage, pieces)).toEqual(await digestOf(stage, [hold]))
    expect(await digestOf(stage, ['order'])).toEqual(await digestOf(stage, pieces))
    expect(before).not.toEqual(await digestOf(stage, pieces))
    expect(await triggersOf(stage)).toEqual([])
    expect(await run(stage, 0, 'drift')).not.toContain('_hold_')

    const [first = '', second = ''] = [pieces[1], pieces[2]]
    await stage.query(`DELETE FROM \`${first}\` LIMIT 5`)
    await stage.query(`UPDATE \`${second}\` SET \`key\` = 'later' LIMIT 9`)
    const [[now] = []] = await stage.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(), 'orders_%Y%m')")
    await stage.query(`INSERT INTO \`${now}\` (id, \`key\`, created_at) VALUES (7000001, 'new', UTC_TIMESTAMP())`)
    const written = await digestOf(stage, pieces)
    const late = await startWriter(stage, second)
    const undone = await run(stage, 0, ...split, '--undo')
    await late.stop()
    expect(undone).toContain('is as it was, and its shards are empty')
    expect(late.errors.filter((message) => !message.includes(hold))).toEqual([])
    expect(Number((await digestOf(stage, ['order']))[0])).toBeGreaterThan(3000)
    expect(await digestOf(stage, pieces)).toEqual([0, null])
    expect(await triggersOf(stage)).toEqual([])
    expect(await stage.tables()).not.toContain(hold)
    expect(Number((await digestOf(stage, ['order']))[0])).toBeGreaterThanOrEqual(Number(written[0]) - 100)
    expect(await stage.query("SELECT COUNT(*) FROM `order` WHERE `key` = 'new'")).toEqual([[1]])

    await run(stage, 0, ...split)
    expect(Number((await digestOf(stage, pieces))[0])).toBeGreaterThan(3000)
    const final = await run(stage, 0, ...split, '--final')
    expect(final).toContain('is kept as _hold_')
    expect(await run(stage, 2, ...split, '--undo')).toContain('It was confirmed')
  })

  test('a row that no shard has keeps a split from being confirmed, and is kept when it is taken back', {
    timeout: 120_000,
  }, async () => {
    const stage = await open(300)
    await run(stage, 0, ...split)
    const hold = (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''
    // As if it had been written between the comparison and the cut-over.
    await stage.query(`INSERT INTO \`${hold}\` (id, \`key\`, created_at) VALUES (900001, 'early', '2001-01-01')`)
    const pieces = await piecesOf(stage)
    await stage.query(`DELETE FROM \`${pieces.at(0)}\` LIMIT 2`)
    const refused = await run(stage, 2, ...split, '--final')
    expect(refused).toContain('The row 900001 of `order` belongs to none of its pieces')
    await run(stage, 0, ...split, '--undo')
    expect(await stage.query('SELECT `key` FROM `order` WHERE id = 900001')).toEqual([['early']])
    expect(await stage.query('SELECT COUNT(*) FROM `order`')).toEqual([[299]])
    expect(await triggersOf(stage)).toEqual([])
  })
})
