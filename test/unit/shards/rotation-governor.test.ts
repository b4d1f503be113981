import { expect, test } from 'vitest'
import { Governor } from '../../../src/operate/governor.ts'
import type { Governors } from '../../../src/operate/governors.ts'
import { neverStopped } from '../../helpers/migrations/engine.ts'
import { day, months, periodFamily } from '../../helpers/shards/families.ts'
import { RotationStage } from '../../helpers/shards/rotation-stage.ts'

/** Governors whose readings of a replica's lag are given, the last one again and again. */
function govern(stage: RotationStage, values: readonly number[], limit: number): Governors {
  let reads = 0
  let governor: Governor | null = null
  return {
    of: (target) => {
      governor ??= new Governor({
        target,
        throttle: { resume: 0.8, limit, every: 1 },
        reader: {
          read: async () => {
            const value = values[Math.min(reads++, values.length - 1)] ?? 0
            return [{ measure: 'lag', of: 'b', value, bound: 5000, why: null }]
          },
          close: async () => undefined,
        },
        emit: (event) => stage.events.push(event),
        stop: neverStopped,
      })
      return governor
    },
    close: async () => undefined,
  }
}

/** A shard that is due for its archive. */
async function stageBeforeArchive(): Promise<RotationStage> {
  const stage = new RotationStage('2026-01-15T12:00:00Z', [
    periodFamily('messages', 'month', { keep: months(2), grace: 14 * day, archive: 'directory' }),
  ])
  await stage.runWell()
  for (const at of ['2026-02-03T00:00:00Z', '2026-04-01T00:00:00Z']) {
    stage.now = Date.parse(at)
    await stage.runWell()
  }
  stage.now = Date.parse('2026-04-01T01:00:00Z')
  expect(stage.record('messages_202601')?.state).toBe('held')
  return stage
}

test('a step of a shard waits while a replica is behind, and the pause is in the summary', async () => {
  const stage = await stageBeforeArchive()
  const [messages] = await stage.runWell({ governors: govern(stage, [9000, 9000, 1000], 60_000) })
  expect(messages?.archived).toEqual(['messages_202601'])
  expect(messages?.notes).toEqual([expect.stringMatching(/^Paused .+: replica b was 9\.0 s behind\.$/)])
  expect(stage.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['throttle-paused', 'throttle-ended']))
})

test('where the pause lasts longer than its limit, nothing is archived, and the next run does it', async () => {
  const stage = await stageBeforeArchive()
  const { error, outcomes } = await stage.run({ governors: govern(stage, [9000], 20) })
  expect(error).toMatchObject({ code: 'THROTTLED' })
  expect(outcomes[0]).toMatchObject({ state: 'failed', archived: [], code: 'THROTTLED' })
  expect(stage.record('messages_202601')?.state).toBe('held')
  expect((await stage.runWell())[0]?.archived).toEqual(['messages_202601'])
})
