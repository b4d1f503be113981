import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Moment, openWireProxy, type WireProxy } from '../helpers/mysql/wire-proxy.ts'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { digestOf, openSplitStage, piecesOf, triggersOf } from '../helpers/shards/split-stage.ts'
import { type Stage, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool, ToolRun } from '../helpers/tool/tool.ts'
import { longest } from './support/seed.ts'

/** Each kind of statement by which `shards split --undo` changes something is a step: the tool is killed before it, and behind it. */

const openStage = withStages()
const split = ['shards', 'split', 'order', '--into', 'orders', '--yes']
const undo = [...split, '--undo']

/** What a packet changes, whatever month or chunk it is for: a record with its state, rows, or a definition; null where it changes nothing of the split. */
function kindOf(text: string): string | null {
  const state = /REPLACE INTO [^(]*wwdb_split`\([^)]*\) VALUES \('order','orders','(\w+)'/.exec(text)?.[1]
  if (state !== undefined) return `record ${state}`
  if (/START TRANSACTION;SELECT 1 FROM [^;]*`orders_/.test(text)) return 'rows'
  if (/DELETE FROM [^;]*`orders_/.test(text)) return 'copies'
  return /(?:^|;)\s*((?:CREATE|DROP) TRIGGER|RENAME TABLE|TRUNCATE TABLE)/.exec(text)?.[1] ?? null
}

/** The packet of a kind at which the tool dies, counted from one. */
interface Step {
  readonly kind: string
  readonly number: number
}

interface Kill {
  readonly step: Step
  readonly moment: Moment
  readonly tool: RunningTool
}

const moments = ['before', 'answered'] as const

/** What was struck, once each: a kind of packet with the moment. */
const nameKill = (kind: string, moment: Moment): string => `${kind}, ${moment}`

/** Both moments of each of these kinds. */
const killsOf = (kinds: readonly string[]): readonly string[] =>
  kinds.flatMap((kind) => moments.map((moment) => nameKill(kind, moment))).sort()

/** Of each kind the first, one in the middle and the last. */
function chooseSteps(seen: ReadonlyMap<string, number>): readonly Step[] {
  return [...seen].flatMap(([kind, count]) =>
    [...new Set([1, Math.ceil(count / 2), count])].map((number) => ({ kind, number })),
  )
}

describe.each(versionsInTurn(import.meta.url))(
  'taking back a split that is killed at each step, MySQL %s',
  (version) => {
    let server: OwnServer
    let proxy: WireProxy
    let kill: Kill | null = null
    let seen = new Map<string, number>()

    beforeAll(async () => {
      server = await startServer({ version })
      proxy = await openWireProxy(server.port, async ({ text }, moment) => {
        const kind = kindOf(text)
        if (kind === null) return 'pass'
        if (moment === 'before') seen.set(kind, (seen.get(kind) ?? 0) + 1)
        if (kill === null || kind !== kill.step.kind || moment !== kill.moment || seen.get(kind) !== kill.step.number)
          return 'pass'
        const { tool } = kill
        kill = null
        tool.child.kill('SIGKILL')
        await tool.ended
        return 'drop'
      })
    })
    afterAll(async () => {
      await proxy?.close()
      await server?.stop()
    })

    /** Whether the kill that waited has struck; a run that it missed has ended well. */
    function wasStruck(ended: ToolRun, what: string): boolean {
      const isKilled = kill === null
      kill = null
      if (!isKilled) expect(ended.exitCode, what + ended.stderr).toBe(0)
      return isKilled
    }

    async function runSplit(stage: Stage): Promise<readonly string[]> {
      const ended = await stage.run(split)
      expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
      const pieces = await piecesOf(stage)
      await write(stage, pieces)
      return pieces
    }

    let written = 0

    /** As applications write to the shards since the cut-over: a row that is new, one that changes and one that goes. */
    async function write(stage: Stage, pieces: readonly string[]): Promise<void> {
      written += 1
      const [first, second] = pieces
      await stage.query(
        `INSERT INTO \`${first}\` (id, \`key\`, created_at) SELECT ${5_000_000 + written}, 'new', MIN(created_at) FROM \`${first}\` HAVING MIN(created_at) IS NOT NULL`,
      )
      await stage.query(`UPDATE \`${second}\` SET \`key\` = 'later${written}' ORDER BY id LIMIT 5`)
      await stage.query(`DELETE FROM \`${second}\` ORDER BY id DESC LIMIT 1`)
    }

    async function expectBack(stage: Stage, pieces: readonly string[], rows: unknown, what: string): Promise<void> {
      expect(await digestOf(stage, ['order']), what).toEqual(rows)
      expect(await digestOf(stage, pieces), what).toEqual([0, null])
      expect(await triggersOf(stage), what).toEqual([])
      expect(
        (await stage.tables()).filter((name) => name.startsWith('_hold_')),
        what,
      ).toEqual([])
    }

    test('loses no row, and leaves nothing behind', { timeout: longest }, async () => {
      const stage = await openSplitStage(openStage, `mysql://root@127.0.0.1:${proxy.port}`, 3000)
      const first = await runSplit(stage)
      const before = await digestOf(stage, first)
      seen = new Map()
      expect(await stage.run(undo)).toMatchObject({ exitCode: 0 })
      const steps = chooseSteps(seen)
      await expectBack(stage, first, before, 'without a kill')
      const kinds = [
        'CREATE TRIGGER',
        'DROP TRIGGER',
        'RENAME TABLE',
        'TRUNCATE TABLE',
        'record emptying',
        'record undoing',
        'record undone',
        'rows',
      ]
      expect([...seen.keys()].sort()).toEqual(kinds)
      let kills = 0
      const struck = new Set<string>()
      for (const step of steps)
        for (const moment of moments) {
          const pieces = await runSplit(stage)
          let rows = await digestOf(stage, pieces)
          const tool = stage.start(undo)
          seen = new Map()
          kill = { step, moment, tool }
          const ended = await tool.ended
          const what = `killed, ${moment}, at ${step.kind} ${step.number}`
          // What only some histories need is not sent in each.
          if (wasStruck(ended, what)) {
            kills += 1
            struck.add(nameKill(step.kind, moment))
          }
          const isAway = !(await stage.tables()).includes('order')
          if (isAway) {
            await write(stage, pieces)
            rows = await digestOf(stage, pieces)
          }
          const again = await stage.run(undo)
          const said = again.stdout + again.stderr
          // Killed behind its last record, it was done.
          if (again.exitCode !== 0) expect(said, what).toMatch(/is not split|no split/i)
          await expectBack(stage, pieces, rows, what)
        }
      console.error(`MySQL ${version}: ${kills} kills of taking a split back, before and behind ${steps.length} steps`)
      expect(kills).toBeGreaterThanOrEqual(steps.length)
      expect([...struck].sort()).toEqual(killsOf(kinds))
    })

    /** A split that dies before its rename, while its triggers write to the shards. */
    async function stopSplit(stage: Stage): Promise<void> {
      const tool = stage.start(split)
      seen = new Map()
      kill = { step: { kind: 'RENAME TABLE', number: 1 }, moment: 'before', tool }
      const ended = await tool.ended
      expect(kill, ended.stdout + ended.stderr).toBeNull()
      expect(await triggersOf(stage)).not.toEqual([])
    }

    test('loses no row either where the shards have not taken over', { timeout: longest }, async () => {
      const stage = await openSplitStage(openStage, `mysql://root@127.0.0.1:${proxy.port}`, 3000)
      await stopSplit(stage)
      seen = new Map()
      expect(await stage.run(undo)).toMatchObject({ exitCode: 0 })
      const steps = chooseSteps(seen)
      const kinds = ['DROP TRIGGER', 'copies', 'record undone']
      expect([...seen.keys()].sort()).toEqual(kinds)
      let kills = 0
      const struck = new Set<string>()
      for (const step of steps)
        for (const moment of moments) {
          await stopSplit(stage)
          const tool = stage.start(undo)
          seen = new Map()
          kill = { step, moment, tool }
          const ended = await tool.ended
          const what = `killed, ${moment}, at ${step.kind} ${step.number}`
          if (wasStruck(ended, what)) {
            kills += 1
            struck.add(nameKill(step.kind, moment))
          }
          // Applications write to the table, as before.
          await stage.query('UPDATE `order` SET `key` = CONCAT(`key`, 1) ORDER BY id LIMIT 10')
          await stage.query('DELETE FROM `order` ORDER BY id DESC LIMIT 1')
          const rows = await digestOf(stage, ['order'])
          const again = await stage.run(undo)
          if (again.exitCode !== 0) expect(again.stdout + again.stderr, what).toMatch(/is not split|no split/i)
          await expectBack(stage, await piecesOf(stage), rows, what)
        }
      console.error(`MySQL ${version}: ${kills} kills of giving a split up`)
      expect(kills).toBeGreaterThanOrEqual(steps.length)
      expect([...struck].sort()).toEqual(killsOf(kinds))
    })
  },
)
