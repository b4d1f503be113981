import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../chaos/support/database.ts'
import { createSchema } from '../../helpers/servers/schema.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { openFanOutProject, outcomeOf, things } from '../../helpers/shards/fan-out-project.ts'

const migration = (column: string): string =>
  `-- wwdb:shards things
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN ${column} INT NOT NULL DEFAULT 0;
-- migrate:down
ALTER TABLE {{table}} DROP COLUMN ${column};
`
const template = 'shard-templates/app/things.sql'

test.each(versionsInTurn(import.meta.url))(
  'on MySQL %s, the shards of a family that has moved keep their columns: no migration, rollback or repair changes them',
  async (version) => {
    const schema = await createSchema('moved', await testServerOf(version))
    const database = await openDatabase(schema.url)
    const folder = mkdtempSync(join(tmpdir(), 'wwdb-moved-'))
    try {
      const project = openFanOutProject(schema.url, folder)
      project.write(template, things(''))
      await project.makeShards(['1', '2'])
      project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
      project.write('migrations/20260101000000_add_flag.sql', migration('flag'))
      expect(outcomeOf(await project.migrate())).toMatchObject({ state: 'done' })
      const columnsOf = async (table: string) =>
        (await database.rows(`SHOW COLUMNS FROM ${table}`)).map(([name]) => name)
      const both = ['id', 'flag']
      expect(await columnsOf('things_2')).toEqual(both)

      await database.run(
        "INSERT INTO wwdb_shard_findings(family,shard_key,kind,found_at,table_name,state) VALUES ('things','','moved','2026-01-02','things_db.things','moved')",
      )
      const refusal = {
        code: 'MOVE_REFUSED',
        faults: [{ why: expect.stringContaining('has moved to `things_db.things`') }],
      }
      await expect(project.rollback({ allow: ['DROP_COLUMN'] })).rejects.toMatchObject(refusal)
      project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0,\n  more INT NOT NULL DEFAULT 0'))
      project.write('migrations/20260102000000_add_more.sql', migration('more'))
      await expect(project.migrate()).rejects.toMatchObject(refusal)
      // A column goes with its values: that nobody may repair it is said before anybody is asked to allow it.
      project.remove('migrations/20260102000000_add_more.sql')
      project.write(template, things(',\n  flag INT NOT NULL DEFAULT 0'))
      await database.run('ALTER TABLE things_1 ADD COLUMN extra INT')
      await expect(project.repair([])).rejects.toMatchObject(refusal)
      expect(await columnsOf('things_1')).toEqual([...both, 'extra'])
      expect(await columnsOf('things_2')).toEqual(both)

      await database.run('UPDATE wwdb_shard_findings SET closed_at=NOW()')
      expect(outcomeOf(await project.rollback({ allow: ['DROP_COLUMN'] }))).toMatchObject({ state: 'done' })
      expect(await columnsOf('things_2')).toEqual(['id'])
    } finally {
      await database.close()
      await schema.drop()
      rmSync(folder, { recursive: true })
    }
  },
)
