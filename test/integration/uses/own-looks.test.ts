import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

interface UsesAnswer {
  readonly servers: readonly { readonly unjudged: number }[]
}

describe.each(versionsInTurn(import.meta.url))('what wwdb itself asks, MySQL %s', (version) => {
  let server: OwnServer

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(() => server?.stop())

  /** Those that ask the most, on a server that has nothing else. */
  const commands = [
    ['doctor'],
    ['drift', '--replay'],
    ['schema', 'dump'],
    ['grants', 'check'],
    ['lint', '--server'],
    ['check', 'references'],
    ['report', '--out', 'report.html'],
    ['plan'],
  ]

  test('is not counted among the statements that may name a table, however long its texts are', async () => {
    const project = await stage({ url: server.url, files: { 'app/0001_a.sql': tableMigration('a') } })
    expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    const holder = await createConnection({ uri: server.url, database: project.schema('app') })
    await holder.query('START TRANSACTION')
    await holder.query('SELECT * FROM a')
    project.write('app/0002_b.sql', migration('ALTER TABLE a ADD COLUMN b INT;', 'ALTER TABLE a DROP COLUMN b;'))
    const environment = { WWDB_GUARD_TRANSACTION: 'none', WWDB_LOCK_WAIT_TIMEOUT: '1s' }
    const blocked = await project.run(['migrate', '--yes', '--no-probe'], { environment })
    expect(blocked.stderr).toContain('was blocked')
    await holder.query('COMMIT')
    expect(await project.run(['migrate', '--yes', '--no-probe'])).toMatchObject({ exitCode: 0 })
    await holder.end()
    for (const command of commands) await project.run(command)
    const { answer } = await project.json(['uses', 'a'])
    expect((answer as unknown as UsesAnswer).servers).toMatchObject([{ unjudged: 0 }])
  })
})
