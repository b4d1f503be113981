import { setTimeout as pause } from 'node:timers/promises'
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

  /** An application sends statements again and again meanwhile: a plan may take longer than what it looks back. */
  async function whileSending<T>(statements: readonly string[], work: () => Promise<T>): Promise<T> {
    let isOver = false
    const send = async (): Promise<void> => {
      for (const statement of statements) await application.query(statement)
    }
    const goOn = async (): Promise<void> => {
      while (!isOver) {
        await pause(200)
        await send()
      }
    }
    await send()
    const [result] = await Promise.all([
      work().finally(() => {
        isOver = true
      }),
      goOn(),
    ])
    return result
  }

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
    const countedFor = async (): Promise<number> => {
      const [[row]] = await application.query<RowDataPacket[]>(
        'SELECT TIMESTAMPDIFF(SECOND,MIN(FIRST_SEEN),NOW()) AS seconds FROM performance_schema.events_statements_summary_by_digest',
      )
      return Number(row?.['seconds'])
    }
    const plan = (within: string, ...statements: readonly string[]) =>
      whileSending(statements, async () => {
        const { stdout, exitCode } = await stage.run(['plan', '--live', '--within', within])
        return { exitCode, said: stdout.replaceAll(/\s+/g, ' ') }
      })
    await expect.poll(countedFor, { timeout: 60_000 }).toBeGreaterThan(time)
    expect(await plan(`${time}s`, 'SELECT id FROM users')).toEqual({
      exitCode: 0,
      said: expect.stringContaining(`app: no live statement of the last ${time} seconds names \`old\`.`),
    })
    expect(await plan('2 hours', 'SELECT id FROM users')).toEqual({
      exitCode: 2,
      said: expect.stringMatching(
        /Statements have been counted on the primary only since [-0-9: ]+ UTC, less than the required 2 hours\./,
      ),
    })
    // Counted from then on: however long a plan takes, that was less than this time ago.
    const reset = 'TRUNCATE TABLE performance_schema.events_statements_summary_by_digest'
    expect(await plan(`${time}s`, reset, 'SELECT id FROM users')).toEqual({
      exitCode: 2,
      said: expect.stringContaining(`less than the required ${time} seconds.`),
    })
    expect(await plan(`${time}s`, 'SELECT id FROM old')).toMatchObject({ exitCode: 1 })
  }, 240_000)
})
