import { expect, test } from 'vitest'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import type { MoveRequest } from '../../../../src/shards/move/move-request.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import { undoMove } from '../../../../src/shards/move/undo-move.ts'
import { createNamed } from '../../../../src/shards/rotation/named-shards.ts'
import { changeShards } from '../../../../src/shards/rotation/run-rotation.ts'
import type { ShardFinding } from '../../../../src/shards/shard.ts'
import { keyFamily } from '../../../helpers/shards/families.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'
import { carrying } from '../../../helpers/shards/move-workflows.ts'
import { RotationStage } from '../../../helpers/shards/rotation-stage.ts'

const rows = [{ id: 1n, wxid: 'w1' }]
const both = { shards: { '3': rows, '12': rows }, keyspace: { '3': rows, '12': rows } }

const workflow = (key: string, position: string, changes: object = {}) => ({
  name: `wwdb_move_contacts_${key}`,
  source: { keyspace: 'mysql' },
  shard_streams: {
    '-80/a': {
      streams: [{ state: 'Running', position, binlog_source: carrying(`contacts_${key}`, key), ...changes }],
    },
  },
})

/** A client whose streams have these positions, one after another. */
function clientOf(positions: readonly string[], changes: object = {}): NonNullable<MoveRequest['vtctld']> {
  let turn = 0
  return async ([command]) => {
    if (command === 'VDiff') return '{}'
    if (command !== 'GetWorkflows') return ''
    const position = positions[Math.min(turn, positions.length - 1)] ?? ''
    turn += 1
    return JSON.stringify({ workflows: [workflow('3', position, changes), workflow('12', position, changes)] })
  }
}

test('equal rows do not end a switch while a stream has still to write what its shard took', async () => {
  const behind = clientOf(['a:1-8'], { message: 'throttled' })
  const late = memoryMove({ ...both, changes: { vtctld: behind, patience: 300 } })
  await expect(switchWrites(late.request)).rejects.toMatchObject({
    faults: [
      { why: expect.stringMatching(/`contacts_3`, `contacts_12` have not written all.*Vitess says: throttled/) },
    ],
  })
  expect(late.triggers.size).toBe(0)
  expect(late.findings).toEqual([])
  const inTime = memoryMove({
    ...both,
    changes: { vtctld: clientOf(['a:1-8', 'MySQL56/a:1-8', 'a:1-9']) },
  })
  expect(await switchWrites(inTime.request)).toMatchObject({ shards: [{ key: '3' }, { key: '12' }] })
})

test('only shards that were not equal are compared again', async () => {
  const move = memoryMove(both)
  const asked: string[] = []
  const measure: MoveRequest['source']['measure'] = async (table, columns, where) => {
    asked.push(table)
    const found = await move.request.source.measure(table, columns, where)
    return asked.length === 2 ? { ...found, checksum: 'another' } : found
  }
  await switchWrites({ ...move.request, source: { ...move.request.source, measure } })
  expect(asked).toEqual(['contacts_3', 'contacts_12', 'contacts_12'])
})

test('a switch is not taken back where the keyspace is written to until the end', async () => {
  const move = memoryMove(both)
  await switchWrites(move.request)
  const closed = move.triggers.size
  let asked = 0
  const measure: MoveRequest['keyspace']['measure'] = async (table, columns, where) => {
    asked += 1
    const found = await move.request.keyspace.measure(table, columns, where)
    return asked > 2 ? { ...found, rows: found.rows + 1 } : found
  }
  const request = { ...move.request, keyspace: { ...move.request.keyspace, measure } }
  await expect(undoMove(request)).rejects.toMatchObject({
    faults: [
      { why: expect.stringContaining('have changed since they were compared') },
      {
        what: '2 shards of `contacts` refuse writes.',
        next: expect.stringContaining('when `--undo` has ended without an error'),
      },
    ],
  })
  expect(move.triggers.size).toBe(closed)
  expect(move.findings).toMatchObject([{ closed: null }])
})

test('a family that was switched is marked, and the mark goes with the way back', async () => {
  const move = memoryMove(both)
  await switchWrites(move.request)
  expect(move.findings).toMatchObject([
    { kind: 'moved', family: 'contacts', table: 'contact_db.contacts', closed: null },
  ])
  await switchWrites(move.request)
  expect(move.findings).toHaveLength(1)
  await undoMove(move.request)
  expect(move.findings).toMatchObject([{ closed: { by: 'wwdb shards move' } }])
})

