import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { familyFiles, makeSequence, month, tableOf, tablesOn } from '../../helpers/vitess/letters-family.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const old = month(-3)
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('while a shard of the keyspace is divided', () => {
  it('nothing is taken from its shards by time, and no table is defined; they are protected all the same, and all goes on afterwards', {
    timeout: 300_000,
  }, async () => {
    const stage = await openVitessStage(openStage, vitess(), {
      files: familyFiles('message_db'),
      ddlStrategy: 'direct',
      configuration: { rotation: { archive: 'archives' } },
    })
    const run = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await stage.run(args)
      expect([exitCode, stdout], stderr).toEqual([0, expect.anything()])
      return flat(stdout)
    }
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await stage.run(args)
      const said = flat(stdout + stderr)
      expect([exitCode, said]).toEqual([2, expect.stringContaining('shard -40 has tablets and serves nothing')])
      return said
    }
    const stateOfOld = async () =>
      (await stage.ask(`SELECT state FROM wwdb_shards_message_db WHERE shard_key='${old}'`))[0]?.[0]

    await makeSequence(stage)
    stage.write('message_db/20260101000000_a.sql', migration('CREATE TABLE plain (id BIGINT NOT NULL PRIMARY KEY);'))
    await run('migrate', '--yes')
    await run('shards', 'create', '--family', 'letters', '--key', old)
    await run('rotate', 'run', '--yes')
    expect(await stateOfOld()).toBe('sealed')
    const before = await tablesOn(stage, 'message_db')

    await vitess().restart(['message_db/-40'])
    expect(flat((await stage.run(['rotate', 'plan'])).stdout)).toContain('shard -40 has tablets and serves nothing')
    expect(await refused('rotate', 'run', '--yes')).toContain('vtctldclient Reshard --target-keyspace message_db')
    expect(await stateOfOld()).toBe('sealed')
    await refused('shards', 'create', '--family', 'letters', '--key', month(3))
    expect(await tablesOn(stage, 'message_db')).toEqual(before)
    await run('shards', 'protect', '--family', 'letters', '--key', old, '--reason', 'case-1')
    await run('shards', 'unprotect', '--family', 'letters', '--key', old, '--reason', 'closed')

    stage.write('message_db/20260102000000_b.sql', migration('ALTER TABLE plain ADD COLUMN seen INT;'))
    await refused('migrate', '--yes')
    await refused('plan')
    expect(await stage.onShards("SHOW COLUMNS FROM plain LIKE 'seen'", 'message_db')).toEqual([[], []])

    await vitess().restart()
    await run('migrate', '--yes')
    await run('rotate', 'run', '--yes')
    expect(await stateOfOld()).toBe('held')
    for (const tables of await tablesOn(stage, 'message_db')) expect(tables).toContain(`held ${tableOf(old)}`)
  })
})
