import { describe, expect, test } from 'vitest'
import type { ServerVersion } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { type SlowFixture, type SlowState, withSlowFixture } from './support/slow-fixture.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

const applied: SlowState = {
  before: 1,
  after: 1,
  columns: 'id word digest',
  journal: ['up 0 closed', 'up 1 closed', 'up 2 closed'],
}

const reverted: SlowState = {
  before: 0,
  after: 0,
  columns: 'id word again',
  journal: [...applied.journal, 'down 0 closed', 'down 1 closed', 'down 2 closed'],
}

/** Rows of an ALTER that is killed at once, or only waited for: the shorter. */
const short = 100

/** Rows of an ALTER that lasts until another run has started and planned, also where the processor is fast. */
const long = 600

describe.each(versions)('on MySQL %s,', (version) => {
  const open = withSlowFixture(version, launcher)

  describe('a run killed inside a long ALTER', () => describeKills(open))
  describe('Ctrl-C inside a long ALTER', () => describeSignals(open))
  describe('how far an ALTER is,', () => describeProgress(open, version))
})

function describeKills(open: () => SlowFixture): void {
  test('run again at once, it waits for the orphan, names it, and does each statement once', async () => {
    const { fixture, create, enter, read } = open()
    const { schema, tool, threadId } = await enter(['migrate'], 0, await create(long))
    tool.child.kill('SIGKILL')
    await tool.ended
    const run = await fixture.run(['migrate'], schema)
    expect(run).toMatchObject({ exitCode: 0, signal: null })
    expect(run.stderr).toContain(`connection ${threadId}`)
    expect(run.stderr).toMatch(/dead|orphan/)
    expect(await read(schema)).toEqual(applied)
  })

  test('run again after the orphan has ended, it finds that the ALTER ran', async () => {
    const { fixture, create, enter, read, waitForEnd } = open()
    const { schema, tool, threadId } = await enter(['migrate'], 0, await create(short))
    tool.child.kill('SIGKILL')
    await waitForEnd(threadId)
    expect(await read(schema)).toMatchObject({ before: 1, after: 0, journal: ['up 0 closed', 'up 1 open'] })
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })

  test('meanwhile lock status names the orphan, and who does not wait ends with 75', async () => {
    const { fixture, enter, read } = open()
    const { schema, tool, threadId } = await enter(['migrate'])
    tool.child.kill('SIGKILL')
    await tool.ended
    const status = await fixture.run(['lock', 'status', '--json'], schema)
    expect(JSON.parse(status.stdout)).toMatchObject({
      locks: [
        { held: true, connectionId: threadId, orphaned: true, statement: expect.stringContaining('ALTER TABLE slow') },
      ],
    })
    const hasty = await fixture.run(['migrate', '--lock-timeout', '0'], schema)
    expect(hasty).toMatchObject({ exitCode: 75 })
    expect(hasty.stderr).toContain(`connection ${threadId}`)
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })

  test('lock release kills the orphan: the ALTER is undone, and the next run does it', async () => {
    const { fixture, enter, read, waitForEnd } = open()
    const { schema, tool, threadId } = await enter(['migrate'])
    tool.child.kill('SIGKILL')
    await tool.ended
    const unconfirmed = await fixture.run(['lock', 'release'], schema)
    expect(unconfirmed).toMatchObject({ exitCode: 2 })
    expect(unconfirmed.stderr).toContain('--confirm')
    expect(await fixture.run(['lock', 'release', '--confirm', 'app'], schema)).toMatchObject({ exitCode: 0 })
    await waitForEnd(threadId)
    expect(await read(schema)).toMatchObject({ columns: 'id word', journal: ['up 0 closed', 'up 1 open'] })
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })

  test('KILL of its connection, or of the server, undoes the ALTER, and the next run does it', async () => {
    const { fixture, database, create, enter, read } = open()
    const { schema, tool, threadId } = await enter(['migrate'], 0, await create(short))
    await database.run(`KILL ${threadId}`)
    const run = await tool.ended
    expect(run).toMatchObject({ exitCode: 2 })
    expect(run.stderr).toContain('lost its connection')
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })

  test('a rollback killed inside a long ALTER is finished by the next rollback', async () => {
    const { fixture, create, enter, read } = open()
    const schema = await create(short)
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    const { tool } = await enter(['rollback', '--yes'], 0, schema)
    tool.child.kill('SIGKILL')
    await tool.ended
    expect(await fixture.run(['rollback', '--yes'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(reverted)
  })
}

function describeSignals(open: () => SlowFixture): void {
  test('one signal stops the run after the statement, with a true journal; the next run continues', async () => {
    const { fixture, create, enter, read } = open()
    const { schema, tool } = await enter(['migrate'], 0, await create(short))
    tool.child.kill('SIGINT')
    expect(await tool.ended).toMatchObject({ exitCode: 130, signal: null })
    expect(await read(schema)).toEqual({ ...applied, after: 0, journal: ['up 0 closed', 'up 1 closed'] })
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })

  test('twice: kills the statement, which leaves no trace; the next run does it', async () => {
    const { fixture, enter, read, waitForEnd } = open()
    const { schema, tool, threadId } = await enter(['migrate'])
    tool.child.kill('SIGINT')
    await tool.says('stderr', 'after')
    tool.child.kill('SIGINT')
    expect(await tool.ended).toMatchObject({ exitCode: 130, signal: null })
    await waitForEnd(threadId)
    expect(await read(schema)).toMatchObject({ before: 1, after: 0, columns: 'id word' })
    expect((await read(schema)).journal.filter((row) => row.endsWith('open'))).toEqual([])
    expect(await fixture.run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await read(schema)).toEqual(applied)
  })
}

function describeProgress(open: () => SlowFixture, version: ServerVersion): void {
  const keepStages = (enabled: 'YES' | 'NO'): string =>
    `UPDATE performance_schema.setup_consumers SET ENABLED = '${enabled}' WHERE NAME = 'events_stages_current'`

  test('shows in events and in status, with the time left, where the server keeps stages', async () => {
    const { fixture, database, enter, create, waitForEnd } = open()
    await database.run(keepStages('YES'))
    // So long that it never ends by itself while it is looked at.
    const { schema, tool, threadId } = await enter(['migrate', '--json'], 1, await create(20_000))
    await tool.says('stdout', '"percent":1,')
    const status = await fixture.run(['status', '--json'], schema)
    await database.run(`KILL ${threadId}`)
    await waitForEnd(threadId)
    const { stdout } = await tool.ended
    const events = stdout
      .split('\n')
      .flatMap((line) => (line.includes('"statement-progress"') ? [JSON.parse(line)] : []))
    const percents = events.map(({ percent }) => Number(percent))
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    expect(events.at(-1)).toMatchObject({ stage: 'copy to tmp table', statement: 1, left: expect.any(Number) })
    expect(JSON.parse(status.stdout)).toMatchObject({
      running: 1,
      targets: [{ run: { percent: expect.any(Number), seconds: expect.any(Number), orphaned: false } }],
    })
  })

  // The warning comes after ten seconds of the server's work: one version is enough.
  if (version === '8.0') return
  test('shows nowhere where the server keeps none: no setting is changed, and a warning says what to set', async () => {
    const { fixture, database, enter, create, waitForEnd } = open()
    await database.run(keepStages('NO'))
    const { schema, tool, threadId } = await enter(['migrate', '--json'], 1, await create(20_000))
    await tool.says('stdout', "SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'")
    const status = await fixture.run(['status', '--json'], schema)
    await database.run(`KILL ${threadId}`)
    await waitForEnd(threadId)
    expect((await tool.ended).stdout).not.toContain('"statement-progress"')
    expect(JSON.parse(status.stdout)).toMatchObject({ running: 1, targets: [{ run: { percent: null } }] })
    const consumers = "SELECT ENABLED FROM performance_schema.setup_consumers WHERE NAME = 'events_stages_current'"
    expect(await database.rows(consumers)).toEqual([['NO']])
  })
}
