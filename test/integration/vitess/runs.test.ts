import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

const files = {
  'message_db/20260101000000_messages.sql': migration(
    'CREATE TABLE messages (id BIGINT NOT NULL PRIMARY KEY, body VARCHAR(200) NOT NULL);',
    'DROP TABLE messages;',
  ),
}
const only = ['-t', 'message_db']
const open = (): Promise<VitessStage> => openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct' })

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('the runs of a keyspace', () => {
  it('are recorded beside its journal, with how they ended', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    const second = 'message_db/20260102000000_wrong.sql'
    stage.write(second, migration('ALTER TABLE messages DROP COLUMN nothing;'))
    expect((await stage.run(['migrate', '--yes', '--allow', 'drop-column', ...only])).exitCode).toBe(2)
    // A run with nothing to do takes no lease, and leaves no row.
    stage.remove(second)
    const runs = await stage.ask(
      'SELECT command,outcome,exit_code,account FROM wwdb_runs_message_db ORDER BY started_at',
    )
    expect(runs).toEqual([
      ['migrate', 'done', 0, 'root'],
      ['migrate', 'failed', 2, 'root'],
    ])
    const history = await stage.json(['history', ...only])
    expect(history.answer).toMatchObject({
      targets: [
        {
          runs: [
            { command: 'migrate', outcome: 'failed' },
            { command: 'migrate', outcome: 'done' },
          ],
        },
      ],
    })
    const [[id]] = (await stage.ask("SELECT run_id FROM wwdb_runs_message_db WHERE outcome='done'")) as [[string]]
    const one = await stage.run(['history', '--run', id, ...only])
    expect([one.exitCode, one.stdout], one.stderr).toEqual([0, expect.stringContaining('20260101000000')])
    const report = await stage.run(['report', '--out', 'report.html'])
    expect(report.stdout, report.stderr).toContain('2 runs')
  })

  it('are stopped where nobody has the lease that they took', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    const shown = async (): Promise<string> => (await stage.run(['history', ...only])).stdout
    // What a killed run leaves.
    await stage.ask("UPDATE wwdb_runs_message_db SET outcome='running',ended_at=NULL,exit_code=NULL")
    expect(await shown()).toMatch(/stopped|did not end|killed/)
    const lease = "UPDATE wwdb_lease SET owner='x',expires=UTC_TIMESTAMP(6)+INTERVAL 60 SECOND WHERE name='message_db'"
    await stage.ask(lease)
    expect(await shown()).toMatch(/running|in progress/)
    await stage.ask("UPDATE wwdb_lease SET owner='',expires=UTC_TIMESTAMP(6) WHERE name='message_db'")
    stage.write('message_db/20260102000000_more.sql', migration('ALTER TABLE messages ADD COLUMN more INT NULL;'))
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    expect(await stage.ask('SELECT outcome FROM wwdb_runs_message_db ORDER BY started_at')).toEqual([
      ['stopped'],
      ['done'],
    ])
  })
})
