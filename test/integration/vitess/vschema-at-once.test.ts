import { beforeEach, expect, it } from 'vitest'
import { migration, withStages } from '../../helpers/tool/stage.ts'
import { describeVitess, withVitess } from '../../helpers/vitess/vitess-server.ts'
import { clearKeyspaces, openVitessStage, type VitessStage } from '../../helpers/vitess/vitess-stage.ts'

const openStage = withStages()
const vitess = withVitess()
const numbers = [1, 2, 3, 4, 5, 6]

const statements = (of: (n: number) => string): string => numbers.map((n) => `${of(n)};\n`).join('')
const sequence = (n: number): string =>
  `CREATE TABLE ids${n} (id INT NOT NULL PRIMARY KEY, next_id BIGINT NOT NULL, cache BIGINT NOT NULL) COMMENT 'vitess_sequence'`

const files = {
  'user_db/20260101000000_ids.sql': migration(
    statements(sequence) + statements((n) => `ALTER VSCHEMA ADD SEQUENCE ids${n}`),
  ),
  'message_db/20260101000000_letters.sql': migration(
    statements((n) => `CREATE TABLE letters${n} (id BIGINT NOT NULL PRIMARY KEY)`) +
      statements((n) => `ALTER VSCHEMA ON letters${n} ADD VINDEX by_id${n} (id) USING xxhash`),
  ),
}

const vindexesOf = async ({ ask }: VitessStage): Promise<readonly unknown[]> =>
  (await ask('SHOW VSCHEMA VINDEXES')).flatMap(([keyspace, name]) => (keyspace === 'message_db' ? [name] : []))

beforeEach(async () => {
  await clearKeyspaces(vitess())
})

describeVitess('the VSchemas of two keyspaces', () => {
  it('are both whole where one run changes both', { timeout: 120_000 }, async () => {
    const stage = await openVitessStage(openStage, vitess(), { files, ddlStrategy: 'direct' })
    const run = await stage.run(['migrate', '--yes'])
    expect([run.exitCode, run.stdout], run.stderr).toEqual([0, expect.stringContaining('2 databases: 2 done')])
    expect((await vindexesOf(stage)).toSorted()).toEqual(numbers.map((n) => `by_id${n}`))
    for (const n of numbers) await stage.ask(`VEXPLAIN PLAN SELECT NEXT VALUE FROM ids${n}`)
  })

  it('are changed by one run at a time', { timeout: 120_000 }, async () => {
    const stage = await openVitessStage(openStage, vitess(), {
      files: {
        'message_db/20260101000000_table.sql': migration('CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY);'),
      },
      ddlStrategy: 'direct',
    })
    const only = ['migrate', '--yes', '-t', 'message_db']
    const first = await stage.run(only)
    expect(first.exitCode, first.stderr).toBe(0)
    stage.write('message_db/20260102000000_vindex.sql', migration('ALTER VSCHEMA CREATE VINDEX by_id USING xxhash;'))
    await stage.ask(
      "INSERT INTO wwdb_lease VALUES ('/vschema',7,'x','ann','elsewhere:1',1,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6) + INTERVAL 1 HOUR,0)",
    )
    const limited = await stage.run([...only, '--statement-timeout', '1500ms'])
    expect(limited.stderr.replaceAll(/\s+/g, ' ')).toMatch(
      /took longer than --statement-timeout.*canceled before it was given to Vitess, which has changed nothing/,
    )
    const rows = "SELECT state FROM wwdb_journal_message_db WHERE class='definition' AND summary LIKE '%VINDEX%'"
    expect(await stage.ask(rows)).not.toContainEqual(['open'])
    const run = stage.start([...only, '--json'])
    await run.says('stdout', 'waiting for ann, who changes a VSchema')
    expect(await vindexesOf(stage)).toEqual([])
    await stage.ask("UPDATE wwdb_lease SET owner='',expires=UTC_TIMESTAMP(6) WHERE name='/vschema'")
    const done = await run.ended
    expect(done.exitCode, done.stderr).toBe(0)
    expect(await vindexesOf(stage)).toEqual(['by_id'])
    const left = "SELECT token,owner,expires<=UTC_TIMESTAMP(6) FROM wwdb_lease WHERE name='/vschema'"
    expect(await stage.ask(left)).toEqual([[8, '', 1]])
  })

  it('are not published before this vtgate shows what another run has changed last', { timeout: 120_000 }, async () => {
    const create = (name: string) => migration(`ALTER VSCHEMA CREATE VINDEX ${name} USING xxhash;`)
    const stage = await openVitessStage(openStage, vitess(), {
      files: { 'message_db/20260101000000_first.sql': create('by_id') },
      ddlStrategy: 'direct',
    })
    const only = ['migrate', '--yes', '-t', 'message_db']
    expect((await stage.run(only)).exitCode).toBe(0)
    // What a vtgate shows that has not seen it.
    await stage.ask('ALTER VSCHEMA DROP VINDEX by_id', 'message_db')
    stage.write('message_db/20260102000000_second.sql', create('by_more'))
    const run = stage.start([...only, '--json'])
    await run.says('stdout', 'until this vtgate shows the last change of a VSchema')
    expect(await vindexesOf(stage)).toEqual([])
    await stage.ask('ALTER VSCHEMA CREATE VINDEX by_id USING xxhash', 'message_db')
    const done = await run.ended
    expect([done.exitCode, done.stdout], done.stderr).toEqual([0, expect.not.stringContaining('has not shown')])
    expect((await vindexesOf(stage)).toSorted()).toEqual(['by_id', 'by_more'])
  })
})
