import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { digestOf, openSplitStage, piecesOf, startWriter, triggersOf } from '../helpers/shards/split-stage.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import { isSoak, longest, randomFrom, seed } from './support/seed.ts'

const openStage = withStages()
const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']
console.error(`Chaos of splits: seed ${seed}; SOAK_SEED=${seed} repeats it`)

/** Kills that each version wants, those of taking back among them. */
const wanted = isSoak ? 40 : 10

/** Runs the command, kills it at a random instant, and runs it again, until it has ended by itself behind so many kills. Returns how often it was killed. */
async function survive(stage: Stage, args: readonly string[], kills: number, random: () => number): Promise<number> {
  return (await surviveTo(stage, args, { kills, least: 250, most: 1750 }, random)).killed
}

interface Kills {
  readonly kills: number
  /** Milliseconds that a run has before it is killed. */
  readonly least: number
  readonly most: number
}

/** The same. Returns what the last run printed as well. */
async function surviveTo(
  stage: Stage,
  args: readonly string[],
  { kills, least, most }: Kills,
  random: () => number,
): Promise<{ readonly killed: number; readonly output: string }> {
  let killed = 0
  for (let left = kills; left > 0; left -= 1) {
    const going = stage.start(args)
    const pause = least + random() * (most - least)
    const ended = await Promise.race([
      going.ended,
      new Promise<null>((resolve) => {
        setTimeout(resolve, pause, null)
      }),
    ])
    if (ended !== null) {
      expectEnd(ended, killed)
      return { killed, output: ended.stdout }
    }
    going.child.kill('SIGKILL')
    await going.ended
    killed += 1
  }
  const last = await stage.run(args)
  expectEnd(last, killed)
  return { killed, output: last.stdout }
}

/** A kill right after the last record of taking back leaves nothing to take back, which the next run says. */
function expectEnd(
  { exitCode, stdout, stderr }: { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string },
  killed: number,
): void {
  const text = stdout + stderr
  if (killed > 0 && text.includes('It was taken back.')) return
  expect(exitCode, text).toBe(0)
}

describe.each(versionsInTurn(import.meta.url))('a split that is killed, MySQL %s', (version) => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(() => server?.stop())

  test('goes on beside a writer and loses no row, and so does taking it back', { timeout: longest }, async () => {
    const random = randomFrom(seed)
    let killed = 0
    for (let number = 1; killed < wanted && number <= wanted; number += 1) {
      const stage = await openSplitStage(openStage, server.url, 20_000)
      const writer = await startWriter(stage)
      killed += await survive(stage, split, 3, random)
      await writer.stop()
      expect(writer.errors).toEqual([])
      const pieces = await piecesOf(stage)
      const hold = (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''
      expect(await digestOf(stage, pieces), `history ${number}`).toEqual(await digestOf(stage, [hold]))
      expect(await triggersOf(stage)).toEqual([])
      await stage.query(`DELETE FROM \`${pieces.at(1)}\` LIMIT 50`)
      await stage.query(`UPDATE \`${pieces.at(2)}\` SET \`key\` = 'later' LIMIT 50`)
      const written = await digestOf(stage, pieces)
      killed += await survive(stage, [...split, '--undo'], 2, random)
      expect(await digestOf(stage, ['order']), `history ${number}`).toEqual(written)
      expect(await digestOf(stage, pieces)).toEqual([0, null])
      expect(await triggersOf(stage)).toEqual([])
    }
    console.error(`MySQL ${version}, seed ${seed}: ${killed} kills of splits`)
    expect(killed).toBeGreaterThanOrEqual(wanted)
  })

  // Not `test.runIf`: a run of everything fails for a test that is skipped.
  if (!isSoak) return

  /** SOAK_ROWS for fewer on a small machine. */
  const rows = Number(env['SOAK_ROWS'] ?? 2_000_000)

  test('a table of millions is split beside a writer with ten kills, and its rename alone is a wait', {
    timeout: 3_600_000,
  }, async () => {
    const random = randomFrom(seed)
    const stage = await openSplitStage(openStage, server.url, rows)
    // The writer gives rows ids from a million on.
    await stage.query('UPDATE `order` SET id = id + 100000000 WHERE id >= 1000000 ORDER BY id DESC')
    const writer = await startWriter(stage)
    const began = performance.now()
    const { killed, output } = await surviveTo(stage, split, { kills: 10, least: 1500, most: 9000 }, random)
    const seconds = Math.round((performance.now() - began) / 1000)
    await writer.stop()
    expect(writer.errors).toEqual([])
    const hold = (await stage.tables()).find((name) => name.startsWith('_hold_')) ?? ''
    expect(await digestOf(stage, await piecesOf(stage))).toEqual(await digestOf(stage, [hold]))
    expect(await triggersOf(stage)).toEqual([])
    const waited = /Others waited[^\n]*/.exec(output)?.[0] ?? 'the wait is not known'
    console.error(
      `MySQL ${version}, seed ${seed}: ${rows} rows, ${killed} kills, ${writer.writes()} writes beside it, ${seconds} s; ${waited}`,
    )
    expect(killed).toBe(10)
  })
})
