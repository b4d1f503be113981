import { describe, expect, test } from 'vitest'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withDatabase } from './support/database.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { inject, recordCommands } from './support/inject.ts'
import { withFixture } from './support/with-fixture.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

const header = '-- wwdb:accept DROP_TABLE nothing is in it\n'
const files = {
  'migrations/app/1_first.sql': `${header}-- migrate:up\nCREATE TABLE first (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE first;\n`,
  'migrations/app/2_second.sql': `${header}-- migrate:up\nCREATE TABLE second (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE second;\n`,
}
const rollback = ['rollback', '--yes']

describe.each(versions)('a rollback of one step on MySQL %s', (version) => {
  const { fixture, migrated } = withFixture({ version, launcher, files })

  const tablesOf = (schema: string): Promise<readonly string[]> =>
    withDatabase(fixture().urlOf(schema), async (database) =>
      (await database.rows('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_')),
    )

  test('killed when its last statement had run, it is finished by the next one, which reverts nothing more', async () => {
    const { commands } = await recordCommands(fixture(), rollback, await migrated())
    const drop = commands.find((command) => command.text.startsWith('DROP TABLE second'))
    const schema = await migrated()
    const point = { index: drop?.index ?? 0, moment: 'answered' } as const
    expect((await inject(fixture(), rollback, schema, point, 'runner')).command?.text).toBe('DROP TABLE second')
    expect(await tablesOf(schema)).toEqual(['first'])
    expect(await fixture().run(rollback, schema)).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(schema)).toEqual(['first'])
    expect(await fixture().run(rollback, schema)).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(schema)).toEqual([])
  })

  test.each([
    ['its own migration', '2_second'],
    ['the migration below it', '1_first'],
  ])('killed there, it is finished although %s has no down part any more', async (_, name) => {
    const { commands } = await recordCommands(fixture(), rollback, await migrated())
    const drop = commands.find((command) => command.text.startsWith('DROP TABLE second'))
    const schema = await migrated()
    await inject(fixture(), rollback, schema, { index: drop?.index ?? 0, moment: 'answered' }, 'runner')
    const file = `migrations/app/${name}.sql` as const
    const whole = files[file as keyof typeof files]
    await fixture().write(file, whole.replace(/-- migrate:down[\s\S]*/, ''))
    try {
      const ended = await fixture().run(rollback, schema)
      expect(ended, ended.stderr).toMatchObject({ exitCode: 0 })
      expect(await tablesOf(schema)).toEqual(['first'])
    } finally {
      await fixture().write(file, whole)
    }
  })

  test('two at once revert one step each, not the same one twice and not one more', async () => {
    const schema = await migrated()
    const runs = await Promise.all([fixture().start(rollback, schema).ended, fixture().start(rollback, schema).ended])
    expect(runs.filter((run) => run.exitCode !== 0)).toEqual([])
    expect(['', 'first']).toContain((await tablesOf(schema)).join())
  })
})
