import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/command/event.ts'
import type { Holder } from '../../../src/core/holder.ts'
import { BlockerKiller, type BlockingSession, describeSession, whySpared } from '../../../src/operate/kill-blockers.ts'
import { holder } from '../terminal/samples.ts'

const kill = { users: ['app'], most: 2, rows: 100 }
const session: BlockingSession = {
  connectionId: 7,
  user: 'app',
  host: '10.0.0.3',
  seconds: 61,
  rows: 100,
  statement: 'SELECT 1',
  holds: [],
}

test('a session of a declared user, with few changed rows, may be killed', () => {
  expect(whySpared(session, kill)).toBeNull()
})

test.each([
  [{ user: 'root' }, 'does not name `root`'],
  [{ user: null }, 'does not name its user'],
  [{ rows: 101 }, 'changed 101 rows'],
  [{ rows: null, seconds: null }, 'no transaction'],
  [{ holds: ['replication'] }, 'replication'],
  [{ holds: ['server-lock'] }, 'as a backup does'],
  [{ holds: ['table-lock'] }, '`LOCK TABLES`'],
  [{ holds: ['prepared'] }, 'XA'],
  [{ holds: ['wwdb'] }, 'a run of wwdb'],
] as const)('a session with %o is spared: %s', (changes, why) => {
  expect(whySpared({ ...session, ...changes }, kill)).toContain(why)
})

function serverOf(sessions: readonly BlockingSession[]) {
  const killed: number[] = []
  const target = { database: 'app', schema: 'app', server: 'h:1' }
  const readSession = async (id: number) => sessions.find(({ connectionId }) => connectionId === id) ?? null
  const endSession = async (id: number) => killed.push(id) > 0
  return { killed, ender: { target, readSession, endSession } }
}

const by = (...ids: readonly number[]): readonly Holder[] => ids.map((connectionId) => ({ ...holder, connectionId }))

test('no more sessions are killed than the configuration allows, over all looks of a run, and each spared one is named once', async () => {
  const events: RunEvent[] = []
  const { killed, ender } = serverOf([1, 2, 3].map((connectionId) => ({ ...session, connectionId })))
  const killer = new BlockerKiller(kill, (event) => events.push(event))
  await killer.relieve(ender, by(1), 100)
  await killer.relieve(ender, by(2, 3), 100)
  await killer.relieve(ender, by(3), 100)
  expect(killed).toEqual([1, 2])
  expect(events.map(({ type }) => type)).toEqual(['blocker-killed', 'blocker-killed', 'blocker-spared'])
})

test('a session that is gone meanwhile, and a prepared transaction without one, are not killed', async () => {
  const { killed, ender } = serverOf([])
  await new BlockerKiller(kill, () => undefined).relieve(ender, by(0, 9), 100)
  expect(killed).toEqual([])
})

test('a session that has begun another transaction since the look is not killed', async () => {
  const { killed, ender } = serverOf([{ ...session, connectionId: 1, seconds: 2 }])
  await new BlockerKiller(kill, () => undefined).relieve(ender, by(1), 100)
  expect(killed).toEqual([])
})

test('the record names session, user, host, age, rows and last statement', () => {
  expect(describeSession(session)).toBe(
    'connection 7 of app from 10.0.0.3, in a transaction of 61 s, 100 rows changed, last statement `SELECT 1`',
  )
})
