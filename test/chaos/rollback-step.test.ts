import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../helpers/servers/servers.ts'
import { withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { inject, recordCommands } from './support/inject.ts'

const versions: readonly ServerVersion[] = ['9.7', '8.0']
const launcher = withFrozenTool()

const header = '-- wwdb:accept DROP_TABLE nothing is in it\n'
const files = {
  'migrations/app/1_first.sql': `${header}-- migrate:up\nCREATE TABLE first (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE first;\n`,
  'migrations/app/2_second.sql': `${header}-- migrate:up\nCREATE TABLE second (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE second;\n`,
}
const rollback = ['rollback', '--yes']

describe.each(versions)('a rollback of one step on MySQL %s', (version) => {
  let server: OwnServer
  let fixture: Fixture

  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files })
  })
  afterAll(async () => {
    await fixture?.close()
    await server?.stop()
  })

  async function applied(): Promise<string> {
    const schema = await fixture.createSchema('')
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    return schema
  }

  const tablesOf = (schema: string): Promise<readonly string[]> =>
    withDatabase(fixture.urlOf(schema), async (database) =>
      (await database.rows('SHOW TABLES')).map(([name]) => String(name)).filter((name) => !name.startsWith('wwdb_')),
    )

  test('killed when its last statement had run, it is finished by the next one, which reverts nothing more', async () => {
    const { commands } = await recordCommands(fixture, rollback, await applied())
    const drop = commands.find((command) => command.text.startsWith('DROP TABLE second'))
    const schema = await applied()
    const point = { index: drop?.index ?? 0, moment: 'answered' } as const
    expect((await inject(fixture, rollback, schema, point, 'runner')).command?.text).toBe('DROP TABLE second')
    expect(await tablesOf(schema)).toEqual(['first'])
    expect(await fixture.run(rollback, schema)).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(schema)).toEqual(['first'])
    expect(await fixture.run(rollback, schema)).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(schema)).toEqual([])
  })

  test('two at once revert one step each, not the same one twice and not one more', async () => {
    const schema = await applied()
    const runs = await Promise.all([fixture.start(rollback, schema).ended, fixture.start(rollback, schema).ended])
    expect(runs.filter((run) => run.exitCode !== 0)).toEqual([])
    expect(['', 'first']).toContain((await tablesOf(schema)).join())
  })
})
