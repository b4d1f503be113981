import { beforeEach, expect, it } from 'vitest'
import { type Moment, openWireProxy } from '../helpers/mysql/wire-proxy.ts'
import { isSoak } from '../helpers/tool/seed.ts'
import { migration, withStages } from '../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const back = ['rollback', '--revert', '--yes', '-t', 'message_db']

const files = {
  'message_db/20260101000000_letters.sql': migration(
    'CREATE TABLE letters (id INT NOT NULL PRIMARY KEY, n INT NULL);\nCREATE TABLE notes (id INT NOT NULL PRIMARY KEY);',
  ),
  'message_db/20260102000000_change.sql': migration(
    'DROP TABLE notes;\nALTER TABLE letters DROP COLUMN n;\nCREATE TABLE tags (id INT NOT NULL PRIMARY KEY);',
  ),
}

/** Where a rollback is killed: the row of the journal that is there then. The second statement is online, and waits for both shards. */
const sights = [0, 1, 2].map((statement) => ({
  statement,
  sight: `SELECT 1 FROM wwdb_journal_message_db WHERE direction='down' AND statement=${statement}`,
}))

async function migrated(url = vitess().url): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, { ...vitess(), url }, { files })
  const first = await stage.run(['migrate', '--yes', '--steps', '1', '-t', 'message_db'])
  expect(first.exitCode, first.stderr).toBe(0)
  // Shard by shard: a restart forgets what the VSchema says of vindexes.
  const rows = Array.from({ length: 20 }, (_, id) => id)
  await stage.ask(`INSERT INTO letters (id, n) VALUES ${rows.map((id) => `(${id}, ${id})`)}`, 'message_db:-80')
  await stage.ask(`INSERT INTO letters (id, n) VALUES ${rows.map((id) => `(${id + 20}, ${id})`)}`, 'message_db:80-')
  const allowed = ['--allow', 'DROP_TABLE', '--allow', 'DROP_COLUMN']
  const second = await stage.run(['migrate', '--yes', '-t', 'message_db', ...allowed])
  expect(second.exitCode, second.stderr).toBe(0)
  await stage.ask('INSERT INTO letters (id) VALUES (100)', 'message_db:80-')
  return stage
}

/** Each REVERT has done its work once on each shard; what was given twice has failed. */
async function expectReverted(stage: VitessStage): Promise<void> {
  // vtgate hears of the column from its tablets a moment later.
  const letters = () =>
    stage.ask('SELECT id,n FROM letters WHERE id IN (7,100) ORDER BY id', 'message_db').catch(String)
  await expect.poll(letters, { timeout: 10_000 }).toEqual([
    [7, 7],
    [100, null],
  ])
  const tables = await stage.onShards('SHOW TABLES', 'message_db')
  expect(tables.map((rows) => rows.flat().filter((name) => !String(name).startsWith('_vt_')))).toEqual([
    ['letters', 'notes'],
    ['letters', 'notes'],
  ])
  for (const shard of ['-80', '80-']) {
    const counts = await stage.ask(
      "SELECT reverted_uuid,COUNT(*) FROM _vt.schema_migrations WHERE reverted_uuid<>'' AND migration_status='complete' GROUP BY reverted_uuid HAVING COUNT(*)>1",
      `message_db:${shard}`,
    )
    expect(counts, shard).toEqual([])
  }
  const status = await stage.run(['status', '-t', 'message_db'])
  expect(status.stdout).toContain('1 applied, 1 pending')
  const drift = await stage.run(['drift', '-t', 'message_db'])
  expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a rollback by REVERT that is killed', () => {
  it.each(sights)(
    'at its statement $statement is finished, and reverts everything once',
    {
      timeout: 240_000,
    },
    async ({ statement, sight }) => {
      const stage = await migrated()
      const run = stage.start(back)
      await expect.poll(() => stage.ask(sight), { timeout: 60_000, interval: 10 }).not.toEqual([])
      run.child.kill('SIGKILL')
      await run.ended
      await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
      // It goes on as it began, also where nobody says so.
      const again = await stage.run(statement === 1 ? ['rollback', '--yes', '-t', 'message_db'] : back)
      expect(again.exitCode, again.stderr).toBe(0)
      await expectReverted(stage)
    },
  )
})

describeVitess('a rollback by REVERT whose vtgate and tablets die', () => {
  it.each(sights.slice(isSoak ? 0 : 1, isSoak ? 3 : 2))(
    'at its statement $statement is finished, and reverts everything once',
    {
      timeout: 240_000,
    },
    async ({ sight }) => {
      const stage = await migrated()
      const run = stage.start(back)
      await expect.poll(() => stage.ask(sight), { timeout: 60_000, interval: 10 }).not.toEqual([])
      await vitess().restart()
      await run.ended
      for (let attempt = 1; ; attempt += 1) {
        await stage.ask('UPDATE wwdb_lease SET expires=UTC_TIMESTAMP(6)')
        const again = await stage.run(back)
        const status = await stage.run(['status', '-t', 'message_db'])
        if (/1 applied, 1 pending/.test(status.stdout)) break
        expect(attempt, again.stderr).toBeLessThan(4)
      }
      await expectReverted(stage)
    },
  )
})

describeVitess('a rollback by REVERT whose connection is lost when the first one is given', () => {
  const cut = async (moment: Moment, work: (stage: VitessStage) => Promise<void>): Promise<void> => {
    let isCut = false
    const proxy = await openWireProxy(vitess().port, async ({ text }, at) => {
      if (isCut || at !== moment || !text.startsWith('REVERT VITESS_MIGRATION')) return 'pass'
      isCut = true
      // Both ends of the connection are gone with it.
      throw new Error('cut')
    })
    try {
      await work(await migrated(`mysql://root@127.0.0.1:${proxy.port}`))
      expect(isCut).toBe(true)
    } finally {
      await proxy.close()
    }
  }

  it('says that a shard may still get it where no shard has it, and the next run gives it once', {
    timeout: 240_000,
  }, async () => {
    await cut('before', async (stage) => {
      const lost = await stage.run(back)
      const said = `${lost.stdout} ${lost.stderr}`.replaceAll(/\s+/g, ' ')
      expect(said).toContain('no shard has it, and one may still get it')
      expect(said).toContain('is not known to have run as a whole')
      expect(said).toContain('Run the command again: the next run looks at what it did on each shard')
      expect(lost.exitCode).toBe(2)
      const again = await stage.run(back)
      expect(again.exitCode, again.stderr).toBe(0)
      await expectReverted(stage)
    })
  })

  it('follows it where the shards have it, and gives it once', { timeout: 240_000 }, async () => {
    await cut('answered', async (stage) => {
      const run = await stage.run(back)
      expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.anything()])
      await expectReverted(stage)
    })
  })
})
