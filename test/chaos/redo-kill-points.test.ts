import { describe, expect, test } from 'vitest'
import { moments } from '../helpers/mysql/wire-proxy.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withDatabase } from './support/database.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { inject, type KillPoint, recordCommands } from './support/inject.ts'
import { longest, randomFrom, sample, seed } from './support/seed.ts'
import { withFixture } from './support/with-fixture.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()
console.error(`Redo chaos: seed ${seed}; SOAK_SEED=${seed} repeats the choice of points`)

const files = {
  'migrations/app/1_a.sql':
    '-- wwdb:accept DROP_TABLE nothing is in it\n-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n',
  'migrations/app/2_b.sql': `-- migrate:up
SET @many = 2;
ALTER TABLE a ADD COLUMN n INT;
INSERT INTO a VALUES (1, 1), (@many, 2);
CREATE VIEW v AS SELECT n FROM a;
-- migrate:down
SET @none = 0;
DROP VIEW v;
DELETE FROM a WHERE id > @none;
ALTER TABLE a DROP COLUMN n;
`,
}
const redo = ['redo', '--yes', '--allow', 'DROP_COLUMN']

describe.each(versions)('a `redo` that is killed on MySQL %s', (version) => {
  const { fixture, migrated } = withFixture({ version, launcher, files })

  /** `migrate` continues, or refuses with a command that does; returns which. */
  async function continueIt(schema: string): Promise<'migrate' | 'redo'> {
    const run = await fixture().run(['migrate', '--yes'], schema)
    if (run.exitCode === 0) return 'migrate'
    expect(run.stderr).toContain('PLAN_IMPOSSIBLE')
    const named = /wwdb (redo --steps 1 --target app)/.exec(run.stderr.replace(/\s+/g, ' '))?.[1]
    expect(named, run.stderr).toBeDefined()
    const args = [...(named ?? '').split(' '), '--yes', '--allow', 'DROP_COLUMN']
    expect(await fixture().run(args, schema)).toMatchObject({ exitCode: 0 })
    return 'redo'
  }

  async function expectWhole(schema: string): Promise<void> {
    await withDatabase(fixture().urlOf(schema), async (database) => {
      expect(await database.rows('SELECT * FROM a ORDER BY id')).toEqual([
        ['1', '1'],
        ['2', '2'],
      ])
      expect(await database.rows('SELECT n FROM v ORDER BY n')).toEqual([['1'], ['2']])
      expect(await database.rows("SELECT * FROM wwdb_journal WHERE state <> 'closed'")).toEqual([])
    })
    const status = await fixture().run(['status', '--exit-code'], schema)
    expect(status, status.stdout).toMatchObject({ exitCode: 0 })
  }

  test(
    'at any command, `migrate` continues it or names what does',
    async () => {
      const { commands } = await recordCommands(fixture(), redo, await migrated())
      const points = commands.flatMap(({ index }) => moments.map((moment): KillPoint => ({ index, moment })))
      const ways: string[] = []
      for (const point of sample(points, 12, randomFrom(seed))) {
        const schema = await migrated()
        const { command } = await inject(fixture(), redo, schema, point, 'runner')
        const where = `${point.moment} ${command?.text.slice(0, 80)}`
        await continueIt(schema).then(
          (way) => ways.push(way),
          (error: unknown) => {
            throw new Error(`killed ${where}`, { cause: error })
          },
        )
        await expectWhole(schema)
        await fixture().dropSchema(schema)
      }
      console.error(`${version}: ${ways.length} kills of redo, continued by ${JSON.stringify(ways)}`)
    },
    longest,
  )
})
