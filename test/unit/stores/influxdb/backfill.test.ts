import { describe, expect, it } from 'vitest'
import type { BackfillRequest } from '../../../../src/stores/contract.ts'
import type { Declaration } from '../../../../src/stores/influxdb/declaration.ts'
import {
  declare,
  type Given,
  hour,
  makeServer,
  noStop,
  present,
  runBackfill,
  type Server,
  start,
} from './backfill-server.ts'
import { contentOf } from './world.ts'

/** A backfill that is killed during the run of this number. */
async function killDuring(server: Server, number: number, request: Partial<BackfillRequest>, given?: Given) {
  server.states.set(number, 'failed')
  await expect(runBackfill(server, request, given)).rejects.toThrow('A run of task `pr_1_hourly` failed.')
  server.states.clear()
}

const at = (hours: number): string => new Date(start + hours * hour).toISOString().replace('.000Z', 'Z')

describe('the range of a backfill', () => {
  it('ends with the last window that has ended, and is covered by runs that each read `lookBack`', async () => {
    const server = makeServer()
    expect(await runBackfill(server, { from: start + 60_000, to: start + 19.5 * hour })).toEqual({
      task: 'pr_1_hourly',
      from: at(0),
      to: at(20),
      writesFrom: at(0),
      runs: 7,
      doneBefore: 0,
      done: 7,
      continuedAt: null,
      state: 'done',
    })
    expect(server.runs).toEqual([3, 6, 9, 12, 15, 18, 20].map((hours) => start + hours * hour))
    expect(await runBackfill(server, { dryRun: true })).toMatchObject({ to: at(24), runs: 8, done: 0 })
    const early = { now: present - 2 * 60_000 }
    expect(await runBackfill(server, { dryRun: true }, early)).toMatchObject({ to: at(23) })
    expect(await runBackfill(server, { to: present + 9 * hour, dryRun: true })).toMatchObject({ to: at(24) })
    await expect(runBackfill(server, { from: start + 24 * hour })).rejects.toThrow('no complete window that has ended')
    expect(server.kept.size).toBe(0)
  })

  it('says where its run begins to write, when it is shorter than a run', async () => {
    const request = { from: start + 10 * hour, to: start + 11 * hour, dryRun: true }
    expect(await runBackfill(makeServer(), request)).toMatchObject({ from: at(10), writesFrom: at(8), runs: 1 })
  })
})

describe('a backfill that is run again after a kill', () => {
  it('without `--end` a window later: continues with the range of the first command', async () => {
    const server = makeServer()
    await killDuring(server, 4, {})
    expect(await runBackfill(server, {}, { now: present + 2 * hour })).toMatchObject({
      to: at(24),
      runs: 8,
      doneBefore: 3,
      done: 5,
      continuedAt: at(9),
      state: 'done',
    })
    expect(server.runs.slice(4)).toEqual([12, 15, 18, 21, 24].map((hours) => start + hours * hour))
    // Its position is gone with its end.
    expect(await runBackfill(server, { dryRun: true }, { now: present + 2 * hour })).toMatchObject({
      to: at(26),
      continuedAt: null,
    })
  })

  it('with an `--end` that is still to come: the same', async () => {
    const server = makeServer()
    const request = { to: start + 48 * hour }
    await killDuring(server, 2, request)
    const later = { now: present + 5 * hour }
    expect(await runBackfill(server, request, later)).toMatchObject({ to: at(24), doneBefore: 1, continuedAt: at(3) })
  })

  it('during its first run: begins there, with the range of the first command', async () => {
    const server = makeServer()
    await killDuring(server, 1, {})
    const outcome = await runBackfill(server, {}, { now: present + hour })
    expect(outcome).toMatchObject({ to: at(24), doneBefore: 0, done: 8, continuedAt: null })
  })

  it('neither takes nor removes the position of another range, and names it', async () => {
    const server = makeServer()
    const first = { to: start + 18 * hour }
    await killDuring(server, 3, first)
    const reports: string[] = []
    const run = { report: (message: string) => void reports.push(message) }
    expect(await runBackfill(server, { from: start + 12 * hour }, { run })).toMatchObject({ done: 4, state: 'done' })
    expect(reports[0]).toBe(
      `Task \`pr_1_hourly\` has another unfinished backfill: \`--start ${at(0)} --end ${at(18)}\`, done up to ${at(6)}.`,
    )
    expect(await runBackfill(server, first)).toMatchObject({ doneBefore: 2, done: 4, continuedAt: at(6) })
    expect(server.kept.size).toBe(0)
  })

  it('with another script: begins again, and says so', async () => {
    const server = makeServer()
    await killDuring(server, 3, {})
    const reports: string[] = []
    const run = { report: (message: string) => void reports.push(message) }
    const declaration = declare({ aggregates: ['count', 'mean'] })
    expect(await runBackfill(server, {}, { declaration, run })).toMatchObject({ doneBefore: 0, done: 8 })
    expect(reports[0]).toContain('has changed since this backfill was interrupted')
  })

  it('repeats nothing where only the end of it was not recorded', async () => {
    const server = makeServer()
    await killDuring(server, 8, {})
    for (const [name, position] of server.kept) server.kept.set(name, { ...position, done: position.to })
    expect(await runBackfill(server, {})).toMatchObject({ doneBefore: 8, done: 0, continuedAt: at(24), state: 'done' })
    expect(server.kept.size).toBe(0)
  })
})

