import { describe, expect, test } from 'vitest'
import {
  digestDefinitions,
  identifiedBy,
  needsLooking,
  settleByLooking,
  settleElsewhere,
  settleProgram,
  settleRow,
} from '../../../src/migrations/execute/recover.ts'
import type { JournalRow } from '../../../src/migrations/journal/journal.ts'
import { programCutOff } from '../../../src/migrations/journal/settlement.ts'
import type { ObjectName } from '../../../src/sql/statement.ts'

const users: ObjectName = { type: 'table', schema: null, name: 'users' }

function rowOf(changes: Partial<JournalRow>): JournalRow {
  const journaled = { hash: 'h', summary: 's', connectionId: 1, identity: false, memory: null, error: null }
  const place = { pass: 1, statement: 0, openedAt: '', runner: 'host:1' }
  return { ...place, ...journaled, state: 'open', class: 'data', fingerprint: null, objects: [users], ...changes }
}

const classes = ['definition', 'account', 'data', 'module', 'record', 'call', 'session', 'maintenance'] as const
const states = ['open', 'entered'] as const
const looks = [
  { name: 'as before', fingerprint: 'f', present: 'f' },
  { name: 'changed', fingerprint: 'f', present: 'g' },
  { name: 'not recorded', fingerprint: null, present: 'g' },
  { name: 'not looked at', fingerprint: 'f', present: null },
] as const

/** The table of the promise: what each class comes to, whatever its objects look like. */
function expected(
  kind: (typeof classes)[number],
  state: (typeof states)[number],
  look: (typeof looks)[number],
): string {
  // Of data, where shards commit one after another.
  if (kind === 'call' || kind === 'data') return state === 'entered' ? 'unknown' : 'not-run'
  if (kind !== 'definition' && kind !== 'account') return 'not-run'
  if (look.name === 'as before') return 'not-run'
  return look.name === 'changed' ? 'ran' : 'unknown'
}

const cases = classes.flatMap((kind) =>
  states.flatMap((state) => looks.map((look) => [kind, state, look.name, look] as const)),
)

test.each(cases)('an open row of class %s, %s, its objects %s', (kind, state, _, look) => {
  const row = rowOf({ class: kind, state, fingerprint: look.fingerprint })
  expect(settleRow(row, look.present).type).toBe(expected(kind, state, look))
})

test('a CALL that the file accepts to be repeated is called again', () => {
  const row = rowOf({ class: 'call', state: 'entered' })
  expect(settleRow(row, null, false).type).toBe('unknown')
  expect(settleRow(row, null, true).type).toBe('not-run')
  expect(settleRow(rowOf({ class: 'definition', fingerprint: null }), null, true).type).toBe('unknown')
})

test('a program that the shards of a keyspace were committing stays in the journal, and rows of seeds do not', () => {
  const settle = (name: string, state: JournalRow['state'] = 'entered', isSharded = true) =>
    settleProgram(rowOf({ class: 'module', state }), { kind: 'seed', name }, isSharded)
  expect(settle('010_roles.sql')).toEqual({ type: 'not-run', partly: true, mayHaveRun: true, why: programCutOff })
  expect([settle('rows'), settle('administrator'), settle('010_roles.sql', 'open')]).toEqual([null, null, null])
  expect(settle('010_roles.sql', 'entered', false)).toBeNull()
})

test('a row of seeds that shards were committing is not said to be rolled back', () => {
  expect(settleRow(rowOf({ class: 'module', state: 'entered' }), null)).toMatchObject({
    type: 'not-run',
    mayHaveRun: true,
    why: expect.stringContaining('seeds look again at what is there'),
  })
})

test('looking is for definitions and accounts that name something and were fingerprinted', () => {
  const looked = classes.filter((kind) => needsLooking(rowOf({ class: kind, fingerprint: 'f' })))
  expect(looked).toEqual(['definition', 'account'])
  expect(needsLooking(rowOf({ class: 'definition', fingerprint: null }))).toBe(false)
  expect(needsLooking(rowOf({ class: 'definition', fingerprint: 'f', objects: [] }))).toBe(false)
})

describe('the fingerprint', () => {
  const orders: ObjectName = { ...users, name: 'orders' }
  const before = digestDefinitions([users, orders], ['a', null])

  test.each([
    ['a definition', digestDefinitions([users, orders], ['b', null])],
    ['presence', digestDefinitions([users, orders], ['a', ''])],
    ['which object has which definition', digestDefinitions([users, orders], [null, 'a'])],
    ['the kind of object', digestDefinitions([{ ...users, type: 'view' }, orders], ['a', null])],
    ['its schema', digestDefinitions([{ ...users, schema: 's' }, orders], ['a', null])],
  ])('changes with %s', (_, after) => {
    expect(after).not.toBe(before)
  })

  test('takes what was not answered for absent', () => {
    expect(digestDefinitions([users, orders], ['a'])).toBe(before)
  })
})

describe('tables that are distinguished by a number of InnoDB, which only PROCESS shows', () => {
  const digest = digestDefinitions([users], ['CREATE TABLE users ()\n#7'])
  const row = rowOf({ class: 'definition', identity: true, fingerprint: digest, identifiedBy: 'number' })

  test.each([
    ['its successor has another number', 'CREATE TABLE users ()\n#8', 'ran'],
    ['the number is the same', 'CREATE TABLE users ()\n#7', 'not-run'],
    ['the number cannot be read now', 'CREATE TABLE users ()\n@2026-11-29 10:00:00', 'unknown'],
    ['the table is gone', null, 'ran'],
  ])('%s', (_, present, end) => {
    expect(settleByLooking(row, [present]).type).toBe(end)
  })

  test('a row of an earlier version does not say how they were distinguished', () => {
    const { identifiedBy: _, ...old } = row
    expect(settleByLooking(old, ['CREATE TABLE users ()\n@2026-11-29 10:00:00']).type).toBe('ran')
  })

  test('what identifies partitions is the numbers of all', () => {
    expect(identifiedBy([null, 'CREATE TABLE p ()\n#7,8,9'])).toBe('number')
    expect(identifiedBy(['CREATE VIEW v', null])).toBeNull()
  })
})

test('the numbers of another server prove nothing', () => {
  expect(settleElsewhere(rowOf({ identity: true, server: 'here' }), 'here')).toBeNull()
  expect(settleElsewhere(rowOf({ identity: false }), 'here')).toBeNull()
  expect(settleElsewhere(rowOf({ identity: true, server: 'there' }), 'here')?.type).toBe('unknown')
})
