import { expect, test } from 'vitest'
import { ToolError } from '../../src/core/tool-error.ts'
import { noChange } from '../../src/migrations/journal/rows.ts'
import type { Session } from '../../src/migrations/ports.ts'
import { closing, rowOf, type SessionFixture } from './session-fixture.ts'

const patience = 10_000
const ignore = (): void => {}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    if (error instanceof ToolError) return error.code
    throw error
  }
}

async function failureOf(session: Session, work: Promise<unknown>) {
  try {
    await work
    return null
  } catch (error) {
    return session.explain(error)
  }
}

const statesOf = async (session: Session): Promise<readonly string[]> =>
  (await session.readJournal()).rows.map((row) => `${row.statement} ${row.state}`)

/** What the engine relies on, of any implementation of its `Session`. `makeFixture` makes a fresh schema for each test. */
export function describeSession(makeFixture: () => Promise<SessionFixture>): void {
  /** With a session that holds the lock of a schema with a journal and a table `t`. */
  function withSession(name: string, work: (session: Session, fixture: SessionFixture) => Promise<void>): void {
    test(name, async () => {
      const fixture = await makeFixture()
      const session = await fixture.open()
      try {
        await session.lock(patience, ignore)
        await session.createJournal()
        await session.run(fixture.create('t'))
        await work(session, fixture)
      } finally {
        await session.close()
        await fixture.close()
      }
    })
  }

  test('the journal does not exist before it is created; creating it or its settings twice changes nothing', async () => {
    const fixture = await makeFixture()
    const session = await fixture.open()
    expect(await session.readJournal()).toMatchObject({ exists: false, passes: [], rows: [], settings: new Map() })
    await session.lock(patience, ignore)
    await session.createJournal()
    await session.recordSettings(new Map([['references', 'physical']]))
    await session.createJournal()
    await session.recordSettings(
      new Map([
        ['references', 'logical'],
        ['format', '1'],
      ]),
    )
    const { exists, passes, settings } = await session.readJournal()
    expect({ exists, passes }).toEqual({ exists: true, passes: [] })
    expect(settings.get('references')).toBe('physical')
    await session.writeJournal({ ...noChange, references: 'logical' })
    const changed = await session.readJournal()
    expect(changed.settings).toEqual(new Map([...settings, ['references', 'logical']]))
    await session.close()
    await fixture.close()
  })

  withSession('the lock has one holder, can be waited for, and is free after its release', async (session, fixture) => {
    const other = await fixture.open()
    const holders: (number | undefined)[] = []
    expect(await codeOf(other.lock(0, (holder) => holders.push(holder?.connectionId)))).toBe('LOCK_HELD')
    expect(holders[0]).toBe(session.facts.connectionId)
    const waiting = other.lock(patience, ignore)
    await session.unlock()
    await waiting
    expect(await codeOf(session.lock(0, ignore))).toBe('LOCK_HELD')
    await other.close()
  })

  withSession('the lock is free when its session is closed', async (session, fixture) => {
    const other = await fixture.open()
    const waiting = other.lock(patience, ignore)
    await session.close()
    await waiting
    await other.close()
  })

  withSession('without the lock nothing is written, and no open transaction is committed', async (session, fixture) => {
    await session.writeJournal({ ...noChange, open: [rowOf(0)] })
    await session.run(fixture.insert('t', 1))
    await fixture.stealLock(session)
    expect(await codeOf(session.writeJournal({ ...noChange, close: [closing(0)], open: [rowOf(1)] }))).toBe('LOCK_LOST')
    expect(await codeOf(session.writeJournal({ ...noChange, close: [closing(0)] }))).toBe('LOCK_LOST')
    const quick = [{ text: fixture.insert('t', 2), pass: 1, statement: 0, objects: [] }]
    expect(await codeOf(session.runAndClose(quick))).toBe('LOCK_LOST')
    await session.rollback()
    expect(await fixture.numbers('t')).toEqual([])
    expect(await statesOf(session)).toEqual(['0 open'])
  })

  withSession(
    'rows read back as they were opened, closed, failed, dropped, settled and amended',
    async (session, fixture) => {
      const objects = [{ type: 'table', schema: null, name: "o'dd `表`" }] as const
      const opened = rowOf(0, {
        class: 'definition',
        objects,
        fingerprint: 'f'.repeat(64),
        identity: true,
        summary: '建表',
      })
      await session.writeJournal({ ...noChange, open: [opened, rowOf(1), rowOf(2)] })
      const { summary, hash, fingerprint } = opened
      const first = (await session.readJournal()).rows[0]
      expect(first).toMatchObject({
        state: 'open',
        summary,
        hash,
        fingerprint,
        objects,
        identity: true,
        class: 'definition',
      })
      expect(first?.connectionId).toBe(session.facts.connectionId)

      const { lastInsertId } = await session.run(fixture.insert('t', 1))
      expect(lastInsertId).toMatch(/^[1-9]\d*$/)
      const memory = { lastInsertId, variables: { a: "x'E8A1A8'", b: 'NULL' } }
      const fail = [{ pass: 1, statement: 1, error: "it's 坏\\" }]
      const drop = [{ pass: 1, statement: 2 }]
      await session.writeJournal({ ...noChange, close: [closing(0, { memory })], fail, drop })
      const { rows, passes } = await session.readJournal()
      expect(rows.map((row) => [row.state, row.memory, row.error])).toEqual([
        ['closed', memory, null],
        ['failed', null, "it's 坏\\"],
      ])
      expect(passes).toMatchObject([{ pass: 1, closed: 1, open: 0, total: 3, milliseconds: 5, direction: 'up' }])
      expect((passes[0]?.closedAt ?? '') >= (passes[0]?.openedAt ?? '')).toBe(true)

      await session.writeJournal({ ...noChange, open: [rowOf(1), rowOf(2)] })
      const settle = [
        { pass: 1, statement: 1, ran: true },
        { pass: 1, statement: 2, ran: false },
      ]
      await session.writeJournal({ ...noChange, settle })
      expect(await statesOf(session)).toEqual(['0 closed', '1 closed'])

      await session.writeJournal({ ...noChange, amend: { pass: 1, total: 2, checksum: 'd'.repeat(64) } })
      const after = await session.readJournal()
      expect(after.rows).toEqual([])
      expect(after.passes).toMatchObject([{ closed: 2, open: 0, total: 2, checksum: 'd'.repeat(64) }])
    },
  )

  withSession('only an open row is dropped or settled', async (session) => {
    await session.writeJournal({ ...noChange, open: [rowOf(0)] })
    await session.writeJournal({ ...noChange, close: [closing(0)] })
    const at = { pass: 1, statement: 0 }
    await session.writeJournal({ ...noChange, drop: [at], settle: [{ ...at, ran: false }] })
    expect(await statesOf(session)).toEqual(['0 closed'])
  })

  withSession('rows of one write are closed each with its own time', async (session) => {
    await session.writeJournal({ ...noChange, open: [rowOf(0), rowOf(1), rowOf(2)] })
    const close = [0, 1, 2].map((statement) => closing(statement, { rows: null, milliseconds: statement + 1 }))
    await session.writeJournal({ ...noChange, close })
    expect((await session.readJournal()).passes).toMatchObject([{ closed: 3, milliseconds: 6, open: 0 }])
  })

  withSession(
    'data is committed with the write that closes its row, and rolled back without it',
    async (session, fixture) => {
      await session.writeJournal({ ...noChange, open: [rowOf(0)] })
      await session.run(fixture.insert('t', 1))
      expect(await fixture.numbers('t')).toEqual([])
      await session.rollback()
      await session.run(fixture.insert('t', 2))
      await session.writeJournal({ ...noChange, close: [closing(0)], open: [rowOf(1)] })
      expect(await fixture.numbers('t')).toEqual([2])
      await session.run(fixture.insert('t', 3))
      await session.close()
      expect(await fixture.numbers('t')).toEqual([2])
    },
  )

  withSession('short statements are each committed with their row, up to one that fails', async (session, fixture) => {
    const objects = [{ type: 'table', schema: null, name: "o'dd `表`" }] as const
    await session.writeJournal({ ...noChange, open: [rowOf(0), rowOf(1, { objects }), rowOf(2)] })
    const texts = [fixture.insert('t', 1), fixture.insert('missing', 2), fixture.insert('t', 3)]
    const outcomes = await session.runAndClose(
      texts.map((text, statement) => ({ text, pass: 1, statement, objects: [] })),
    )
    expect(outcomes).toHaveLength(1)
    expect(await fixture.numbers('t')).toEqual([1])
    expect(await statesOf(session)).toEqual(['0 closed', '1 open', '2 open'])
    const rest = await session.runAndClose([{ text: fixture.insert('t', 3), pass: 1, statement: 1, objects }])
    expect(rest).toMatchObject([{ rows: 1 }])
    const { rows } = await session.readJournal()
    expect(rows[1]?.memory?.lastInsertId).toMatch(/^[1-9]\d*$/)
    expect(rows[1]).toMatchObject({ objects, identity: false })
    expect(await fixture.numbers('t')).toEqual([1, 3])
  })

  withSession('definitions of one packet run in order, up to one that fails', async (session, fixture) => {
    const texts = [fixture.create('a'), fixture.create('b'), fixture.create('a'), fixture.create('c')]
    expect(await session.runTogether(texts)).toMatchObject([{ warnings: [] }, { warnings: [] }])
    const tables = ['a', 'b', 'c'].map((name) => ({ type: 'table', schema: null, name }) as const)
    const [a, b, c] = await session.readDefinitions(tables, false)
    expect([typeof a, typeof b, c]).toEqual(['string', 'string', null])
    expect(await session.runTogether([fixture.create('c')])).toHaveLength(1)
  })

  withSession(
    'definitions of one packet end with their connection, at any moment of its loss',
    async (session, fixture) => {
      const failure = failureOf(session, session.runTogether([fixture.create('a'), fixture.slow]))
      await expect.poll(() => fixture.isRunning(session)).toBe(true)
      await fixture.breakConnection(session)
      expect(await failure).toMatchObject({ type: 'lost' })
      expect(await failureOf(session, session.runTogether([fixture.create('b')]))).toMatchObject({ type: 'lost' })
    },
  )

  withSession('a definition commits itself and the statements before it', async (session, fixture) => {
    await session.run(fixture.insert('t', 1))
    await session.run(fixture.alter('t', 1))
    await session.rollback()
    expect(await fixture.numbers('t')).toEqual([1])
  })

  withSession('definitions: null, a stable text, and another after a change', async (session, fixture) => {
    const [t, u] = ['t', 'u'].map((name) => ({ type: 'table', schema: null, name }) as const)
    if (t === undefined || u === undefined) throw new Error('two names were given')
    const look = async () => session.readDefinitions([u, t], false)
    const before = await look()
    expect([before[0], typeof before[1]]).toEqual([null, 'string'])
    await session.run(fixture.insert('t', 1))
    await session.writeJournal(noChange)
    expect(await look()).toEqual(before)
    await session.run(fixture.alter('t', 1))
    await session.run(fixture.create('u'))
    const after = await look()
    expect(after[1]).not.toBe(before[1])
    expect(after[0]).not.toBeNull()
    await session.run(fixture.drop('t'))
    expect((await look())[1]).toBeNull()
  })

  withSession('identity distinguishes a table from itself after TRUNCATE', async (session, fixture) => {
    const objects = [{ type: 'table', schema: null, name: 't' }] as const
    const [text, identity] = [
      await session.readDefinitions(objects, false),
      await session.readDefinitions(objects, true),
    ]
    expect(await session.readDefinitions(objects, true)).toEqual(identity)
    await session.run(fixture.truncate('t'))
    expect(await session.readDefinitions(objects, false)).toEqual(text)
    expect(await session.readDefinitions(objects, true)).not.toEqual(identity)
  })

  withSession('a CALL that committed leaves its mark, and is not entered twice', async (session, place) => {
    await session.writeJournal({ ...noChange, open: [rowOf(0, { class: 'call' })] })
    await session.markCallStarted(1, 0, place.committing, place.callCommitting(2))
    await session.run(place.insert('t', 1))
    await session.rollback()
    expect(await statesOf(session)).toEqual(['0 open'])
    await session.markCallStarted(1, 0, place.committing, place.callCommitting(2))
    await session.run(place.callCommitting(2))
    await session.rollback()
    expect(await statesOf(session)).toEqual(['0 entered'])
    expect(await place.numbers('t')).toEqual([2])
    expect(await codeOf(session.markCallStarted(1, 0, place.committing, place.callCommitting(2)))).toBe('CALL_ENTERED')
  })

  withSession('a refused statement does not change the session', async (session, fixture) => {
    expect(await failureOf(session, session.run(fixture.refused))).toMatchObject({ type: 'refused' })
    await session.writeJournal({ ...noChange, open: [rowOf(0)] })
    expect(await statesOf(session)).toEqual(['0 open'])
  })

  withSession('a statement can be cancelled without the end of its session', async (session, fixture) => {
    await session.runAndClose([{ text: fixture.insert('t', 1), pass: 1, statement: 0, objects: [] }])
    const failure = failureOf(session, session.run(fixture.slow))
    await expect.poll(() => fixture.isRunning(session)).toBe(true)
    await session.cancel()
    expect(await failure).toMatchObject({ type: 'canceled' })
    expect((await session.readJournal()).exists).toBe(true)
  })

  withSession(
    'a lost connection is reported, rolls the transaction back, and frees the lock',
    async (session, fixture) => {
      await session.run(fixture.insert('t', 1))
      await fixture.breakConnection(session)
      expect(await failureOf(session, session.run(fixture.insert('t', 2)))).toMatchObject({ type: 'lost' })
      expect(await failureOf(session, session.ask('SELECT 1'))).toMatchObject({ type: 'lost' })
      expect(await codeOf(session.readRows('SELECT 1'))).toBe('CONNECTION_LOST')
      expect(await codeOf(session.readJournal())).toBe('CONNECTION_LOST')
      await session.rollback()
      const other = await fixture.open()
      await other.lock(patience, ignore)
      expect(await fixture.numbers('t')).toEqual([])
      await other.close()
    },
  )

  test('errors of other origin are not translated', async () => {
    const fixture = await makeFixture()
    const session = await fixture.open()
    expect([session.explain(new TypeError('a defect')), session.explain('text')]).toEqual([null, null])
    await session.close()
    await fixture.close()
  })
}
