import { beforeEach, expect, it } from 'vitest'
import { isSoak } from '../helpers/tool/seed.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool } from '../helpers/tool/tool.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const place = 'message_db/-80'
const command = ['migrate', '--yes', '-t', 'message_db', '--allow', 'BLOCKING_COPY']
const numbers = Array.from({ length: 60 }, (_, id) => id)
const made = migration('CREATE TABLE letters (id INT NOT NULL PRIMARY KEY, name CHAR(1) NOT NULL);')
/** Each row costs the digest of megabytes, so the ALTER takes seconds, as one of a large table does. */
const slow = migration(
  'ALTER TABLE letters ADD COLUMN digest CHAR(64) AS (SHA2(REPEAT(name, 10000000), 256)) STORED;\nALTER TABLE letters ADD COLUMN n INT NULL;',
)

async function openWithLetters(ddlStrategy: 'vitess' | 'direct'): Promise<VitessStage> {
  const files = { 'message_db/20260101000000_letters.sql': made }
  const stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy })
  const run = await stage.run(command)
  expect(run.exitCode, run.stderr).toBe(0)
  const rows = numbers.map((id) => `(${id}, 'a')`)
  for (const shard of ['-80', '80-'])
    await stage.ask(`INSERT INTO letters (id, name) VALUES ${rows}`, `message_db:${shard}`)
  stage.write('message_db/20260102000000_slow.sql', slow)
  return stage
}

/** The server of a shard dies alone, and comes back: its tablet goes on. */
async function killServer(): Promise<void> {
  const server = vitess().shards.get(place)
  if (server === undefined) throw new Error(`there is no shard ${place}`)
  await server.kill()
  await server.restart()
}

/** What the shard says of the migration that it calls running: seconds without a sign of life. */
const silence =
  "SELECT TIMESTAMPDIFF(SECOND,COALESCE(liveness_timestamp,started_timestamp),NOW()) FROM _vt.schema_migrations WHERE migration_status='running'"

/** Waits until the run has ended, or the shard has shown no life for a while: then Ctrl-C ends it. */
async function leaveSilent(stage: VitessStage, run: RunningTool): Promise<void> {
  let hasEnded = false
  void run.ended.then(() => {
    hasEnded = true
  })
  const isSilent = async (): Promise<boolean> => {
    const [row] = await stage.ask(silence, 'message_db:-80').catch(() => [])
    return Number(row?.[0] ?? 0) >= 10
  }
  await expect.poll(async () => hasEnded || (await isSilent()), { timeout: 120_000, interval: 200 }).toBe(true)
  if (hasEnded) return
  run.child.kill('SIGINT')
  await run.says('stderr', 'Ctrl-C')
  run.child.kill('SIGINT')
}

/** The run until it has nothing left to do. */
async function finish(stage: VitessStage): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
    const { exitCode, stdout, stderr } = await stage.run(command)
    if (exitCode === 0 && stdout.includes('nothing to do')) return
    // What wwdb says is done, as a person would do it.
    const [, cancel] = /`(ALTER VITESS_MIGRATION '\w+' CANCEL)`/.exec(stderr) ?? []
    if (cancel !== undefined) await stage.ask(cancel, 'message_db')
    const [, at] = /`wwdb repair --not-run (\S+)`/.exec(stderr) ?? []
    if (at !== undefined) await stage.run(['repair', '--not-run', at, '--yes', '-t', 'message_db'])
    expect(attempt, stdout + stderr).toBeLessThan(6)
  }
}

async function expectOnce(stage: VitessStage): Promise<void> {
  const columns = await stage.onShards('SHOW COLUMNS FROM letters', 'message_db')
  expect(columns.map((rows) => rows.map(([name]) => name))).toEqual(columns.map(() => ['id', 'name', 'digest', 'n']))
  for (const rows of await stage.onShards('SELECT COUNT(*),COUNT(digest) FROM letters', 'message_db'))
    expect(rows).toEqual([[numbers.length, numbers.length]])
  expect(await stage.ask("SELECT state FROM wwdb_journal_message_db WHERE state<>'closed'")).toEqual([])
  const drift = await stage.run(['drift', '-t', 'message_db'])
  expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
}

const sights = {
  'before it copies':
    "SELECT 1 FROM _vt.schema_migrations WHERE migration_status IN ('ready','running') AND ddl_action='alter'",
  'while it copies': "SELECT 1 FROM _vt.vreplication WHERE state='Copying'",
} as const

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('an online ALTER on whose shard the MySQL server alone is killed', () => {
  it.each(Object.entries(sights).slice(isSoak ? 0 : 1))(
    '%s runs once, or Ctrl-C leaves what the next run settles',
    { timeout: 300_000 },
    async (_, sight) => {
      const stage = await openWithLetters('vitess')
      const run = stage.start(command)
      const seen = () => stage.ask(sight, 'message_db:-80').catch(() => [])
      await expect.poll(seen, { timeout: 60_000, interval: 10 }).not.toEqual([])
      await killServer()
      await leaveSilent(stage, run)
      await run.ended
      await finish(stage)
      await expectOnce(stage)
    },
  )
})

describeVitess('a plain ALTER on whose shard the MySQL server alone is killed', () => {
  it('is on each shard once after CANCEL and the next runs', { timeout: 300_000 }, async () => {
    const stage = await openWithLetters('direct')
    const run = stage.start(command)
    const altering = async () => {
      const [rows] = await stage.onShards(
        "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'alter table%digest%' AND ID<>CONNECTION_ID()",
        'message_db',
      )
      return rows
    }
    await expect.poll(altering, { timeout: 60_000, interval: 20 }).not.toEqual([])
    await killServer()
    await leaveSilent(stage, run)
    await run.ended
    // As the run says after two minutes.
    await stage.ask('ALTER VITESS_MIGRATION CANCEL ALL', 'message_db')
    await finish(stage)
    await expectOnce(stage)
  })
})
