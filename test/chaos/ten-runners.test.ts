import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OwnServer, startServer } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { isSoak } from '../helpers/tool/seed.ts'
import type { RunningTool, ToolRun } from '../helpers/tool/tool.ts'
import { openDatabase, waitFor, withDatabase } from './support/database.ts'
import { type Fixture, openFixture } from './support/fixture.ts'
import { withFrozenTool } from './support/frozen-tool.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

/** The first statement waits for a row lock of the test's, so that all ten meet the one that was first. */
const files = {
  'migrations/app/1_gate.sql': '-- migrate:up\nUPDATE gate SET passed = passed + 1 WHERE id = 1;\n',
  'migrations/app/2_table.sql':
    '-- migrate:up\nCREATE TABLE made (id INT NOT NULL PRIMARY KEY);\nINSERT INTO made VALUES (1);\n',
}
const wider = Object.fromEntries(
  [1, 2, 3].map((file) => {
    const text = [1, 2].map((column) => `ALTER TABLE wide ADD COLUMN c${file}_${column} INT;\n`).join('')
    return [`migrations/app/${file}_wider.sql`, `-- migrate:up\n${text}`] as const
  }),
)
const setUp = 'CREATE TABLE gate (id INT NOT NULL PRIMARY KEY, passed INT NOT NULL); INSERT INTO gate VALUES (1, 0);'

describe.each(versions)('ten runs started at once on MySQL %s', (version) => {
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

  /** Starts ten, and opens the gate when `met` says so. */
  async function runTen(
    schema: string,
    args: readonly string[],
    met: (tools: readonly RunningTool[]) => Promise<boolean>,
  ): Promise<readonly ToolRun[]> {
    const gate = await openDatabase(fixture.urlOf(schema))
    try {
      await gate.run('START TRANSACTION; SELECT * FROM gate WHERE id = 1 FOR UPDATE')
      const tools = Array.from({ length: 10 }, () => fixture.start(args, schema))
      await waitFor('ten runs to meet', () => met(tools))
      await gate.run('COMMIT')
      return await Promise.all(tools.map((tool) => tool.ended))
    } finally {
      await gate.close()
    }
  }

  async function expectAppliedOnce(schema: string): Promise<void> {
    await withDatabase(fixture.urlOf(schema), async (database) => {
      expect(await database.rows('SELECT passed FROM gate')).toEqual([['1']])
      expect(await database.rows('SELECT id FROM made')).toEqual([['1']])
      const journal = await database.rows(
        'SELECT version, statement, state FROM wwdb_journal WHERE pass > 0 ORDER BY pass, statement',
      )
      expect(journal.map((row) => row.join(' '))).toEqual(['1 0 closed', '2 0 closed', '2 1 closed'])
    })
  }

  test('one applies, nine wait and find nothing to do', async () => {
    const schema = await fixture.createSchema(setUp)
    const runs = await runTen(schema, ['migrate', '--json'], async () =>
      withDatabase(fixture.urlOf(schema), async (database) => {
        const waiting = await database.rows(
          `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${schema}' AND STATE = 'User lock'`,
        )
        return waiting.length === 9
      }),
    )
    expect(runs.filter((run) => run.exitCode !== 0)).toEqual([])
    const states = runs.map((run) => /"state":"(done|nothing-to-do)"/.exec(run.stdout)?.[1]).sort()
    expect(states).toEqual(['done', ...Array.from({ length: 9 }, () => 'nothing-to-do')])
    await expectAppliedOnce(schema)
  })

  test('with --lock-timeout 0 the nine that lose end with 75 and name the winner', async () => {
    const schema = await fixture.createSchema(setUp)
    const runs = await runTen(schema, ['migrate', '--lock-timeout', '0'], async (tools) => {
      return tools.filter((tool) => tool.child.exitCode !== null).length === 9
    })
    expect(runs.map((run) => run.exitCode).sort()).toEqual([0, ...Array.from({ length: 9 }, () => 75)])
    for (const run of runs.filter((one) => one.exitCode === 75)) expect(run.stderr).toMatch(/held by connection \d+/)
    await expectAppliedOnce(schema)
  })

  test('none reports that a statement would fail because another run has just executed it', async () => {
    const altering = await openFixture({ server, launcher: launcher(), files: wider })
    try {
      for (let round = 1; round <= (isSoak ? 20 : 2); round += 1) {
        const schema = await altering.createSchema('CREATE TABLE wide (id INT NOT NULL PRIMARY KEY);')
        expect(await altering.run(['migrate', '--to', '1'], schema)).toMatchObject({ exitCode: 0 })
        const tools = Array.from({ length: 10 }, () => altering.start(['migrate', '--yes', '--json'], schema))
        const runs = await Promise.all(tools.map((tool) => tool.ended))
        expect(runs.filter((run) => run.exitCode !== 0)).toEqual([])
        await withDatabase(altering.urlOf(schema), async (database) => {
          expect(await database.rows('SHOW COLUMNS FROM wide')).toHaveLength(7)
        })
      }
    } finally {
      await altering.close()
    }
  })
})
