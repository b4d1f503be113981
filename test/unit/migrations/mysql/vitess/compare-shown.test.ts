import { expect, it } from 'vitest'
import { compareShown, lookShown } from '../../../../../src/migrations/mysql/vitess/compare-shown.ts'
import type { Asker } from '../../../../../src/mysql/connection.ts'
import { classifyStatement } from '../../../../../src/sql/classify.ts'

/** What a vtgate shows of one keyspace with the table `t`. */
interface Shows {
  readonly vindexes?: readonly (readonly [name: string, type: string, params: string, owner: string])[]
  readonly ofTable?: readonly (readonly [columns: string, name: string])[]
  readonly sequence?: string
  readonly isSequence?: boolean
  readonly isSharded?: boolean
  /** As `SHOW VSCHEMA TABLES` lists them. */
  readonly listed?: readonly string[]
  readonly onTablets?: readonly string[]
  /** Routing rules lead to another keyspace. */
  readonly isRouted?: boolean
  /** vtgate knows no shard for a row. */
  readonly isUnknown?: boolean
}

function vtgate(shows: Shows): Asker {
  const { vindexes = [], ofTable = [], sequence, isSequence = false, isSharded = true } = shows
  const { listed = [], onTablets = [], isRouted = false, isUnknown = false } = shows
  const place = isRouted ? { Keyspace: { Name: 'other' } } : isUnknown ? { Variant: 'Sharded' } : {}
  const rowsOf = (text: string): readonly (readonly unknown[])[] => {
    if (text === 'SHOW VSCHEMA TABLES') return listed.map((name) => [name])
    if (text === 'SHOW TABLES') return onTablets.map((name) => [name])
    if (text === 'SHOW VSCHEMA KEYSPACES') return [['app', String(isSharded)]]
    if (text === 'SHOW VSCHEMA VINDEXES') return vindexes.map((one) => ['app', ...one])
    if (text.startsWith('SHOW VSCHEMA VINDEXES ON')) return ofTable
    // Its grammar has a string after LIKE, and nothing else.
    if (/^SHOW .* LIKE (?!')/.test(text)) throw new Error(`syntax error: ${text}`)
    if (text.includes('NEXT VALUE')) return [[JSON.stringify({ Variant: isSequence ? 'Next' : 'Unsharded' })]]
    const numbers = { AutoIncrement: `select next :n values from ${sequence}:Values::(null)` }
    const query = { Query: 'insert into t(id, sender) values (:__seq0, :_sender_0)' }
    return [[JSON.stringify({ ...place, ...query, ...(sequence === undefined ? {} : numbers) })]]
  }
  return { ask: async (text) => ({ rows: rowsOf(text) as never, affected: 0, insertId: null, warningCount: 0 }) }
}

const compare = (text: string, why: string, shows: Shows) => {
  const { verb, objects } = classifyStatement(text)
  return compareShown(vtgate(shows), 'app', { verb, text, objects }, why)
}

const numbered = (sequence: string, column = 'id') =>
  `vschema already contains auto inc column:"${column}" sequence:"${sequence}" on table t in keyspace app`
const lookup =
  'ALTER VSCHEMA CREATE VINDEX v USING lookup WITH owner=t, table=user_db.codes, `from`=`code,id`, `to`=keyspace_id'

// The answers are those of Vitess 24.
it.each<readonly [string, string, Shows, string]>([
  ['ALTER VSCHEMA CREATE VINDEX v USING xxhash', 'vindex v already exists in keyspace app', {}, 'hidden'],
  [
    'ALTER VSCHEMA CREATE VINDEX v USING xxhash',
    'vindex v already exists in keyspace app',
    { vindexes: [['v', 'xxhash', '', '']] },
    'as wanted',
  ],
  [
    'ALTER VSCHEMA CREATE VINDEX v USING xxhash',
    'vindex v already exists in keyspace app',
    { vindexes: [['v', 'hash', '', '']] },
    'otherwise',
  ],
  [
    lookup,
    'vindex v already exists in keyspace app',
    { vindexes: [['v', 'lookup', 'from=code,id; table=user_db.codes; to=keyspace_id', 't']] },
    'as wanted',
  ],
  [
    lookup,
    'vindex v already exists in keyspace app',
    { vindexes: [['v', 'lookup', 'from=code,id; table=user_db.codes; to=keyspace_id', 'other']] },
    'otherwise',
  ],
  [
    'ALTER VSCHEMA DROP VINDEX v',
    'vindex v does not exists in keyspace app',
    { vindexes: [['v', 'hash', '', '']] },
    'hidden',
  ],
  ['ALTER VSCHEMA DROP VINDEX v', 'vindex v does not exists in keyspace app', {}, 'as wanted'],
  [
    'ALTER VSCHEMA DROP VINDEX v',
    'can not drop vindex cause v still defined on table t',
    { vindexes: [['v', 'hash', '', '']] },
    'otherwise',
  ],
  ['ALTER VSCHEMA ON t ADD VINDEX v (a, `b`) USING x', 'vindex v already defined on table t', {}, 'hidden'],
  [
    'ALTER VSCHEMA ON t ADD VINDEX v (a, `b`) USING x',
    'vindex v already defined on table t',
    { ofTable: [['a, b', 'v']] },
    'as wanted',
  ],
  [
    'ALTER VSCHEMA ON t ADD VINDEX v (a)',
    'vindex v already defined on table t',
    { ofTable: [['a, b', 'v']] },
    'otherwise',
  ],
  ['ALTER VSCHEMA ON t ADD VINDEX v (a)', 'vindex v does not exist in keyspace app', {}, 'otherwise'],
  [
    'ALTER VSCHEMA ON t DROP VINDEX v',
    'vindex v not defined in table app.t',
    {
      ofTable: [
        ['a', 'v'],
        ['b', 'w'],
      ],
    },
    'hidden',
  ],
  ['ALTER VSCHEMA ON t DROP VINDEX v', 'table app.t not defined in vschema', { ofTable: [['a', 'v']] }, 'hidden'],
  ['ALTER VSCHEMA ON t DROP VINDEX v', 'vindex v not defined in table app.t', { ofTable: [['b', 'w']] }, 'as wanted'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids', numbered('u.ids'), {}, 'hidden'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids', numbered('u.ids'), { sequence: 'ids' }, 'as wanted'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT `Id` USING `u`.`ids`', numbered('`u`.ids'), { sequence: 'ids' }, 'as wanted'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids', numbered('u.ids'), { sequence: 'other' }, 'hidden'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids', numbered('u.other'), {}, 'otherwise'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids', numbered('u.ids', 'no'), {}, 'otherwise'],
  [
    'ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING u.ids',
    'vschema does not contain table t in keyspace app',
    {},
    'otherwise',
  ],
  [
    'ALTER VSCHEMA ON t DROP AUTO_INCREMENT',
    'vschema does not contain auto increment <nil> on table t in keyspace app',
    { sequence: 'ids' },
    'hidden',
  ],
  [
    'ALTER VSCHEMA ON t DROP AUTO_INCREMENT',
    'vschema does not contain auto increment <nil> on table t in keyspace app',
    {},
    'as wanted',
  ],
  [
    'ALTER VSCHEMA ON t DROP AUTO_INCREMENT',
    'vschema does not contain table t in keyspace app',
    { sequence: 'ids' },
    'hidden',
  ],
  ['ALTER VSCHEMA ON t DROP AUTO_INCREMENT', 'vschema does not contain table t in keyspace app', {}, 'otherwise'],
  [
    'ALTER VSCHEMA ADD SEQUENCE t',
    'vschema already contains sequence t in keyspace app',
    { isSharded: false },
    'hidden',
  ],
  [
    'ALTER VSCHEMA ADD SEQUENCE t',
    'vschema already contains sequence t in keyspace app',
    { isSharded: false, isSequence: true },
    'as wanted',
  ],
  [
    'ALTER VSCHEMA ADD SEQUENCE t',
    'vschema already contains sequence t in keyspace app',
    { isSharded: false, isRouted: true },
    'as wanted',
  ],
  [
    'ALTER VSCHEMA DROP SEQUENCE t',
    'vschema does not contain sequence t in keyspace app',
    { isSharded: false, isSequence: true },
    'hidden',
  ],
  [
    'ALTER VSCHEMA DROP SEQUENCE t',
    'vschema does not contain sequence t in keyspace app',
    { isSharded: false },
    'as wanted',
  ],
  [
    'ALTER VSCHEMA ADD TABLE t',
    'vschema already contains table t in keyspace app',
    { isSharded: false, isSequence: true },
    'otherwise',
  ],
  ['ALTER VSCHEMA ADD TABLE t', 'vschema already contains table t in keyspace app', { isSharded: false }, 'as wanted'],
  ['ALTER VSCHEMA DROP TABLE t', 'vschema does not contain table t in keyspace app', { isSharded: false }, 'as wanted'],
])('%s, where Vitess says %s and vtgate shows %j: %s', async (text, why, shows, expected) => {
  expect(await compare(text, why, shows)).toBe(expected)
})

const look = (text: string, shows: Shows) => {
  const { verb, objects } = classifyStatement(text)
  return lookShown(vtgate(shows), 'app', { verb, text, objects })
}

it.each([
  ['ALTER VSCHEMA DROP TABLE a_b', { isSharded: false, listed: ['a_b'], onTablets: ['a_b', 'axb'] }, 'shown'],
  ['ALTER VSCHEMA DROP TABLE a_b', { isSharded: false, listed: ['a_b'], onTablets: ['axb'] }, 'listed'],
  ['ALTER VSCHEMA DROP TABLE a_b', { isSharded: false }, 'shown'],
  ['ALTER VSCHEMA ADD TABLE a_b', { isSharded: false }, 'hidden'],
  ['ALTER VSCHEMA ADD TABLE a_b', { isSharded: false, listed: ['a_b'] }, 'shown'],
  // A reference table has no vindex, and takes rows.
  ['ALTER VSCHEMA DROP TABLE t', { listed: ['t'], onTablets: ['t'] }, 'hidden'],
  ['ALTER VSCHEMA DROP TABLE t', { listed: ['t'], onTablets: ['t'], isUnknown: true }, 'shown'],
  ['ALTER VSCHEMA ADD SEQUENCE t', { isSharded: false }, 'hidden'],
  ['ALTER VSCHEMA ADD SEQUENCE t', { isSharded: false, isRouted: true }, 'routed'],
  ['ALTER VSCHEMA DROP SEQUENCE t', { isSharded: false, isRouted: true }, 'routed'],
  ['ALTER VSCHEMA ON t ADD AUTO_INCREMENT id USING ids', { isSharded: false, isRouted: true }, 'routed'],
] as const)('%s, where vtgate has %j: %s', async (text, shows, expected) => {
  expect(await look(text, shows)).toBe(expected)
})
