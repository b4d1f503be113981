import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

/** Seconds: as long as a server that was just started can be waited for. */
const time = 15

describe.each(versionsInTurn(import.meta.url))('a proof that nobody uses a table, on MySQL %s', (version) => {
  let server: OwnServer
  let application: Connection

  beforeAll(async () => {
    server = await startServer({ version })
  })
  afterAll(async () => {
    application?.destroy()
    await server?.stop()
  })

  test('is given where the server has counted for the time, and an application is seen', async () => {
    const stage = await openStage({
      url: server.url,
      files: {
        'app/0001_tables.sql': migration(
          'CREATE TABLE users (id INT PRIMARY KEY);\nCREATE TABLE old (id INT PRIMARY KEY);',
        ),
      },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    stage.write('app/0002_drop.sql', migration('DROP TABLE old;'))
    application = await createConnection({ uri: server.url, database: stage.schema('app') })
    const readUptime = async (): Promise<number> => {
      const [[row]] = await application.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Uptime'")
      return Number(row?.['Value'])
    }
    const plan = async (within: string) => {
      // Of what an application sends, this alone is of the time.
      await application.query('SELECT id FROM users')
      const { stdout, exitCode } = await stage.run(['plan', '--live', '--within', within])
      return { exitCode, said: stdout.replaceAll(/\s+/g, ' ') }
    }
    await expect.poll(readUptime, { timeout: 60_000 }).toBeGreaterThan(time + 1)
    expect(await plan(`${time}s`)).toEqual({
      exitCode: 0,
      said: expect.stringContaining(`app: no live statement of the last ${time} seconds names \`old\`.`),
    })
    expect(await plan('2 hours')).toEqual({
      exitCode: 2,
      said: expect.stringMatching(
        /Statements are counted on the primary since [-0-9: ]+ UTC, which is less than 2 hours\./,
      ),
    })
    // Counted from then on.
    await stage.query('TRUNCATE TABLE performance_schema.events_statements_summary_by_digest')
    expect(await plan(`${time}s`)).toEqual({
      exitCode: 2,
      said: expect.stringContaining(`which is less than ${time} seconds.`),
    })
    await application.query('SELECT id FROM old')
    expect(await plan(`${time}s`)).toMatchObject({ exitCode: 1 })
  })
})
