import { beforeEach, expect, it } from 'vitest'
import { periodAt, shiftPeriod } from '../../../src/calendar/period.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import { familyFiles, makeSequence, shardedLetters } from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

const letters = (kind: 'day' | 'week', pattern: string): string =>
  shardedLetters
    .replace('period month', `period ${kind}`)
    .replace('letters_{YYYYMM}', pattern)
    .replace('keep 1 month', `keep 1 ${kind}`)

describeVitess.each([
  { kind: 'day', pattern: 'letters_{YYYYMMDD}', tableOf: (key: string) => `letters_${key.replaceAll('-', '')}` },
  { kind: 'week', pattern: 'letters_{GGGG}w{WW}', tableOf: (key: string) => `letters_${key.replace('-W', 'w')}` },
] as const)('a family by $kind in a sharded keyspace', ({ kind, pattern, tableOf }) => {
  it('is made ahead on each shard, sealed and put on hold under the name that the plan showed', {
    timeout: 240_000,
  }, async () => {
    const stage = await openVitessStage(openStage, vitess(), {
      files: familyFiles('message_db', letters(kind, pattern)),
      ddlStrategy: 'direct',
      configuration: { rotation: { archive: 'archives' } },
    })
    await makeSequence(stage)
    const run = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await stage.run(args)
      expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
      return stdout
    }
    const now = periodAt(Date.now(), kind, 'UTC')
    const [old, next] = [shiftPeriod(now, -4), shiftPeriod(now, 1)]
    const tables = async (): Promise<readonly (readonly string[])[]> =>
      (await stage.onShards("SHOW TABLES LIKE 'letters\\_2%'", 'message_db')).map((rows) => rows.map(String).toSorted())
    const states = () => stage.ask('SELECT shard_key,state FROM wwdb_shards_message_db ORDER BY shard_key')

    await run('shards', 'create', '--family', 'letters', '--key', old.key)
    expect(await tables()).toEqual([[tableOf(old.key)], [tableOf(old.key)]])
    await stage.ask(`INSERT INTO ${tableOf(old.key)} (sender, length) VALUES (1, 1), (2, 1), (3, 1)`, 'message_db')
    await run('rotate', 'run', '--yes')
    expect(await states()).toEqual(
      expect.arrayContaining([
        [old.key, 'sealed'],
        [now.key, 'live'],
        [next.key, 'live'],
      ]),
    )
    const made = (await tables())[0] ?? []
    expect(made).toEqual(expect.arrayContaining([tableOf(now.key), tableOf(next.key)]))
    expect(await tables()).toEqual([made, made])

    const plan = await run('rotate', 'plan', '--json')
    const hold = /_hold_\d{8}_[0-9a-f]{8}_\w+/.exec(plan)?.[0]
    await run('rotate', 'run', '--yes')
    const held = await stage.ask(
      `SELECT state,hold_table,seal_rows FROM wwdb_shards_message_db WHERE shard_key='${old.key}'`,
    )
    expect(held).toEqual([['held', hold, 3]])
    const rows = await stage.onShards(`SELECT sender FROM \`${hold}\``, 'message_db')
    expect(rows.flat()).toHaveLength(3)
    await run('shards', 'check')
  })
})
