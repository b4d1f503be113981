import { resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { withProjects } from '../../helpers/tool/project.ts'
import { runTool, type ToolRun } from '../../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = withProjects()({})

/** As careful administrators run them. */
const strict = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--sql-require-primary-key=ON']

describe.each(versionsInTurn(import.meta.url))('on a MySQL %s with GTIDs', (version) => {
  let server: OwnServer

  beforeAll(async () => {
    // 8.0.12 has no sql_require_primary_key yet.
    server = await startServer({ version, flags: version === '9.7' ? strict : strict.slice(0, 2) })
  })
  afterAll(() => server.stop())

  function run(...words: readonly string[]): Promise<ToolRun> {
    const environment = { WWDB_URL: server.url, WWDB_ROTATION_ARCHIVE: folder }
    return runTool(words, { cwd: root, environment })
  }

  /** File and position of the binary log: any write moves it. */
  async function readLog(): Promise<string> {
    const connection = await createConnection({ uri: server.url, rowsAsArray: true })
    try {
      const [rows] = await connection.query(version === '9.7' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS')
      const [log] = rows as readonly (readonly unknown[])[]
      return `${log?.[0]}:${log?.[1]}`
    } finally {
      await connection.end()
    }
  }

  test('the platform is migrated, seeded and rotated; again nothing is written', async () => {
    const commands = [['db', 'create'], ['migrate'], ['seed'], ['rotate', 'run']]
    for (const words of commands) expect(await run(...words)).toMatchObject({ exitCode: 0 })
    const before = await readLog()
    for (const words of [['migrate'], ['seed'], ['seed', 'plan'], ['shards', 'check']])
      expect(await run(...words)).toMatchObject({ exitCode: 0 })
    expect(await readLog()).toBe(before)
  })

  test('sets are made and dropped', async () => {
    for (const name of ['one', 'two'])
      expect(await run('provision', 'up', '--name', name)).toMatchObject({ exitCode: 0 })
    for (const name of ['one', 'two'])
      expect(await run('provision', 'down', '--name', name)).toMatchObject({ exitCode: 0 })
  })
})
