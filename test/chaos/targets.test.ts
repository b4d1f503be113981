// A run over many targets is killed in its waves, again and again: the next runs do what is left, and nothing twice.
import { expect, test } from 'vitest'
import { names, tenants, withTenants } from '../helpers/migrations/tenants.ts'
import { migration, type Stage } from '../helpers/tool/stage.ts'
import { waitFor } from './support/database.ts'
import { isSoak, randomFrom, seed } from './support/seed.ts'

const openTenants = withTenants()

const list = names(12)
const kills = isSoak ? 30 : 4

const files = {
  'tenant_db/0001_notes.sql': migration(
    "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(9));\nINSERT INTO notes (what) VALUES ('one');",
  ),
  'tenant_db/0002_more.sql': migration(
    "ALTER TABLE notes ADD COLUMN n INT NOT NULL DEFAULT 0;\nUPDATE notes SET n = n + 1;\nINSERT INTO notes (what) VALUES ('two');",
  ),
}

/** How many statements are closed in all targets. */
async function countClosed(stage: Stage): Promise<number> {
  const [counts] = await Promise.all([
    stage.query(
      `SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_NAME='wwdb_journal' AND TABLE_SCHEMA LIKE '${stage.prefix}%'`,
    ),
  ])
  if (counts.length === 0) return 0
  const parts = counts.map(
    ([schema]) => `SELECT COUNT(*) c FROM \`${schema}\`.wwdb_journal WHERE state='closed' AND pass>0`,
  )
  const [[sum] = []] = await stage.query(`SELECT SUM(c) FROM (${parts.join(' UNION ALL ')}) s`)
  return Number(sum)
}

test(`every statement runs once in each target, with ${kills} kills in a wave (seed ${seed})`, async () => {
  const random = randomFrom(seed)
  const whole = list.length * 5
  for (let left = kills; left > 0; ) {
    const stage = await openTenants(list, { targets: { list, canary: 1, wave: 5, atOnce: 3 }, files })
    for (let closed = 0; closed < whole && left > 0; left -= 1) {
      const until = Math.min(whole, closed + 1 + Math.floor(random() * whole * 0.4))
      const run = stage.start(['migrate', ...tenants])
      let hasEnded = false
      void run.ended.then(() => {
        hasEnded = true
      })
      await waitFor(`${until} closed statements`, async () => hasEnded || (await countClosed(stage)) >= until)
      run.child.kill('SIGKILL')
      await run.ended
      closed = await countClosed(stage)
    }
    const { answer } = await stage.json(['migrate', ...tenants])
    expect(answer).toMatchObject({ exitCode: 0, end: 'done', outcomes: [] })
    for (const name of list) {
      expect(await stage.query('SELECT what, n FROM notes ORDER BY id', name), name).toEqual([
        ['one', 1],
        ['two', 0],
      ])
      const rows = await stage.query("SELECT COUNT(*) FROM wwdb_journal WHERE state='closed' AND pass>0", name)
      expect(rows, name).toEqual([[5]])
      // The row of a run that was killed behind its last statement stays as it is until the next run of that target; its lock is gone.
      const alive = "outcome='running' AND IS_USED_LOCK(CONCAT('wwdb_run_',run_id)) IS NOT NULL"
      expect(await stage.query(`SELECT COUNT(*) FROM wwdb_runs WHERE ${alive}`, name), name).toEqual([[0]])
    }
  }
}, 600_000)
