import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const change = 'message_db/20260102000000_change.sql'
const back = ['rollback', '--revert', '--yes']

/** `letters` has a vindex, so that rows are on both shards; `notes` has one as well. */
const made = {
  'message_db/20260101000000_letters.sql': migration(
    'CREATE TABLE letters (id INT NOT NULL PRIMARY KEY, body VARCHAR(50) NULL, old INT NULL);\nALTER VSCHEMA ON letters ADD VINDEX by_id (id) USING xxhash;\nCREATE TABLE notes (id INT NOT NULL PRIMARY KEY);\nALTER VSCHEMA ON notes ADD VINDEX by_id (id) USING xxhash;',
    'DROP TABLE notes;',
  ),
}
const ids = Array.from({ length: 20 }, (_, id) => id + 1)

async function openWithLetters(up: string, down?: string): Promise<VitessStage> {
  const stage = await openVitessStage(openStage, vitess(), { files: made })
  const first = await stage.run(['migrate', '--yes'])
  expect(first.exitCode, first.stderr).toBe(0)
  await stage.ask(`INSERT INTO letters (id, body, old) VALUES ${ids.map((id) => `(${id}, 'a', ${id})`)}`, 'message_db')
  await stage.ask(`INSERT INTO notes (id) VALUES ${ids.map((id) => `(${id})`)}`, 'message_db')
  stage.write(change, down === undefined ? `-- migrate:up\n${up}\n` : migration(up, down))
  const second = await stage.run(['migrate', '--yes', '--allow', 'DROP_COLUMN', '--allow', 'DROP_TABLE'])
  expect(second.exitCode, second.stderr).toBe(0)
  return stage
}

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('a rollback by REVERT', () => {
  it('brings back on every shard what each statement took away, keeps what was written since, and can be migrated again', {
    timeout: 180_000,
  }, async () => {
    const up =
      'ALTER TABLE letters DROP COLUMN old, ADD COLUMN title VARCHAR(20) NULL;\nDROP TABLE notes;\nCREATE TABLE tags (id INT NOT NULL PRIMARY KEY);'
    const stage = await openWithLetters(up)
    await stage.ask("INSERT INTO letters (id, body, title) VALUES (100, 'new', 'x')", 'message_db')
    await stage.ask("UPDATE letters SET body='b' WHERE id=1", 'message_db')

    const offered = await stage.run(['rollback', '--yes'])
    expect([offered.exitCode, offered.stderr]).toEqual([2, expect.stringMatching(/has no down part/)])
    expect(offered.stderr).toMatch(
      /Run `wwdb rollback --revert`: Vitess can take it back with `REVERT VITESS_MIGRATION` for 23 hours more/,
    )

    const plan = await stage.run([...back, '--dry-run'])
    expect(plan.stdout, plan.stderr).toMatch(/REVERT VITESS_MIGRATION '\w+'/)
    expect(plan.stdout).toContain('`letters`.`title` goes away with its values.')
    expect(plan.stdout).toContain(
      '`letters`.`old` comes back with its values, also in rows that were updated since; rows that were inserted since have its default.',
    )
    expect(plan.stdout).toContain('The table `notes` comes back with the rows that it had.')
    expect(plan.stdout).toMatch(/Vitess keeps what this needs for 23 hours more: it must end within that time\./)

    // Its file may say something else by now, and what its header accepts is the up part.
    stage.write(
      change,
      '-- wwdb:accept DROP_COLUMN nobody reads it\n-- migrate:up\nALTER TABLE letters DROP COLUMN old, ADD COLUMN title VARCHAR(30) NULL;\nDROP TABLE notes;\n',
    )
    const edited = await stage.run([...back, '--dry-run'])
    expect(edited.stdout.replaceAll(/\s+/g, ' '), edited.stderr).toContain(
      `\`migrations/${change}\` was changed after it ran: it no longer has statements 1, 3 as they ran. \`REVERT\` takes back what ran.`,
    )
    expect(edited.stdout).not.toContain('nobody reads it')
    expect(edited.stdout).toContain('`letters`.`title` goes away with its values.')
    const accept = async () => {
      const run = await stage.run(['repair', '--accept-checksums', '--yes'])
      expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 migration recorded')])
    }
    await accept()
    const accepted = await stage.run([...back, '--dry-run'])
    expect(accepted.stdout.replaceAll(/\s+/g, ' '), accepted.stderr).toContain(
      'it no longer has statements 1, 3 as they ran',
    )
    stage.write(change, `-- migrate:up\n${up}\n`)
    await accept()

    for (const code of ['DROP_COLUMN', 'DROP_TABLE']) expect(plan.stdout).toContain(`destructive ${code}`)
    const asked = await stage.run(['rollback', '--revert'])
    expect([asked.exitCode, asked.stderr]).toEqual([
      2,
      expect.stringContaining('Its `REVERT` removes data: DROP_TABLE, DROP_COLUMN.'),
    ])

    const done = await stage.run(back)
    expect([done.exitCode, done.stdout], done.stderr).toEqual([
      0,
      expect.stringContaining('1 migration reverted (3 statements'),
    ])
    // vtgate hears of the column from its tablets a moment later.
    const letters = () =>
      stage.ask('SELECT id,body,old FROM letters WHERE id IN (1,2,100) ORDER BY id', 'message_db').catch(String)
    await expect.poll(letters, { timeout: 10_000 }).toEqual([
      [1, 'b', 1],
      [2, 'a', 2],
      [100, 'new', null],
    ])
    expect(await stage.ask('SELECT COUNT(*) FROM notes', 'message_db')).toEqual([[ids.length]])
    expect(await stage.onShards("SHOW TABLES LIKE 'tags'", 'message_db')).toEqual([[], []])

    const drift = await stage.run(['drift', '-t', 'message_db'])
    expect([drift.exitCode, drift.stdout], drift.stderr).toEqual([0, expect.stringContaining('No difference')])
    const status = await stage.run(['status'])
    expect(status.stdout).toMatch(/pending +20260102000000/)
    const again = await stage.run(['migrate', '--yes', '--allow', 'DROP_COLUMN', '--allow', 'DROP_TABLE'])
    expect(again.exitCode, again.stderr).toBe(0)
    expect(await stage.onShards("SHOW TABLES LIKE 'tags'", 'message_db')).toEqual([[['tags']], [['tags']]])
  })

  it('is refused before its first statement, with what stands in the way', { timeout: 180_000 }, async () => {
    const stage = await openWithLetters('DROP TABLE notes;\nALTER TABLE letters ADD COLUMN title VARCHAR(20) NULL;')
    const refusal = async (...args: readonly string[]): Promise<string> => {
      const run = await stage.run([...back, ...args])
      expect([run.exitCode, run.stdout], run.stderr).toEqual([2, ''])
      return run.stderr.replaceAll(/\b[\da-f]{8}_\w+/g, 'UUID')
    }
    const later = 'message_db/20260103000000_later.sql'
    stage.write(later, migration('ALTER TABLE letters ADD INDEX (title);\nINSERT INTO letters (id) VALUES (200);', ''))
    const migrated = await stage.run(['migrate', '--yes'])
    expect(migrated.exitCode, migrated.stderr).toBe(0)
    // Its data is not taken back by Vitess; and the older one is then not the last one of its table.
    const both = await refusal('--steps', '2')
    expect(both).toContain(
      'Statement 2 of 2 (INSERT letters) did not run as a migration of Vitess: `REVERT` takes back definitions, and no data or VSchema.',
    )
    expect(both).toContain(
      'Statement 2 of 2 (ALTER TABLE letters): it is not the last migration of `letters`, the only one that Vitess reverts: UUID ran after it on shard -80.',
    )
    const byDown = await stage.run(['mark', '20260103000000', '--pending', '--yes', '-t', 'message_db'])
    expect(byDown.exitCode, byDown.stderr).toBe(0)
    stage.remove(later)

    // The drop alone would go; nothing of it does.
    expect(await refusal()).toContain('it is not the last migration of `letters`')
    expect(await stage.onShards("SHOW TABLES LIKE 'notes'", 'message_db')).toEqual([[], []])
    const first = await refusal('--to', '0')
    expect(first).toContain('Statement 4 of 4 (ALTER VSCHEMA ADD VINDEX notes')
  })

  it('is refused once Vitess has removed what it needs', { timeout: 180_000 }, async () => {
    const stage = await openWithLetters('ALTER TABLE letters ADD COLUMN title VARCHAR(20) NULL;\nDROP TABLE notes;')
    const drops = await stage.ask(
      "SELECT migration_uuid FROM _vt.schema_migrations WHERE ddl_action='drop' ORDER BY id DESC LIMIT 1",
      'message_db:-80',
    )
    const uuid = String(drops[0]?.[0])
    await stage.ask(`ALTER VITESS_MIGRATION '${uuid}' CLEANUP`, 'message_db')
    const run = await stage.run(back)
    expect([run.exitCode, run.stderr]).toEqual([
      2,
      expect.stringContaining(
        'Statement 2 of 2 (DROP TABLE notes): Vitess no longer keeps what `notes` was on shard -80: the time of `--retain-online-ddl-tables` has passed.',
      ),
    ])
    const columns = await stage.onShards("SHOW COLUMNS FROM letters LIKE 'title'", 'message_db')
    expect(columns.map((rows) => rows.length)).toEqual([1, 1])
  })

  it('leaves every shard as it is where one of them cannot do it, and says which and why', {
    timeout: 180_000,
  }, async () => {
    const stage = await openWithLetters('ALTER TABLE letters ADD UNIQUE KEY two (old);')
    stage.write(
      'message_db/20260104000000_free.sql',
      migration('ALTER TABLE letters DROP INDEX two;', 'ALTER TABLE letters ADD UNIQUE KEY two (old);'),
    )
    const freed = await stage.run(['migrate', '--yes'])
    expect(freed.exitCode, freed.stderr).toBe(0)
    // On one shard alone, two rows have the same value now.
    const [rows = []] = await stage.onShards('SELECT id FROM letters ORDER BY id LIMIT 2', 'message_db')
    await stage.ask(`UPDATE letters SET old=77 WHERE id IN (${rows.flat().join()})`, 'message_db')

    const plan = await stage.run([...back, '--dry-run'])
    expect(plan.stdout, plan.stderr).toContain(
      'A row of `letters` that was written since may stop it: unique constraint removed: two. It cannot be tried again then.',
    )
    const run = await stage.run(back)
    expect([run.exitCode, run.stderr]).toEqual([
      2,
      expect.stringMatching(/shard -80 says `failed`[\s\S]*Duplicate entry '77'/),
    ])
    const keys = await stage.onShards("SHOW KEYS FROM letters WHERE Key_name='two'", 'message_db')
    expect(keys.map((found) => found.length)).toEqual([0, 0])
    // Vitess would send the copy each row a second time. The down part has nothing to do with it.
    const again = await stage.run(back)
    expect([again.exitCode, again.stderr]).toEqual([
      2,
      expect.stringMatching(/a `REVERT` of it \(\w+\) has begun on shard -80 and is `failed`/),
    ])
    await stage.ask(`UPDATE letters SET old=id WHERE id IN (${rows.flat().join()})`, 'message_db')
    const byDown = await stage.run(['rollback', '--yes'])
    expect(byDown.exitCode, byDown.stderr).toBe(0)
    const after = await stage.onShards("SHOW KEYS FROM letters WHERE Key_name='two'", 'message_db')
    expect(after.map((found) => found.length)).toEqual([1, 1])
  })
})
