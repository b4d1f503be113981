import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const lines = (text: string): string => text.replace(/\s+/g, ' ')

describe.each(versionsInTurn(import.meta.url))(
  'a rollback on MySQL %s that failed before it changed anything',
  (version) => {
    async function open() {
      const { url } = await testServerOf(version)
      const opened = await stage({
        url,
        files: {
          'app/0001_a.sql': migration('CREATE TABLE a (id INT PRIMARY KEY, f INT);', 'DROP TABLE a;'),
        },
      })
      expect(await opened.run(['migrate'])).toMatchObject({ exitCode: 0 })
      return opened
    }
    const columns = (rows: readonly (readonly unknown[])[]): readonly unknown[] => rows.map(([name]) => name)

    const up = (select: string): string =>
      `ALTER TABLE a ADD c INT;\nINSERT INTO a VALUES (3, 1, 1);\nCREATE VIEW v AS SELECT ${select} FROM a;`

    test.each([
      ['its first statement', 'DROP VIEW v;\nALTER TABLE a DROP c;'],
      ['the first behind the session', "SET @x = 'y';\nDROP VIEW v;\nALTER TABLE a DROP c;"],
      ['a change of rows', 'DELETE FROM nothere WHERE id = 1;\nALTER TABLE a DROP c;'],
    ])('leaves `migrate` the corrected file: %s', async (_, down) => {
      const { run, write, query } = await open()
      write('app/0002_b.sql', migration(up('nothere'), down))
      expect(await run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 2 })
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 2 })
      write('app/0002_b.sql', migration(up('c'), down))
      const again = await run(['migrate', '--yes'])
      expect(again, again.stderr).toMatchObject({ exitCode: 0 })
      expect(await query('SELECT * FROM a')).toEqual([[3, 1, 1]])
      expect(await query('SELECT * FROM v')).toEqual([[1]])
      expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
      // The way back is open, too, by the same down part where it fits by now.
      write('app/0002_b.sql', migration(up('c'), 'DROP VIEW v;\nDELETE FROM a WHERE id = 3;\nALTER TABLE a DROP c;'))
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(columns(await query('SHOW COLUMNS FROM a'))).toEqual(['id', 'f'])
    })

    test('leaves the migration applied, for `status`, `migrate` and the next `rollback`', async () => {
      const { run, write, query } = await open()
      write('app/0002_b.sql', migration('ALTER TABLE a ADD c INT;', 'DROP VIEW v;\nALTER TABLE a DROP c;'))
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 2 })
      expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
      const migrated = await run(['migrate', '--yes'])
      expect(migrated, migrated.stderr).toMatchObject({ exitCode: 0 })
      write('app/0002_b.sql', migration('ALTER TABLE a ADD c INT;', 'ALTER TABLE a DROP c;'))
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(columns(await query('SHOW COLUMNS FROM a'))).toEqual(['id', 'f'])
    })

    test('is not one that failed half way: `migrate` names `redo`, which finishes and applies again', async () => {
      const { run, write, query } = await open()
      const makes = 'ALTER TABLE a ADD c INT;\nALTER TABLE a ADD d INT;'
      write('app/0002_b.sql', migration(makes, 'ALTER TABLE a DROP d;\nDROP VIEW v;\nALTER TABLE a DROP c;'))
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 2 })
      const refused = await run(['migrate', '--yes'])
      expect(refused.exitCode).toBe(2)
      expect(lines(refused.stderr)).toContain('Run `wwdb redo --steps 1 --target app`')
      write('app/0002_b.sql', migration(makes, 'ALTER TABLE a DROP d;\nALTER TABLE a DROP c;'))
      const redone = await run(['redo', '--steps', '1', '--target', 'app', '--yes'])
      expect(redone, redone.stderr).toMatchObject({ exitCode: 0 })
      expect(columns(await query('SHOW COLUMNS FROM a'))).toEqual(['id', 'f', 'c', 'd'])
      expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    })

    test('is distinguished from one whose data migration in JavaScript failed at once', async () => {
      const { run, write } = await open()
      const module = (down: string): string =>
        `export async function up(k) { await k('a').insert({ id: 9 }) }\nexport async function down(k) { ${down} }\n`
      write('app/0002_b.mjs', module("await k('a').where({ id: 9 }).delete(); throw new Error('no')"))
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await run(['rollback', '--yes'])).toMatchObject({ exitCode: 2 })
      expect(await run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
      expect(await run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
    })
  },
)
