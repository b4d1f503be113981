import { createConnection } from 'mysql2/promise'
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

interface History {
  readonly targets: readonly { readonly runs: readonly { readonly outcome: string }[] }[]
}

interface Status {
  readonly targets: readonly { readonly runs?: readonly { readonly command: string }[] }[]
}

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

  it('are stopped where their process does not have the lease that they took', { timeout: 120_000 }, async () => {
    const stage = await open()
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    const outcomes = async (): Promise<readonly unknown[]> => {
      const { answer } = await stage.json(['history', ...only])
      return (answer as unknown as History).targets.flatMap(({ runs }) => runs.map(({ outcome }) => outcome))
    }
    const lease = (what: string) => stage.ask(`UPDATE wwdb_lease SET ${what} WHERE name='message_db'`)
    expect(await outcomes()).toEqual(['done'])
    // What a run leaves that is killed before it writes how it ended: for a moment it may still write that.
    await stage.ask("UPDATE wwdb_runs_message_db SET outcome='running',ended_at=NULL,exit_code=NULL")
    await lease("owner='',expires=UTC_TIMESTAMP(6)")
    expect(await outcomes()).toEqual(['running'])
    await lease("owner='',expires=UTC_TIMESTAMP(6) - INTERVAL 60 SECOND")
    expect(await outcomes()).toEqual(['stopped'])

    const held = "owner='x',expires=UTC_TIMESTAMP(6) + INTERVAL 60 SECOND"
    const [[runner, taken]] = (await stage.ask("SELECT runner,taken_at FROM wwdb_lease WHERE name='message_db'")) as [
      [string, string],
    ]
    await lease(held)
    expect(await outcomes()).toEqual(['running'])
    // Another process has it; then the same one that has taken it once more, for another run.
    await lease(`${held},runner='elsewhere:1'`)
    expect(await outcomes()).toEqual(['stopped'])
    await lease(`${held},runner='${runner}',taken_at=UTC_TIMESTAMP(6)`)
    expect(await outcomes()).toEqual(['stopped'])
    await lease(`${held},runner='${runner}',taken_at='${taken}'`)
    expect(await outcomes()).toEqual(['running'])

    await lease("owner='',expires=UTC_TIMESTAMP(6)")
    stage.write('message_db/20260102000000_more.sql', migration('ALTER TABLE messages ADD COLUMN more INT NULL;'))
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    // The next run writes it down, as it has the lease.
    expect(await stage.ask('SELECT outcome FROM wwdb_runs_message_db ORDER BY started_at')).toEqual([
      ['stopped'],
      ['done'],
    ])
  })

  it('are written down as stopped by the next run where they were killed', {
    timeout: 120_000,
  }, async () => {
    const stage = await open()
    expect((await stage.run(['migrate', '--yes', ...only])).exitCode).toBe(0)
    stage.write('message_db/20260102000000_more.sql', migration('ALTER TABLE messages ADD COLUMN more INT NULL;'))
    const shard = vitess().shards.get('message_db/-80')
    const reader = await createConnection({ uri: `${shard?.url}/vt_message_db_-80` })
    await reader.query('BEGIN')
    await reader.query('SELECT * FROM messages')
    const running = stage.start(['migrate', '--yes', ...only])
    const rows = "SELECT outcome FROM wwdb_runs_message_db WHERE outcome='running'"
    await expect.poll(() => stage.ask(rows), { timeout: 60_000, interval: 100 }).toEqual([['running']])
    running.child.kill('SIGKILL')
    await running.ended
    await reader.end()
    const again = await stage.run(['migrate', '--yes', ...only])
    expect(again.exitCode, again.stderr).toBe(0)
    expect(await stage.ask('SELECT outcome FROM wwdb_runs_message_db ORDER BY started_at')).toEqual([
      ['done'],
      ['stopped'],
      ['done'],
    ])
  })

  it('are shown by status while they go on, also between two statements, and not once they are killed', {
    timeout: 120_000,
  }, async () => {
    const waiting =
      "import { existsSync } from 'node:fs'\nwhile (!existsSync('go')) await new Promise((end) => setTimeout(end, 20))\n"
    const hooks = { before: { migration: ['node', 'wait.mjs'] } }
    const stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct', configuration: { hooks } })
    stage.write('wait.mjs', waiting)
    const shown = async (): Promise<readonly unknown[]> => {
      const { answer } = await stage.json(['status', ...only])
      return (answer as unknown as Status).targets.flatMap(({ runs = [] }) => runs.map(({ command }) => command))
    }
    expect(await shown()).toEqual([])
    const run = stage.start(['migrate', '--yes', ...only])
    await expect.poll(shown, { timeout: 30_000 }).toEqual(['migrate'])
    const { stdout } = await stage.run(['status', ...only])
    expect(stdout).toMatch(/Running, by \S+@\S+: `migrate`, for/)
    run.child.kill('SIGKILL')
    await run.ended
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
    expect(await shown()).toEqual([])
  })
})
