import { afterAll, beforeAll } from 'vitest'
import { type OwnServer, type ServerVersion, startServer } from '../../helpers/servers/servers.ts'
import type { RunningTool } from '../../helpers/tool/tool.ts'
import { type Database, openDatabase, waitFor, withDatabase } from './database.ts'
import { type Fixture, openFixture } from './fixture.ts'
import { slowSet, slowSetUp, slowStatement } from './slow-set.ts'

/** What is to be seen of a schema of `slowSet`. */
export interface SlowState {
  readonly before: number
  readonly after: number
  /** Columns of the table that the slow statement changes. */
  readonly columns: string
  /** State and connection of each row of the journal, in order. */
  readonly journal: readonly string[]
}

/** A schema on which the tool's slow statement is under way. */
interface SlowRun {
  readonly schema: string
  readonly tool: RunningTool
  /** The connection that runs it. */
  readonly threadId: number
}

export interface SlowFixture {
  readonly fixture: Fixture
  readonly database: Database
  /** A fresh schema with `args` started on it; returns when the slow statement has been running for `seconds`. */
  readonly enter: (args: readonly string[], seconds?: number, schema?: string) => Promise<SlowRun>
  /** @param rows about 5 ms of the ALTER each */
  readonly create: (rows?: number) => Promise<string>
  readonly read: (schema: string) => Promise<SlowState>
  /** Returns when the connection is gone. */
  readonly waitForEnd: (threadId: number) => Promise<void>
}

/** To be called in a describe block: a server, and schemas on which a statement takes seconds. */
export function withSlowFixture(version: ServerVersion, launcher: () => string): () => SlowFixture {
  let server: OwnServer | undefined
  let fixture: Fixture | undefined
  let database: Database | undefined
  beforeAll(async () => {
    server = await startServer({ version })
    fixture = await openFixture({ server, launcher: launcher(), files: slowSet })
    database = await openDatabase(server.url)
  })
  afterAll(async () => {
    await database?.close()
    await fixture?.close()
    await server?.stop()
  })
  return () => {
    if (fixture === undefined || database === undefined) throw new Error('this fixture exists only while tests run')
    return describeFixture(fixture, database)
  }
}

function describeFixture(fixture: Fixture, database: Database): SlowFixture {
  const create = (rows = 250): Promise<string> => fixture.createSchema(slowSetUp(rows))
  return {
    fixture,
    database,
    create,
    enter: async (args, seconds = 0, schema) => {
      const name = schema ?? (await create())
      const tool = fixture.start(args, name)
      return { schema: name, tool, threadId: await findSlowConnection(database, name, seconds) }
    },
    read: (schema) => withDatabase(fixture.urlOf(schema), readState),
    waitForEnd: (threadId) =>
      waitFor(`connection ${threadId} to end`, async () => {
        return (await database.rows(`SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${threadId}`)).length === 0
      }),
  }
}

async function findSlowConnection(database: Database, schema: string, seconds: number): Promise<number> {
  let found = 0
  await waitFor(`${slowStatement} to run for ${seconds} s`, async () => {
    const [row] = await database.rows(
      `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${schema}' AND INFO LIKE '${slowStatement}%' AND STATE = 'copy to tmp table' AND TIME >= ${seconds}`,
    )
    found = Number(row?.[0] ?? 0)
    return found > 0
  })
  return found
}

async function readState(database: Database): Promise<SlowState> {
  const counters = new Map(
    (await database.rows('SELECT name, value FROM counters')).map(([name, value]) => [name, value]),
  )
  const columns = await database.rows('SHOW COLUMNS FROM slow')
  const journal = await database.rows(
    'SELECT direction, statement, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass, statement',
  )
  return {
    before: Number(counters.get('before')),
    after: Number(counters.get('after')),
    columns: columns.map(([name]) => name).join(' '),
    journal: journal.map((row) => row.join(' ')),
  }
}
