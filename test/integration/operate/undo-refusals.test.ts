import { describe, expect, test } from 'vitest'
import { nameLock } from '../../../src/mysql/lock.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

const migrate = ['migrate', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS']

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const made = `CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL, name VARCHAR(20) NOT NULL DEFAULT '');
INSERT INTO a (id, n) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5);`

const kept = (text: string): string => `-- wwdb:batch\n-- wwdb:undo\n${text};`
const up = kept('UPDATE a SET n = n + 1')
const down = kept('UPDATE a SET n = n - 1')

describe.each(versionsInTurn(import.meta.url))('what an undo must not do, MySQL %s', (version) => {
  async function project(): Promise<Stage> {
    const { url } = await testServerOf(version)
    const app = await stage({ url, files: { 'app/0001_a.sql': migration(made) } })
    await run(app, 0, ...migrate)
    return app
  }

  async function run(app: Stage, exitCode: number, ...args: readonly string[]): Promise<string> {
    const ended = await app.run(args)
    expect(ended.exitCode, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toBe(exitCode)
    return oneLine(ended.stdout + ended.stderr)
  }

  async function batches(app: Stage, script: string, back = ''): Promise<void> {
    app.write('app/0002_b.sql', migration(script, back))
    await run(app, 0, ...migrate)
  }

  const numbers = async (app: Stage) => (await app.query('SELECT n FROM a ORDER BY id')).flat()

  test('`rollback` and `redo` take nothing back that `undo` has put back', async () => {
    const app = await project()
    await batches(app, up, down)
    await run(app, 0, 'undo', '0002', '--yes')
    for (const command of ['rollback', 'redo']) {
      expect(await run(app, 2, command, '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS')).toContain(
        '`wwdb undo` has put back 5 rows',
      )
      expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
    }
    // Marked as pending and run again, it is taken back as usual.
    await run(app, 0, 'mark', '0002', '--pending')
    await run(app, 0, ...migrate)
    expect(await numbers(app)).toEqual([2, 3, 4, 5, 6])
    await run(app, 0, 'rollback', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS')
    expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
  })

  test('the undo of a down part says so, and what the next run does', async () => {
    const app = await project()
    await batches(app, up, down)
    await run(app, 0, 'rollback', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS')
    await app.query("UPDATE wwdb_undo SET kept_until = '2026-01-01 00:00:00' WHERE direction = 'up'")
    const name = String((await app.query("SELECT name FROM wwdb_undo WHERE direction = 'up'"))[0]?.[0])
    await run(app, 0, 'held', '--drop', '--confirm', name)
    expect(await run(app, 2, 'undo', '0002', '--no-input')).toContain('as they were before the down part of 0002')
    const said = await run(app, 1, 'undo', '0002', '--yes')
    expect(said).toContain('0002 stays pending')
    expect(said).toContain(name)
    expect(await numbers(app)).toEqual([2, 3, 4, 5, 6])
  })

  test('the table of a batch that is not complete is never dropped', async () => {
    const app = await project()
    await app.query('UPDATE a SET n = 2147483647 WHERE id = 5')
    app.write('app/0002_b.sql', migration(`-- wwdb:batch rows=2\n-- wwdb:undo\nUPDATE a SET n = n + 1;`))
    await run(app, 2, ...migrate)
    const name = String((await app.query('SELECT name FROM wwdb_undo'))[0]?.[0])
    await app.query("UPDATE wwdb_undo SET kept_until = '2026-01-01 00:00:00'")
    expect(await run(app, 0, 'held', '--drop', '--confirm', name)).toContain('is not complete')
    expect(await run(app, 0, 'status')).not.toContain('past its grace')
    await app.query('UPDATE a SET n = 5 WHERE id = 5')
    await run(app, 0, ...migrate)
    await run(app, 0, 'undo', '0002', '--yes')
    expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
  })

  test('what is kept for longer by the time of the locks is not dropped', async () => {
    const app = await project()
    await batches(app, up)
    const name = String((await app.query('SELECT name FROM wwdb_undo'))[0]?.[0])
    await app.query("UPDATE wwdb_undo SET kept_until = '2026-01-01 00:00:00'")
    const lock = nameLock(app.schema('app'))
    await app.query(`SELECT GET_LOCK('${lock}', 0)`)
    const drop = app.start(['held', '--drop', '--confirm', name, '--json'])
    await drop.says('stdout', 'lock-waiting')
    await app.query("UPDATE wwdb_undo SET kept_until = '2126-01-01 00:00:00'")
    await app.query(`SELECT RELEASE_LOCK('${lock}')`)
    const ended = await drop.ended
    expect(ended.stderr + ended.stdout).toContain('is not to be dropped any more')
    expect(await app.query(`SELECT COUNT(*) FROM ${name}`)).toEqual([[5]])
  })

  test('rows that `undo` puts back while a rollback waits for the lock are not taken back twice', async () => {
    const app = await project()
    await batches(app, up, down)
    const lock = nameLock(app.schema('app'))
    await app.query(`SELECT GET_LOCK('${lock}', 0)`)
    const rollback = app.start(['rollback', '--yes', '--no-probe', '--allow', 'UPDATE_ALL_ROWS', '--json'])
    await rollback.says('stdout', 'lock-waiting')
    // What an undo leaves that ends just then.
    await app.query('UPDATE a SET n = n - 1')
    await app.query("UPDATE wwdb_undo SET state = 'undone', undone_rows = 5")
    await app.query(`SELECT RELEASE_LOCK('${lock}')`)
    const ended = await rollback.ended
    expect(ended.stderr + ended.stdout).toContain('has put back 5 rows')
    expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
  })

  test('two batches on one table: the older one is counted behind the newer one, and asked about again', async () => {
    const app = await project()
    await batches(app, `${up}\n${up}`)
    const dry = await run(app, 0, 'undo', '0002', '--dry-run')
    expect(dry).toContain('5 rows can be put back')
    expect(dry).toContain('is counted again')
    await run(app, 0, 'undo', '0002', '--yes')
    expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
  })

  test('a batch that cannot be undone is named, and the others are undone', async () => {
    const app = await project()
    await app.query('CREATE TABLE other SELECT * FROM a')
    await app.query('ALTER TABLE other ADD PRIMARY KEY (id)')
    await batches(app, `${up}\n${kept('UPDATE other SET n = n + 1')}`)
    await app.query('ALTER TABLE other MODIFY n BIGINT NOT NULL')
    const undo = await app.json(['undo', '0002', '--yes'])
    expect(undo.exitCode).toBe(1)
    expect(undo.answer).toMatchObject({
      tables: [{ table: 'a', undone: 5, left: 0 }],
      refused: [{ table: 'other', statement: 2, why: '`n` of `other` is `bigint` now, and was `int`.' }],
    })
    expect(await numbers(app)).toEqual([1, 2, 3, 4, 5])
    expect((await app.query('SELECT n FROM other')).flat()).toEqual([2, 3, 4, 5, 6])
  })

  test('a column or key of another definition is refused', async () => {
    const app = await project()
    await batches(app, kept("UPDATE a SET name = CONCAT('x', id)"))
    for (const [change, why] of [
      ['MODIFY name VARCHAR(20) CHARACTER SET latin1 NOT NULL', 'latin1'],
      ['MODIFY id BIGINT NOT NULL', '`id` of `a` is `bigint` now'],
    ] as const) {
      await app.query(`ALTER TABLE a ${change}`)
      expect(await run(app, 2, 'undo', '0002', '--yes')).toContain(why)
    }
    expect(await app.query("SELECT COUNT(*) FROM a WHERE name LIKE 'x%'")).toEqual([[5]])
  })

  test('a long key is kept as it is; a row that would not fit is foreseen', async () => {
    const app = await project()
    await app.query('CREATE TABLE long_key (k VARCHAR(300) PRIMARY KEY, n INT NOT NULL)')
    await app.query("INSERT INTO long_key VALUES (REPEAT('k', 300), 1), ('b', 2)")
    await batches(app, kept('UPDATE long_key SET n = n + 1'))
    await run(app, 0, 'undo', '0002', '--yes')
    expect((await app.query('SELECT n FROM long_key ORDER BY k')).flat()).toEqual([2, 1])
    const columns = Array.from({ length: 60 }, (_, at) => `c${at} VARCHAR(255) NOT NULL DEFAULT ''`)
    await app.query(`CREATE TABLE wide (id INT PRIMARY KEY, ${columns.join(', ')})`)
    await app.query('INSERT INTO wide (id) VALUES (1)')
    const sets = columns.map((_, at) => `c${at} = 'x'`).join(', ')
    app.write('app/0003_c.sql', migration(kept(`UPDATE wide SET ${sets}`)))
    expect(await run(app, 2, ...migrate)).toContain('65,535 bytes')
    expect(await app.query("SELECT COUNT(*) FROM wwdb_journal WHERE version = '0003'")).toEqual([[0]])
  })
})
