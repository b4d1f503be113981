import { beforeEach, expect, it } from 'vitest'
import { isSoak } from '../helpers/tool/seed.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'
import type { RunningTool, ToolRun } from '../helpers/tool/tool.ts'
import { describeVitess, type ReparentKind, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'
import { withWriters } from '../helpers/vitess/writer.ts'

const openStage = withStages()
const startWriter = withWriters()
/** The lease and the journal are on the first one, copies on the second. */
const places = ['user_db/0', 'message_db/-80'] as const
const vitess = withVitess(undefined, places)

const kinds = ['planned', 'emergency'] as const
const cases: readonly (readonly [ReparentKind, (typeof places)[number]])[] = kinds.flatMap((kind) =>
  places.map((place) => [kind, place] as const),
)

const numbers = Array.from({ length: 60 }, (_, id) => id)
const letters = migration(
  'CREATE TABLE letters (id BIGINT NOT NULL PRIMARY KEY, name CHAR(1) NOT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;',
)
/** Each row that was there before costs the digest of megabytes, so the ALTER takes seconds, as one of a large table does. */
const slow = migration(
  'ALTER TABLE letters ADD COLUMN digest CHAR(64) AS (SHA2(REPEAT(name, 1 + 9999999 * (ASCII(name) = 97)), 256)) STORED, ADD COLUMN n INT NULL;',
)

const written = Array.from({ length: 40 }, (_, n) => n)
const notes = migration(
  `CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL);\n${written.map((n) => `INSERT INTO notes (n) VALUES (${n});`).join('\n')}`,
)

async function openWithLetters(): Promise<VitessStage> {
  const files = { 'message_db/20260101000000_letters.sql': letters }
  const stage = await openVitessStage(openStage, vitess(), { files })
  const run = await stage.run(['migrate', '--yes', '-t', 'message_db'])
  expect(run.exitCode, run.stderr).toBe(0)
  const rows = numbers.map((id) => `(${id}, 'a')`)
  // vtgate learns of the vindex a moment later.
  const fill = () => stage.ask(`INSERT IGNORE INTO letters (id, name) VALUES ${rows}`, 'message_db').catch(() => null)
  await expect.poll(fill, { timeout: 20_000 }).not.toBeNull()
  return stage
}

/** True once a question has rows, or the run is over. */
async function awaitSight(stage: VitessStage, run: RunningTool, sql: string, keyspace = 'user_db'): Promise<void> {
  let hasEnded = false
  void run.ended.then(() => {
    hasEnded = true
  })
  const isSeen = () =>
    stage.ask(sql, keyspace).then(
      (rows) => rows.length > 0,
      () => false,
    )
  await expect.poll(async () => hasEnded || (await isSeen()), { timeout: 60_000, interval: 20 }).toBe(true)
}

/** A run that the reparent has ended says so, and calls no statement wrong. */
function expectTrue({ exitCode, stderr }: ToolRun): void {
  expect(stderr).not.toMatch(/refused a statement|Correct it/)
  if (exitCode !== 0) expect(stderr).toContain('had no primary')
}

/** The command until it has nothing left to do, and once more, which does nothing. */
async function finish(stage: VitessStage, command: readonly string[], idle: RegExp): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
    const { exitCode, stdout, stderr } = await stage.run(command)
    if (exitCode === 0 && idle.test(stdout)) return
    expect(attempt, stdout + stderr).toBeLessThan(5)
  }
}

async function expectSettled(stage: VitessStage, keyspace: string): Promise<void> {
  expect(await stage.ask(`SELECT state FROM wwdb_journal_${keyspace} WHERE state<>'closed'`)).toEqual([])
  const drift = await stage.run(['drift', '-t', keyspace])
  expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
}

/** What the application was told to be there is there once, whichever server of a shard has it now. */
async function expectKept(stage: VitessStage, told: readonly number[]): Promise<void> {
  expect(told.length).toBeGreaterThan(10)
  const found = (await stage.onShards('SELECT id FROM letters', 'message_db')).flat().map(([id]) => Number(id))
  const present = new Set(found)
  expect([...numbers, ...told].filter((id) => !present.has(id))).toEqual([])
  expect(found.length).toBe(present.size)
}

