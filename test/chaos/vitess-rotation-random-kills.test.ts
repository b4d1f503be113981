import { beforeEach, expect, it } from 'vitest'
import { chooseSeed, isSoak, longest, randomFrom } from '../helpers/tool/seed.ts'
import { withStages } from '../helpers/tool/stage.ts'
import { familyFiles, makeSequence, month, tableOf, tablesOn } from '../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const rotate = ['rotate', 'run', '--yes']
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

/** A month that has ended, with four rows, and whatever the rotations before have made of it. */
async function prepare(rotations: number): Promise<VitessStage> {
  await clearKeyspaces(vitess())
  const stage = await openVitessStage(openStage, vitess(), {
    files: familyFiles('message_db'),
    ddlStrategy: 'direct',
    configuration: { rotation: { archive: 'archives' } },
  })
  await makeSequence(stage)
  const made = await stage.run(['shards', 'create', '--family', 'letters', '--key', month(-3)])
  expect(made.exitCode, made.stderr).toBe(0)
  for (const sender of [1, 2, 3, 4])
    await stage.ask(`INSERT INTO ${tableOf(month(-3))} (sender, length) VALUES (${sender}, 1)`, 'message_db')
  for (let done = 0; done < rotations; done += 1) await finish(stage)
  return stage
}

/** The grace of what is on hold has ended. */
const endGrace = (stage: VitessStage) =>
  stage.ask("UPDATE wwdb_shards_message_db SET held_until='2020-01-01' WHERE hold_table IS NOT NULL")

/** One rotation to its end, after the lease of the killed one has ended. */
async function finish(stage: VitessStage): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
    const { exitCode, stdout, stderr } = await stage.run(rotate)
    if (exitCode === 0) return
    expect(attempt, stdout + stderr).toBeLessThan(6)
  }
}

describeVitess('a rotation of a keyspace that is killed at any moment', () => {
  it('goes on where it was, whether wwdb is killed, or vtgate and every tablet', { timeout: longest }, async () => {
    const random = randomFrom(chooseSeed('kills of rotations on Vitess'))
    for (let kill = 0; kill < (isSoak ? 30 : 3); kill += 1) {
      const rotations = kill % 4
      const stage = await prepare(rotations)
      if (rotations === 3) await endGrace(stage)
      const run = stage.start(rotate)
      await pause(random() * 6_000)
      const ofServer = random() < 0.3
      if (ofServer) {
        await vitess().restart()
        // The topology of the test dies with it.
        await stage.ask('ALTER VSCHEMA ADD SEQUENCE letter_ids')
      } else run.child.kill('SIGKILL')
      await run.ended
      const where = `kill ${kill} of ${ofServer ? 'Vitess' : 'wwdb'} after ${rotations} rotations`
      // However far it was, the shard ends archived and dropped, and the others are there.
      for (let left = 0; left < 5; left += 1) {
        await finish(stage)
        await endGrace(stage)
      }
      const old = await stage.ask(
        `SELECT state,archive_rows,archive_checksum=seal_checksum FROM wwdb_shards_message_db WHERE shard_key='${month(-3)}'`,
      )
      expect(old, where).toEqual([['dropped', 4, 1]])
      const [first = [], second = []] = await tablesOn(stage, 'message_db')
      expect(first, where).toEqual(second)
      expect(first, where).toEqual(expect.arrayContaining([tableOf(month(0)), tableOf(month(1))]))
      expect(
        first.filter((name) => name.endsWith(tableOf(month(-3)))),
        where,
      ).toEqual([])
      const recorded = await stage.ask(
        "SELECT table_name FROM wwdb_shards_message_db WHERE state IN ('live','sealed') ORDER BY table_name",
      )
      expect(
        recorded.map(([name]) => name),
        where,
      ).toEqual(first.filter((name) => !name.startsWith('held ')))
      const events = await stage.ask(
        `SELECT to_state FROM wwdb_shard_events_message_db WHERE shard_key='${month(-3)}' AND to_state='dropped'`,
      )
      expect(events, where).toEqual([['dropped']])
      const findings = await stage.ask("SELECT COUNT(*) FROM wwdb_shard_findings_message_db WHERE kind='loss'")
      expect(findings, where).toEqual([[0]])
    }
  })
})
