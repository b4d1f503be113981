import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const files = {
  'app/0001_make.sql':
    '-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY, n INT);\nINSERT INTO a VALUES (1, 1);\nUPDATE a SET n = 2 WHERE id = 1;\n-- migrate:down\nDROP TABLE a;\n',
  'app/0002_code.js':
    "export const up = (knex) => knex('a').insert({ id: 2, n: 2 })\nexport const down = async () => {}\n",
  'app/0003_view.sql':
    '-- migrate:up\nCREATE TABLE c (id INT PRIMARY KEY, a_id INT, CONSTRAINT c_a FOREIGN KEY (a_id) REFERENCES a (id));\nCREATE VIEW v AS SELECT id FROM a;\n-- migrate:down\nDROP VIEW v;\nDROP TABLE c;\n',
  'shard-templates/app/m.sql':
    '-- wwdb:period month\n-- wwdb:name m_{YYYYMM}\n-- wwdb:archive none\n-- wwdb:keep 9 months\nCREATE TABLE {{table}} (id INT PRIMARY KEY);\n',
}

const pending =
  '-- migrate:up\nALTER TABLE a ADD COLUMN m INT;\nCREATE TABLE d (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE d;\nALTER TABLE a DROP COLUMN m;\n'

/** What makes scratch schemas, each in its own way. */
const commands: readonly (readonly string[])[] = [
  ['schema', 'dump', '--from', 'files', '--fresh'],
  ['schema', 'diff', '--from', 'applied', '--fresh'],
  ['drift', '--replay', '--fresh'],
  ['plan', '--trial', 'required'],
  ['lint', '--server'],
  ['template', 'check'],
  ['shards', 'check'],
  ['squash', '--to', '0003', '--dry-run'],
]

describe.each(versionsInTurn(import.meta.url))('the binary log of MySQL %s', (version) => {
  let server: OwnServer
  let stage: Stage
  beforeAll(async () => {
    server = await startServer({ version })
    stage = await openStage({ url: server.url, files })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    stage.write('app/0004_more.sql', pending)
  })
  afterAll(() => server.stop())

  test.each(commands.map((args) => [args]))(
    'has nothing of the scratch schemas of %s: a replica would stop there',
    async (args) => {
      const before = await listLogged(server)
      const run = await stage.run(args)
      expect([0, 1], run.stdout + run.stderr).toContain(run.exitCode)
      const after = await listLogged(server)
      expect(after.slice(before.length).filter((event) => event.includes('wwdb_scratch'))).toEqual([])
    },
  )
})

/** What replicas are sent, as the server describes it. */
async function listLogged({ url }: OwnServer): Promise<readonly string[]> {
  const connection = await createConnection({ uri: url })
  try {
    const [logs] = await connection.query<RowDataPacket[]>('SHOW BINARY LOGS')
    const events: string[] = []
    for (const { Log_name: name } of logs) {
      const [rows] = await connection.query<RowDataPacket[]>(`SHOW BINLOG EVENTS IN '${name}'`)
      events.push(...rows.map(({ Info }) => String(Info)))
    }
    return events
  } finally {
    await connection.end()
  }
}
