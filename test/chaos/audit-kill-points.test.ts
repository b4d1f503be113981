import { env } from 'node:process'
import { expect, test } from 'vitest'
import { type Stage, tableMigration, withStages } from '../helpers/stage.ts'
import { type Moment, moments, openWireProxy } from '../helpers/wire-proxy.ts'

const openStage = withStages()
/** Every point in the soak, else two of them. */
const isSoak = env['WWDB_SOAK'] === '1'

/** A packet that writes rows of runs, or makes their table. */
const writes = /^(?:UPDATE|CREATE TABLE IF NOT EXISTS) `[^`]+`\.`wwdb_runs`/

interface Point {
  /** Which of the run's writes, from 0. */
  readonly write: number
  readonly moment: Moment
}

/** Runs `migrate` through a proxy that kills it at the point; null kills nothing. */
async function run(stage: Stage, point: Point | null) {
  let count = 0
  let killed = false
  const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
    if (killed) return 'drop'
    if (!writes.test(text)) return 'pass'
    const isHere = point !== null && count - (moment === 'before' ? 0 : 1) === point.write && moment === point.moment
    if (moment === 'before') count += 1
    if (!isHere) return 'pass'
    killed = true
    tool.child.kill('SIGKILL')
    await tool.ended
    return 'drop'
  })
  const tool = stage.start(['migrate', '--url', `mysql://root@127.0.0.1:${proxy.port}`])
  const { exitCode } = await tool.ended
  await proxy.close()
  return { count, killed, exitCode }
}

const openShop = () =>
  openStage({ files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') } })

test('a run that is killed at a write of its row is complete after the next one, and no row stays under way', async () => {
  const { count, exitCode } = await run(await openShop(), null)
  expect(exitCode).toBe(0)
  // The row of the first run finds no table, makes it, and is written again; then it is closed.
  expect(count).toBe(4)
  const found = Array.from({ length: count }, (_, write) => moments.map((moment): Point => ({ write, moment }))).flat()
  const chosen = isSoak ? found : [found[7], found[9]].filter((point) => point !== undefined)
  for (const point of chosen) {
    const stage = await openShop()
    expect(await run(stage, point), JSON.stringify(point)).toMatchObject({ killed: true, exitCode: null })
    expect(await stage.run(['migrate']), JSON.stringify(point)).toMatchObject({ exitCode: 0 })
    expect(await stage.tables()).toEqual(['a', 'b'])
    expect(await stage.query('SELECT version, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass')).toEqual([
      ['0001', 'closed'],
      ['0002', 'closed'],
    ])
    const { answer } = await stage.json(['history'])
    const [target] = answer['targets'] as readonly { readonly runs: readonly { readonly outcome: string }[] }[]
    expect(
      target?.runs.map(({ outcome }) => outcome),
      JSON.stringify(point),
    ).not.toContain('running')
    expect(target?.runs.length, JSON.stringify(point)).toBeLessThanOrEqual(2)
  }
  process.stdout.write(`audit: killed at ${chosen.length} of ${found.length} points\n`)
})