test('rotation makes no shard of a family that has moved, counts none as lost, and says where it is', async () => {
  const stage = new RotationStage('2026-01-15T12:00:00Z', [keyFamily('contacts')])
  stage.setInstances(['3', '12'])
  await stage.runWell()
  const mark: ShardFinding = {
    family: 'contacts',
    key: '',
    kind: 'moved',
    table: 'contact_db.contacts',
    state: 'live',
    rows: null,
    at: stage.now,
    closed: null,
  }
  stage.schema.writeRegistry([], [], null, [mark])
  stage.schema.drop('contacts_3')
  stage.setInstances(['3', '12', '77'])
  const [contacts] = await stage.runWell()
  expect(contacts).toMatchObject({
    state: 'nothing-to-do',
    created: [],
    notes: [expect.stringContaining('has moved to `contact_db.contacts`')],
  })
  expect(stage.tables('contacts_')).toEqual(['contacts_12'])
  const request = stage.request()
  const { outcomes } = await changeShards(request, (target, work) => createNamed(request, target, work, ['77']))
  expect(JSON.stringify(outcomes)).toContain('has moved to `contact_db.contacts`')
  stage.schema.writeRegistry([], [], null, [{ ...mark, closed: { at: stage.now, by: 'x', reason: 'y' } }])
  const [again] = await stage.runWell()
  expect(again?.created).toContain('contacts_77')
})

test('workflows of shards that went are deleted, those of another source, of another table and of other names stay, and rows without a shard are counted', async () => {
  const called: string[] = []
  const named = (
    key: string,
    changes: { readonly source?: string; readonly table?: string; readonly family?: string } = {},
  ) => {
    const { source = 'mysql', table = 'contacts', family = 'contacts' } = changes
    return {
      ...workflow(key, 'MySQL56/a:1-9', { binlog_source: carrying(`${family}_${key}`, key, { match: table }) }),
      name: `wwdb_move_${family}_${key}`,
      source: { keyspace: source },
    }
  }
  const vtctld: NonNullable<MoveRequest['vtctld']> = async (words) => {
    called.push(words.join(' '))
    const workflows = [
      named('3'),
      named('9'),
      named('10', { source: 'elsewhere' }),
      named('11', { table: 'other' }),
      named('9', { family: 'groups' }),
    ]
    return words[0] === 'GetWorkflows' ? JSON.stringify({ workflows }) : ''
  }
  const move = memoryMove({ shards: { '3': rows }, keyspace: { '3': rows, '9': rows }, changes: { vtctld } })
  expect(await switchWrites(move.request)).toMatchObject({ homeless: 1 })
  const deleted = called.flatMap((text) => / delete --workflow (\w+)/.exec(text)?.[1] ?? [])
  expect(deleted).toEqual(['wwdb_move_contacts_3', 'wwdb_move_contacts_9'])
})

test.each([
  ['rows in the table and no workflow', {}, /has rows, and no workflow of this move exists/],
  [
    'kinds of tablets that are not there',
    { tabletTypes: 'replica,rdonly' },
    /no tablet of the kinds.*it has `primary`/,
  ],
])('a copy with %s is refused before anything is written', async (_, changes, why) => {
  const hasRows = Object.keys(changes).length === 0
  const vtctld: NonNullable<MoveRequest['vtctld']> = async ([command]) =>
    command === 'GetTablets' ? 't mysql 0 primary a b' : command === 'GetWorkflows' ? '{"workflows":[]}' : 'unexpected'
  const move = memoryMove({
    shards: { '3': rows },
    keyspace: hasRows ? { '': rows } : {},
    changes: { ...changes, vtctld },
  })
  await expect(moveFamily(move.request, vtctld)).rejects.toMatchObject({
    faults: [{ why: expect.stringMatching(why) }],
  })
  expect(move.written).toEqual([])
})

test('a stream that is stopped ends a switch, with the command that starts it', async () => {
  let turn = 0
  const vtctld: NonNullable<MoveRequest['vtctld']> = async (words) => {
    turn += 1
    return clientOf(['MySQL56/a:1-8'], turn === 1 ? {} : { state: 'Stopped', message: '' })(words)
  }
  const move = memoryMove({ ...both, changes: { vtctld, shell: { program: 'vtctldclient', address: 'vtctld:15999' } } })
  await expect(switchWrites(move.request)).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringContaining('is stopped on the shard `-80`: Vitess gives no reason.'),
        next: expect.stringContaining('`vtctldclient --server vtctld:15999 Workflow --keyspace contact_db start'),
      },
    ],
  })
  expect(move.triggers.size).toBe(0)
})
