import { beforeEach, expect, it } from 'vitest'
import { withStages } from '../../helpers/tool/stage.ts'
import {
  familyFiles,
  makeSequence,
  month,
  shardedLetters,
  tableOf,
  tablesOn,
} from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const [current, next, third] = [month(0), month(1), month(2)] as const
const path = 'shard-templates/message_db/letters.sql'
const edited = shardedLetters.replace('length INT,', 'length INT, seen INT,')
const further = (template: string): string => template.replace('premake 1', 'premake 2')

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

async function prepare(): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), {
    files: familyFiles('message_db'),
    ddlStrategy: 'direct',
    configuration: { rotation: { archive: 'archives' } },
  })
  await makeSequence(stage)
  return stage
}

async function rotate(stage: VitessStage): Promise<string> {
  const run = await stage.run(['rotate', 'run', '--yes'])
  expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.anything()])
  return flat(run.stdout)
}

const versions = ({ ask }: VitessStage) =>
  ask('SELECT shard_key,state,template_version FROM wwdb_shards_message_db ORDER BY shard_key')

describeVitess('the versions of a template in a keyspace', () => {
  it('are tried for tables that a killed run had made before the template was edited', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    await rotate(stage)
    // As a run leaves it that is killed between the definition and the registry.
    await stage.ask('DELETE FROM wwdb_shards_message_db')
    await stage.ask('DELETE FROM wwdb_shard_events_message_db')
    stage.write(path, edited)
    const made = await stage.run(['shards', 'create', '--family', 'letters', '--key', third])
    expect([made.exitCode, made.stdout], made.stderr).toEqual([0, expect.anything()])
    expect(await rotate(stage)).toContain('adopted')
    expect(await versions(stage)).toEqual([
      [current, 'live', 1],
      [next, 'live', 1],
      [third, 'live', 2],
    ])
    expect(await rotate(stage)).not.toContain('never retired')
  })

  it('are kept where an older checkout rotates, which makes shards of the newest one', {
    timeout: 180_000,
  }, async () => {
    const stage = await prepare()
    await rotate(stage)
    stage.write(path, edited)
    expect(await rotate(stage)).toContain('as version 2')
    stage.write(path, further(shardedLetters))
    for (let time = 0; time < 2; time += 1)
      expect(await rotate(stage)).toContain("is version 1 of the family's template")
    expect(await versions(stage)).toEqual([
      [current, 'live', 1],
      [next, 'live', 1],
      [third, 'live', 2],
    ])
    const seen = await stage.onShards(`SHOW COLUMNS FROM ${tableOf(third)} LIKE 'seen'`, 'message_db')
    expect(seen.map((columns) => columns.length)).toEqual([1, 1])
    expect(await tablesOn(stage, 'message_db')).toHaveLength(2)

    // The edit is taken back on purpose.
    stage.write(path, further(shardedLetters).replace('(id BIGINT', '(/* without seen */ id BIGINT'))
    expect(await rotate(stage)).toContain('as version 3')
  })
})
