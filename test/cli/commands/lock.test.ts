import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, describe, expect, test } from 'vitest'
import { nameWorkerLock } from '../../../src/migrations/mysql/journal-tables.ts'
import { nameLock } from '../../../src/mysql/lock.ts'
import { runOnTerminal } from '../../helpers/terminal/pseudo-terminal.ts'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()
const holders: Connection[] = []

afterAll(async () => {
  for (const holder of holders) holder.destroy()
})

/** A connection that holds a stage's lock, as a run would. */
async function holdLock({ url, schema }: Stage): Promise<Connection> {
  const holder = await createConnection({ uri: url })
  holders.push(holder)
  // A test kills it: that is no error here.
  holder.on('error', () => {})
  await holder.query('SELECT GET_LOCK(?, 0)', [nameLock(schema('app'))])
  return holder
}

const files = { 'app/0001_a.sql': tableMigration('a') }

describe('wwdb lock status', () => {
  test('status shows a free lock, and a held one with its holder', async () => {
    const opened = await stage({ files })
    const free = await opened.json(['lock', 'status'])
    expect(free.answer).toMatchObject({ kind: 'locks', exitCode: 0, locks: [{ held: false, connectionId: null }] })
    const { threadId } = await holdLock(opened)
    const { answer } = await opened.json(['lock', 'status'])
    expect(answer).toMatchObject({ locks: [{ held: true, connectionId: threadId, user: 'root', orphaned: false }] })
    const human = await opened.run(['lock', 'status'])
    expect(human).toMatchObject({ exitCode: 0, stderr: '' })
    expect(human.stdout).toContain(String(threadId))
  })

  test('a lock of a run that was killed while its statement lives on: orphaned; the next run waits for it and continues', async () => {
    const { start, json, run, query, url, schema } = await stage({
      files: { 'app/0001_wide.sql': migration('ALTER TABLE used ADD COLUMN x INT;') },
      // Without the guard the statement waits in the server, where it outlives its run.
      configuration: { timeouts: { lockWait: '60s' }, guard: { transaction: 'none' } },
    })
    await query('CREATE TABLE used (id INT PRIMARY KEY)')
    const reader = await createConnection({ uri: `${url}/${schema('app')}` })
    holders.push(reader)
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM used')
    const tool = start(['migrate', '--json'])
    await tool.says('stdout', '"type":"statement-blocked"')
    tool.child.kill('SIGKILL')
    await tool.ended
    const { answer } = await json(['lock', 'status'])
    expect(answer).toMatchObject({
      locks: [{ held: true, orphaned: true, statement: expect.stringContaining('ALTER') }],
    })
    expect((await run(['lock', 'status'])).stdout).toMatch(/orphaned/)
    const next = start(['migrate', '--json'])
    await next.says('stdout', '"type":"lock-waiting"')
    await reader.query('COMMIT')
    expect(await next.ended).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT x FROM used')).toEqual([])
  })
})

describe('wwdb lock release', () => {
  test('release of a free lock asks nothing and does nothing', async () => {
    const { json } = await stage({ files })
    expect((await json(['lock', 'release'])).answer).toMatchObject({ exitCode: 0, locks: [{ held: false }] })
  })

  test('lock release needs the name; then the holder is gone and a run continues', async () => {
    const opened = await stage({ files })
    const { threadId } = await holdLock(opened)
    const refused = await opened.run(['lock', 'release', '--yes'])
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' })
    expect(refused.stderr).toContain('--confirm app')
    expect(refused.stderr).toContain(`connection ${threadId}`)
    const { answer } = await opened.json(['lock', 'release', '--confirm', 'app'])
    expect(answer).toMatchObject({ exitCode: 0, locks: [{ held: false }] })
    expect(await opened.run(['migrate', '--lock-timeout', '0'])).toMatchObject({ exitCode: 0 })
  })

  test('the name can be typed on a terminal', async () => {
    const opened = await stage({ files })
    await holdLock(opened)
    const question = 'to continue: '
    const wrong = await runOnTerminal(['lock', 'release'], opened.folder, { question, typed: 'no\n' })
    expect(wrong.exitCode).toBe(2)
    expect(wrong.screen).toContain('Its run may still be alive.')
    const right = await runOnTerminal(['lock', 'release'], opened.folder, { question, typed: 'app\n' })
    expect(right.exitCode).toBe(0)
  })
})

describe('a run that finds the lock held', () => {
  test('a run waits, names the holder, and continues once the lock is free', async () => {
    const opened = await stage({ files })
    const holder = await holdLock(opened)
    const tool = opened.start(['migrate'])
    await tool.says('stderr', `connection ${holder.threadId}`)
    await holder.end()
    expect(await tool.ended).toMatchObject({ exitCode: 0 })
    expect(await opened.tables()).toEqual(['a'])
  })

  test.each([['0'], ['1s']])('gives up after --lock-timeout %s: 75, nothing done', async (timeout) => {
    const opened = await stage({ files })
    await holdLock(opened)
    const { answer } = await opened.json(['migrate', '--lock-timeout', timeout])
    expect(answer).toMatchObject({ type: 'error', code: 'LOCK_HELD', exitCode: 75 })
    expect(await opened.tables()).toEqual([])
  })

  test('with nothing to do does not ask for it', async () => {
    const opened = await stage({ files })
    await opened.run(['migrate'])
    await holdLock(opened)
    expect(await opened.run(['migrate', '--lock-timeout', '0'])).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['rollback', '--yes'],
    ['redo', '--yes'],
    ['mark', '0001', '--pending'],
    ['repair', '--accept-checksums'],
  ])('%s does not write beside it either', async (...args) => {
    const opened = await stage({ files })
    await opened.run(['migrate'])
    await holdLock(opened)
    expect((await opened.json([...args, '--lock-timeout', '0'])).answer).toMatchObject({
      code: 'LOCK_HELD',
      exitCode: 75,
    })
    expect(await opened.tables()).toEqual(['a'])
  })

  test('db drop does not drop beside it', async () => {
    const opened = await stage({ files })
    await opened.run(['migrate'])
    await holdLock(opened)
    const { answer } = await opened.json(['db', 'drop', '--confirm', opened.schema('app')])
    expect(answer).toMatchObject({ type: 'error', code: 'LOCK_HELD', exitCode: 75 })
    expect(await opened.tables()).toEqual(['a'])
  })
})

describe('the locks of a fan-out whose run is gone', () => {
  test('are listed by worker, and ended with the name of the database alone', async () => {
    const opened = await stage({ files })
    const worker = await createConnection({ uri: opened.url })
    holders.push(worker)
    worker.on('error', () => {})
    await worker.query('SELECT GET_LOCK(?, 0)', [nameWorkerLock(opened.schema('app'), 3)])
    const { answer } = await opened.json(['lock', 'status'])
    expect(answer).toMatchObject({ locks: [{ held: false, workers: [{ worker: 3, connectionId: worker.threadId }] }] })
    const human = await opened.run(['lock', 'status'])
    expect(human.stdout).toContain(`: free\n  worker 3 of a fan-out: connection ${worker.threadId}`)
    expect(await opened.json(['lock', 'release'])).toMatchObject({ exitCode: 2, answer: { code: 'NOT_CONFIRMED' } })
    const ended = new Promise((resolve) => worker.once('error', resolve))
    expect(await opened.json(['lock', 'release', '--confirm', 'app'])).toMatchObject({ exitCode: 0 })
    await ended
    expect((await opened.json(['lock', 'status'])).answer).toMatchObject({ locks: [{ held: false, workers: [] }] })
  })
})
