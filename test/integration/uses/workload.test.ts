import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UsesResult } from '../../../src/uses/commands/uses-view.ts'
import { type Replication, startReplication } from '../../helpers/mysql/replica.ts'
import { type WorkStatement, workload, workTables } from '../../helpers/mysql/workload.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

describe.each(versionsInTurn(import.meta.url))('wwdb uses with a workload on MySQL %s', (version) => {
  let servers: Replication
  let project: Stage
  let onSource: Connection
  let onReplica: Connection
  /** Which of the two servers has run each statement. */
  const placeOf = (statement: WorkStatement, index: number): 'primary' | 'b' =>
    statement.reads && index % 2 === 1 ? 'b' : 'primary'

  beforeAll(async () => {
    servers = await startReplication(version)
    project = await stage({
      url: servers.source.url,
      files: {
        'app/0001_tables.sql': migration(workTables),
        'app/0002_rows.sql': migration(
          "INSERT INTO users (id, nick, name) VALUES (1, 'ann', 'Ann'), (2, 'bob', 'Bob'); UPDATE users SET nick = 'cy' WHERE id = 2;",
        ),
      },
      configuration: { throttle: { replicas: { b: { url: servers.replica.url } } } },
    })
    expect(await project.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    await servers.catchUp()
    const connect = (uri: string): Promise<Connection> =>
      createConnection({ uri, database: project.schema('app'), multipleStatements: false })
    onSource = await connect(servers.source.url)
    onReplica = await connect(servers.replica.url)
  })

  afterAll(async () => {
    await Promise.all([onSource.end(), onReplica.end()])
    await servers.stop()
  })

  async function uses(object: string): Promise<UsesResult & { readonly exitCode: number | null }> {
    const { answer, exitCode } = await project.json(['uses', object])
    return { ...(answer as unknown as UsesResult), exitCode }
  }

  test('what a migration and wwdb itself have run is no use', async () => {
    await project.run(['status'])
    await project.run(['plan'])
    expect(await uses('users.nick')).toMatchObject({ statements: [], code: [], exitCode: 0 })
    expect(await uses('users')).toMatchObject({ statements: [], exitCode: 0 })
  })

  test('each of 300 statements that names the column is found on the server that ran it, and no other is found', async () => {
    for (const [index, statement] of workload.entries())
      await (placeOf(statement, index) === 'b' ? onReplica : onSource).query(statement.sql)
    // The servers remember who sent the last ten statements of a connection.
    const last = workload[0]?.sql ?? ''
    await onSource.query(last)
    const { statements, servers: asked, exitCode } = await uses('users.nick')
    expect(exitCode).toBe(1)
    const digests = await Promise.all(
      workload.map(async ({ sql }) => {
        const [rows] = await onSource.query({ sql: 'SELECT STATEMENT_DIGEST(?)', values: [sql], rowsAsArray: true })
        return String((rows as unknown as readonly (readonly unknown[])[])[0]?.[0])
      }),
    )
    const found = new Map(statements.map((each) => [`${each.server} ${each.digest}`, each.names]))
    const missed: string[] = []
    const wrong: string[] = []
    for (const [index, statement] of workload.entries()) {
      const names = found.get(`${placeOf(statement, index)} ${digests[index]}`) ?? null
      if (names === statement.names) continue
      const line = `${placeOf(statement, index)} ${names} instead of ${statement.names}: ${statement.sql.slice(0, 120)}`
      if (names === null) missed.push(line)
      else wrong.push(line)
    }
    const naming = workload.filter(({ names }) => names !== null).length
    console.log(
      `MySQL ${version}: ${workload.length} statements, ${naming} name users.nick, ${found.size} found, ` +
        `${missed.length} missed, ${wrong.length} wrong; ${JSON.stringify(asked.map(({ name, unjudged, lost }) => ({ name, unjudged, lost })))}`,
    )
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] })
    expect(found.size).toBe(naming)
    expect(new Set(statements.map(({ server }) => server))).toEqual(new Set(['primary', 'b']))
    expect(statements.find(({ count }) => count === 2)).toMatchObject({ users: [expect.stringContaining('@')] })
  })
})