describe('the wait for a run', () => {
  it.each(['running', 'missing'] as const)('ends with Ctrl-C, and the run is repeated (%s)', async (state) => {
    const server = makeServer()
    const stop = { ...noStop }
    const report = (message: string): void => {
      if (message.includes('run 3 of 8')) stop.requested = true
    }
    server.states.set(3, state)
    const outcome = await runBackfill(server, {}, { run: { stop, report } })
    expect(outcome).toMatchObject({ state: 'stopped', done: 2 })
    expect(await runBackfill(server, {})).toMatchObject({ doneBefore: 2, done: 6, continuedAt: at(6) })
  })

  it.each([
    ['running', 'did not end within'],
    ['missing', 'no longer lists a run'],
  ] as const)('has a limit (%s), with a sentence', async (state, sentence) => {
    const server = makeServer()
    server.states.set(2, state)
    await expect(runBackfill(server, {}, { run: { waitTimeout: 0 } })).rejects.toThrow(sentence)
    expect(await runBackfill(server, {})).toMatchObject({ continuedAt: at(3), state: 'done' })
  })

  it('says that the task was removed meanwhile', async () => {
    const server = makeServer()
    server.states.set(1, 'missing')
    const report = (message: string): void => {
      if (message.includes('run 1 of 8')) server.content = { ...contentOf(declare()), tasks: [] }
    }
    const given = { run: { waitTimeout: 0, report } }
    await expect(runBackfill(server, {}, given)).rejects.toThrow('is not on the server as it is declared')
  })
})

describe('the lock', () => {
  it('is asked for before each run, and before the position is kept or removed', async () => {
    for (let allowed = 0; allowed < 4; allowed += 1) {
      const server = makeServer()
      let left = allowed
      const guard = async (): Promise<void> => {
        if (left === 0) throw new Error('the lock is lost')
        left -= 1
      }
      await expect(runBackfill(server, { to: start + 3 * hour }, { guard })).rejects.toThrow('the lock is lost')
      expect([server.kept.size, server.runs.length]).toEqual([allowed > 0 ? 1 : 0, allowed > 1 ? 1 : 0])
    }
  })
})

describe('a backfill is refused', () => {
  const adviceOf = async (request: Partial<BackfillRequest>, declaration: Declaration): Promise<string> => {
    const refusal: unknown = await runBackfill(makeServer(), request, { declaration }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'BACKFILL_REFUSED' })
    const { faults } = refusal as { readonly faults: readonly { readonly what: string; readonly next?: string }[] }
    return `${faults[0]?.what} ${faults[0]?.next}`
  }

  it('where a bucket no longer holds all points, and the advice is accepted', async () => {
    // All points since the tenth hour.
    const declaration = declare({}, 15)
    const earlier = await adviceOf({ from: start + 9 * hour }, declaration)
    expect(earlier).toBe(
      `\`hot\` no longer holds all points since ${at(9)}. Give \`--start ${at(10)}\` or later: a run covers 3 hours at once.`,
    )
    expect(await runBackfill(makeServer(), { from: start + 10 * hour }, { declaration })).toMatchObject({ done: 5 })
  })

  it('where only its end is too early: the start that was given is not advised again', async () => {
    const declaration = declare({}, 15)
    const short = { from: start + 10 * hour, to: start + 11 * hour }
    expect(await adviceOf(short, declaration)).toBe(
      `\`hot\` no longer holds all points since ${at(8)}. Give \`--end ${at(13)}\` or later: a run covers 3 hours at once.`,
    )
    const later = { ...short, to: start + 13 * hour }
    expect(await runBackfill(makeServer(), later, { declaration })).toMatchObject({ writesFrom: at(10), done: 1 })
    expect(await adviceOf({ from: start, to: start + hour }, declaration)).toContain(
      `Give \`--start ${at(10)}\` or later, and \`--end ${at(13)}\` or later`,
    )
  })

  it('for a task that no file declares, with the names as they are typed', async () => {
    const refusal = runBackfill(makeServer(), { task: 'other' })
    await expect(refusal).rejects.toMatchObject({ faults: [{ why: 'Declared are `hourly`.' }] })
  })

  it('for a task that is inactive or not as declared', async () => {
    const declaration = declare({ active: false })
    await expect(runBackfill(makeServer(), {}, { declaration })).rejects.toThrow('is inactive')
    const server = { ...makeServer(), content: contentOf(declaration) }
    await expect(runBackfill(server, {})).rejects.toThrow('is not on the server as it is declared')
  })
})
