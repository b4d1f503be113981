import { env } from 'node:process'
import { expect, test } from 'vitest'
import { type Moment, moments, openWireProxy } from '../helpers/mysql/wire-proxy.ts'
import { type Stage, tableMigration, withStages } from '../helpers/tool/stage.ts'

const openStage = withStages()
/** Every point in the soak, else two of them. */
const isSoak = env['WWDB_SOAK'] === '1'

/** A packet that writes rows of runs, or makes their table; the first one takes the lock of the run. The connection is lent: it waits less for this. */
const writes =
  /^(?:SET SESSION [^;]+;)?(?:SELECT GET_LOCK\('wwdb_run_[^']+',0\);)?(?:UPDATE|CREATE TABLE IF NOT EXISTS) `[^`]+`\.`wwdb_runs`/

/** A packet that removes rows of runs. */
const removals = /^DELETE FROM `[^`]+`\.`wwdb_runs`/

interface Point {
  /** Which of the run's writes, from 0. */
  readonly write: number
  readonly moment: Moment
}

/** Runs `migrate` through a proxy that kills it at the point; null kills nothing. */
async function run(stage: Stage, point: Point | null, among = writes) {
  let count = 0
  let killed = false
  const proxy = await openWireProxy(Number(new URL(stage.url).port), async ({ text }, moment) => {
    if (killed) return 'drop'
    if (!among.test(text)) return 'pass'
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
  // The row of the first run is written with its table, and then closed.
  expect(count).toBe(2)
  const found = Array.from({ length: count }, (_, write) => moments.map((moment): Point => ({ write, moment }))).flat()
  const chosen = isSoak ? found : [found[1], found[3]].filter((point) => point !== undefined)
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

test('a run that is killed while it removes old rows has ended, and the next one removes the rest', async () => {
  for (const moment of moments) {
    const stage = await openStage({
      files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
      configuration: { audit: { keep: '730d' } },
    })
    expect(await stage.run(['migrate', '--to', '0001'])).toMatchObject({ exitCode: 0 })
    // Two batches of them.
    await stage.query(
      'INSERT INTO wwdb_runs (run_id, command, flags, person, account, host, process, tool_version, connection_id, started_at, outcome) ' +
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, 'seed', '', 'ann', 'a', 'h', 1, '1', 1, " +
        "UTC_TIMESTAMP(6) - INTERVAL 800 DAY, 'done' FROM n",
    )
    const old = async () => Number((await stage.query("SELECT COUNT(*) FROM wwdb_runs WHERE person = 'ann'"))[0]?.[0])
    // Between the first batch and the second.
    expect(await run(stage, { write: 1, moment }, removals), moment).toMatchObject({ killed: true, exitCode: null })
    expect(await stage.query('SELECT version, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass')).toEqual([
      ['0001', 'closed'],
      ['0002', 'closed'],
    ])
    expect(await stage.query("SELECT outcome, exit_code FROM wwdb_runs WHERE person <> 'ann'")).toEqual([
      ['done', 0],
      ['done', 0],
    ])
    // What the server was sent before the kill may still be under way.
    if (moment === 'before') expect(await old()).toBe(400)
    stage.write('app/0003_c.sql', tableMigration('c'))
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await old()).toBe(0)
  }
})