const columnsOfLetters = async (stage: VitessStage) =>
  (await stage.onShards('SHOW COLUMNS FROM letters', 'message_db')).map((rows) => rows.map(([name]) => name))

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a reparent in the middle of', () => {
  it.each(isSoak ? cases : cases.slice(1, 2))(
    'an online ALTER changes each shard once, and loses no row of the application: %s of %s',
    { timeout: 300_000 },
    async (kind, place) => {
      const stage = await openWithLetters()
      stage.write('message_db/20260102000000_slow.sql', slow)
      const writer = startWriter(`${vitess().url}/message_db`)
      const command = ['migrate', '--yes', '-t', 'message_db', '--allow', 'BLOCKING_COPY']
      const run = stage.start(command)
      await awaitSight(stage, run, "SELECT 1 FROM _vt.vreplication WHERE state='Copying'", 'message_db:-80')
      await vitess().reparent(place, kind)
      expectTrue(await run.ended)
      await finish(stage, command, /nothing to do/)
      await expectKept(stage, await writer.end())
      const changed = ['id', 'name', 'digest', 'n']
      expect(await columnsOfLetters(stage)).toEqual([changed, changed])
      await expectSettled(stage, 'message_db')
    },
  )

  it.each(isSoak ? kinds : kinds.slice(1))('data writes each row once: %s', { timeout: 300_000 }, async (kind) => {
    const files = { 'user_db/20260101000000_notes.sql': notes }
    const stage = await openVitessStage(openStage, vitess(), { files })
    const command = ['migrate', '--yes', '-t', 'user_db']
    const run = stage.start(command)
    await awaitSight(stage, run, 'SELECT 1 FROM notes WHERE n=5')
    await vitess().reparent('user_db/0', kind)
    expectTrue(await run.ended)
    await finish(stage, command, /nothing to do/)
    expect(await stage.ask('SELECT n,COUNT(*) FROM notes GROUP BY n ORDER BY n')).toEqual(written.map((n) => [n, 1]))
    await expectSettled(stage, 'user_db')
  })

  it.each(isSoak ? cases : [])(
    'seeds leaves them as in their files: %s of %s',
    { timeout: 300_000 },
    async (kind, place) => {
      const stage = await openWithLetters()
      const ids = Array.from({ length: 2000 }, (_, id) => id + 5000)
      stage.write(
        'seeds/message_db/letters.yaml',
        `table: letters\nkey: id\nrows:\n${ids.map((id) => `  - { id: ${id}, name: c }\n`).join('')}`,
      )
      const command = ['seed', '--yes', '-t', 'message_db']
      const run = stage.start(command)
      await awaitSight(stage, run, "SELECT 1 FROM wwdb_journal_message_db WHERE state<>'closed'")
      await vitess().reparent(place, kind)
      expectTrue(await run.ended)
      await finish(stage, command, /./)
      const found = await stage.ask(
        'SELECT COUNT(*),COUNT(DISTINCT id),MIN(name),MAX(name) FROM letters WHERE id>=5000',
        'message_db',
      )
      expect(found.map((row) => row.map(String))).toEqual([['2000', '2000', 'c', 'c']])
      const plan = await stage.run(['seed', 'plan', '--exit-code', '-t', 'message_db'])
      expect(plan.exitCode, plan.stdout).toBe(0)
      await expectSettled(stage, 'message_db')
    },
  )

  it.each(isSoak ? cases : [])(
    'a rollback by REVERT takes the change back once, and loses no row of the application: %s of %s',
    { timeout: 300_000 },
    async (kind, place) => {
      const stage = await openWithLetters()
      stage.write('message_db/20260102000000_slow.sql', slow)
      const change = await stage.run(['migrate', '--yes', '-t', 'message_db', '--allow', 'BLOCKING_COPY'])
      expect(change.exitCode, change.stderr).toBe(0)
      const writer = startWriter(`${vitess().url}/message_db`)
      const command = ['rollback', '--revert', '--yes', '-t', 'message_db', '--allow', 'DROP_COLUMN']
      const run = stage.start(command)
      // Before its stream is started, a reparent leaves it `running` for hours.
      const begun =
        "SELECT 1 FROM _vt.vreplication JOIN _vt.schema_migrations ON workflow=migration_uuid WHERE reverted_uuid<>'' AND state='Running'"
      await awaitSight(stage, run, begun, 'message_db:-80')
      await vitess().reparent(place, kind)
      expectTrue(await run.ended)
      // A rollback that is done would take back the migration before it.
      const status = () => stage.run(['status', '-t', 'message_db'])
      for (let attempt = 1; !/1 applied, 1 pending/.test((await status()).stdout); attempt += 1) {
        await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)').catch(() => undefined)
        const again = await stage.run(command)
        expect(attempt, again.stderr).toBeLessThan(5)
      }
      await expectKept(stage, await writer.end())
      expect(await columnsOfLetters(stage)).toEqual([
        ['id', 'name'],
        ['id', 'name'],
      ])
      await expectSettled(stage, 'message_db')
    },
  )

  // Not `it.runIf`: a run of everything fails for a test that is skipped.
  it.each(isSoak ? ['the primary'] : [])(
    'data, after the server of %s was lost, writes each row once',
    { timeout: 300_000 },
    async () => {
      const files = { 'user_db/20260101000000_notes.sql': notes }
      const stage = await openVitessStage(openStage, vitess(), { files })
      const command = ['migrate', '--yes', '-t', 'user_db']
      const run = stage.start(command)
      await awaitSight(stage, run, 'SELECT 1 FROM notes WHERE n=5')
      await vitess().shards.get('user_db/0')?.kill()
      const former = await vitess().reparent('user_db/0', 'emergency')
      expectTrue(await run.ended)
      await finish(stage, command, /nothing to do/)
      expect(await stage.ask('SELECT n,COUNT(*) FROM notes GROUP BY n ORDER BY n')).toEqual(written.map((n) => [n, 1]))
      await expectSettled(stage, 'user_db')
      await former.restart()
      const isReplica = () =>
        stage.ask("SHOW VITESS_TABLETS LIKE 'user_db'").then((rows) => rows.map((row) => row[3]).toSorted())
      await expect.poll(isReplica, { timeout: 30_000 }).toEqual(['PRIMARY', 'REPLICA'])
    },
  )
})
