import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()

/** Each row costs the digest of megabytes, so the ALTER takes seconds, as one of a large table does. */
const slow =
  'ALTER TABLE letters ADD COLUMN digest CHAR(64) AS (SHA2(REPEAT(name, 20000000), 256)) STORED;\nALTER TABLE letters ADD COLUMN n INT NULL;'
const made = 'CREATE TABLE letters (id INT NOT NULL PRIMARY KEY, name CHAR(1) NOT NULL);'
const ids = Array.from({ length: 80 }, (_, id) => `(${id}, 'a')`)

const places = ['message_db/-80', 'user_db/0'] as const

async function openWithLetters(keyspace: string): Promise<VitessStage> {
  const files = { [`${keyspace}/20260101000000_letters.sql`]: migration(made) }
  const stage = await openVitessStage(openStage, vitess(), { files })
  const run = await stage.run(['migrate', '--yes', '-t', keyspace])
  expect(run.exitCode, run.stderr).toBe(0)
  // Shard by shard: a restart forgets what the VSchema says of vindexes.
  const shards = [...vitess().shards.keys()].filter((place) => place.startsWith(`${keyspace}/`))
  for (const place of shards)
    await stage.ask(`INSERT INTO letters (id, name) VALUES ${ids}`, encodeURIComponent(place.replace('/', ':')))
  stage.write(`${keyspace}/20260102000000_slow.sql`, migration(slow))
  return stage
}

/** The run until it has nothing left to do. */
async function finish(stage: VitessStage, command: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
    const { exitCode, stderr } = await stage.run(command)
    if (exitCode === 0) return
    expect(attempt, stderr).toBeLessThan(6)
  }
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('an ALTER whose MySQL server is killed, and its tablet with it', () => {
  it.each(places)('has run once when both are back: %s', { timeout: 400_000 }, async (place) => {
    const keyspace = place.slice(0, place.indexOf('/'))
    const stage = await openWithLetters(keyspace)
    const command = ['migrate', '--yes', '-t', keyspace, '--allow', 'BLOCKING_COPY']
    const run = stage.start(command)
    const server = vitess().shards.get(place)
    if (server === undefined) throw new Error(`there is no shard ${place}`)
    const shard = place.slice(keyspace.length + 1)
    // Vitess waits for hours for a copy that its server lost before it began.
    const running = () => stage.ask("SELECT 1 FROM _vt.vreplication WHERE state='Copying'", `${keyspace}:${shard}`)
    await expect.poll(running, { timeout: 60_000, interval: 50 }).not.toEqual([])
    // As where a machine dies that has both.
    await server.kill()
    await server.restart()
    await vitess().restart()
    await run.ended
    await finish(stage, command)
    const columns = await stage.onShards('SHOW COLUMNS FROM letters', keyspace)
    expect(columns.map((rows) => rows.map(([name]) => name))).toEqual(columns.map(() => ['id', 'name', 'digest', 'n']))
    const counts = await stage.onShards('SELECT COUNT(*),COUNT(digest) FROM letters', keyspace)
    for (const rows of counts) expect(rows).toEqual([[ids.length, ids.length]])
    const journal = await stage.ask(
      `SELECT state,COUNT(*) FROM wwdb_journal_${keyspace} WHERE version='20260102000000' GROUP BY state`,
    )
    expect(journal).toEqual([['closed', 2]])
    const status = await stage.run(['status', '--exit-code', '-t', keyspace])
    expect([status.exitCode, status.stdout], status.stderr).toEqual([0, expect.stringContaining('2 applied')])
    const drift = await stage.run(['drift', '-t', keyspace])
    expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
  })
})
