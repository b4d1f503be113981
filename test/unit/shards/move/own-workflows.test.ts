import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../../src/command/event.ts'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import { readOwn } from '../../../../src/shards/move/own-workflows.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import { undoMove } from '../../../../src/shards/move/undo-move.ts'
import type { AskVtctld } from '../../../../src/shards/move/vtctldclient.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'
import { carrying } from '../../../helpers/shards/move-workflows.ts'

const place = { keyspace: 'contact_db', source: 'mysql', table: 'contacts', column: 'instance_id', columns: [] }
const shards = [{ key: '3', table: 'contacts_3' }]
const rows = [1n, 2n].map((id) => ({ id, wxid: `w${id}` }))
const both = { shards: { '3': rows }, keyspace: { '3': rows } }

/** What vtctld answers in turn: states of the one workflow, and states of its last VDiff; the last of each is answered again. */
function vtctldOf(states: readonly string[], vdiffs: readonly string[]): { ask: AskVtctld; asked: string[] } {
  const left = { states: [...states], vdiffs: [...vdiffs] }
  const next = (from: string[]): string => (from.length > 1 ? from.shift() : from[0]) ?? ''
  const asked: string[] = []
  const ask: AskVtctld = async (words) => {
    asked.push(
      words.filter((word) => /^(?:GetWorkflows|VDiff|Workflow|create|show|start|delete)$/.test(word)).join(' '),
    )
    if (words[0] === 'GetTablets') return 'test-1 mysql 0 primary a b'
    if (words[0] === 'GetWorkflows') return workflows(next(left.states))
    if (words[0] === 'VDiff' && words.includes('show')) {
      const state = next(left.vdiffs)
      return state === '' ? '{}' : JSON.stringify({ State: state, RowsCompared: 4, HasMismatch: false })
    }
    return ''
  }
  return { ask, asked }
}

function workflows(state: string, source: object = carrying('contacts_3', '3'), keyspace = 'mysql'): string {
  const message = state === 'Stopped' ? 'Stop position a:1-9 already reached: a:1-9' : ''
  const stream = {
    state,
    message,
    position: 'MySQL56/a:1-9',
    tablet_types: ['REPLICA'],
    rows_copied: '4',
    binlog_source: source,
  }
  const streams = { '-80/test-1': { streams: [stream] }, '80-/test-2': { streams: [{ ...stream, state: 'Running' }] } }
  return JSON.stringify({
    workflows: [{ name: 'wwdb_move_contacts_3', source: { keyspace }, shard_streams: streams }],
  })
}

test.each([
  ['is held while VDiff reads both sides as of one position', ['Stopped'], ['started'], 'Held'],
  ['is held while VDiff is to begin', ['Stopped'], ['pending'], 'Held'],
  ['runs where VDiff ended between both questions', ['Stopped', 'Running'], ['completed'], 'Running'],
  ['is stopped where a VDiff was completed before', ['Stopped'], ['completed'], 'Stopped'],
  ['is stopped where no VDiff was ever begun', ['Stopped'], [''], 'Stopped'],
])('a stream %s', async (_, states, vdiffs, expected) => {
  const { ask } = vtctldOf(states, vdiffs)
  const seen = await readOwn(memoryMove(both).request, ask, place, shards)
  expect(seen.get('contacts_3')?.streams.map(({ state }) => state)).toEqual([expected, 'Running'])
})

test.each([
  ['which Vitess holds for a VDiff that failed on another shard', 'for vdiff', '80-', 'Held'],
  ['of the shard on which it failed', 'for vdiff', '-80', 'Stopped'],
  ['that a person has stopped', '', '80-', 'Stopped'],
])('a stream %s is %s', async (_, message, failed, expected) => {
  const ask: AskVtctld = async ([command]) =>
    command === 'VDiff'
      ? JSON.stringify({ State: 'error', RowsCompared: 4, HasMismatch: false, Errors: { [failed]: 'lost' } })
      : workflows('Stopped').replaceAll(/"message":"Stop[^"]*"/g, `"message":"${message}"`)
  const seen = await readOwn(memoryMove(both).request, ask, place, shards)
  expect(seen.get('contacts_3')?.streams[0]?.state).toBe(expected)
})

test('a workflow is known also where the case of its columns is another, and not where that of its table is', async () => {
  const { request } = memoryMove(both)
  const named = (table: string): AskVtctld => {
    const own = carrying(table, '3', { columns: 'ID, WxId, Instance_ID' })
    const text = workflows('Running', own).replaceAll('and instance_id = 3', 'and INSTANCE_ID = 3')
    return async () => text
  }
  const columns = ['id', 'wxid', 'instance_id']
  expect((await readOwn(request, named('contacts_3'), { ...place, columns }, shards)).size).toBe(1)
  await expect(readOwn(request, named('CONTACTS_3'), { ...place, columns }, shards)).rejects.toMatchObject({
    faults: [{ why: expect.stringContaining('it reads other rows') }],
  })
})

test('no question about VDiff is asked of workflows that run', async () => {
  const { ask, asked } = vtctldOf(['Running'], ['completed'])
  await readOwn(memoryMove(both).request, ask, place, shards)
  expect(asked).toEqual(['GetWorkflows'])
})

test('a workflow that the VDiff of a killed run holds is neither started nor refused: its streams are waited for', async () => {
  const { ask, asked } = vtctldOf(
    ['Stopped', 'Stopped', 'Stopped', 'Stopped', 'Running'],
    ['started', 'started', 'completed'],
  )
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  expect(await moveFamily(request, ask)).toMatchObject({ created: 0, compared: new Map([['contacts_3', 4]]) })
  expect(asked).not.toContain('Workflow start')
})

test('a switch waits for it, in place of calling the shard not copied, and tells that it waits', async () => {
  const { ask } = vtctldOf(['Stopped', 'Stopped', 'Running'], ['started'])
  const told: RunEvent[] = []
  const { request } = memoryMove({ ...both, changes: { vtctld: ask, emit: (event) => void told.push(event) } })
  expect(await switchWrites(request)).toMatchObject({ shards: [{ table: 'contacts_3' }] })
  expect(told[0]).toMatchObject({ type: 'move-progress', stage: 'vdiff', done: 0, total: 1 })
})

test('one that nobody holds is started again', async () => {
  const { ask, asked } = vtctldOf(['Stopped', 'Stopped', 'Stopped', 'Stopped', 'Running'], ['completed'])
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  await moveFamily(request, ask)
  expect(asked.filter((words) => words === 'Workflow start')).toHaveLength(1)
})

const others = [
  [
    'writes to another table',
    carrying('contacts_3', '3', { match: 'others' }),
    /it writes to `others`, and not to `contacts` alone/,
  ],
  [
    'reads another table',
    carrying('contacts_4', '3'),
    /it reads other rows than those of the shard: `select .* from contacts_4 /,
  ],
  ['reads another key', carrying('contacts_3', '30'), /it reads other rows/],
  ['names no table', {}, /no table that Vitess names/],
  [
    'writes to two tables',
    { filter: { rules: [{ match: 'contacts' }, { match: 'more' }] } },
    /it writes to `contacts`, `more`/,
  ],
] as const

/** Each call that is more than a question. */
const changing = (words: readonly string[]): boolean =>
  words.some((word) => ['create', 'update', 'start', 'stop', 'delete'].includes(word))

describe.each(others)('a workflow of the name that %s', (_, source, why) => {
  test.each([
    ['a copy', moveFamily],
    ['a switch', switchWrites],
    ['the way back', undoMove],
  ] as const)('is named by %s, and neither begun nor deleted', async (__, run) => {
    const changed: string[] = []
    const ask: AskVtctld = async (words) => {
      if (changing(words)) changed.push(words.join(' '))
      return words[0] === 'GetTablets' ? 'test-1 mysql 0 primary a b' : workflows('Running', source)
    }
    const { request, written } = memoryMove({ ...both, changes: { vtctld: ask } })
    await expect(run(request, ask)).rejects.toMatchObject({
      code: 'MOVE_REFUSED',
      faults: [
        {
          why: expect.stringMatching(why),
          next: expect.stringContaining(
            '`vtctldclient --server VTCTLD:15999 Workflow --keyspace contact_db delete --workflow wwdb_move_contacts_3 ',
          ),
        },
      ],
    })
    expect([changed, written]).toEqual([[], []])
  })
})

test('one that reads other columns than the shard has by now copies no rows of it, and is deleted on the way back', async () => {
  const deleted: string[] = []
  const ask: AskVtctld = async (words) => {
    if (changing(words)) deleted.push(words.filter((word) => /^(?:delete|wwdb_move_\w+)$/.test(word)).join(' '))
    return workflows('Running', carrying('contacts_3', '3', { columns: 'id, instance_id' }))
  }
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  await expect(moveFamily(request, ask)).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringMatching(/it reads other columns than the shard has now/),
        // Deleted alone, it could not be created again: the table has rows.
        next: expect.stringMatching(/Give the copy up with `--undo`, delete the rows of `contacts`(?!.*delete it)/),
      },
    ],
  })
  await undoMove(request)
  expect(deleted).toEqual(['delete wwdb_move_contacts_3'])
})

test('one that reads another keyspace is named before a copy, as Vitess creates no second one of the name, and stays on the way back', async () => {
  const changed: string[] = []
  const ask: AskVtctld = async (words) => {
    if (changing(words)) changed.push(words.join(' '))
    return words[0] === 'GetTablets' ? 'test-1 mysql 0 primary a b' : workflows('Running', undefined, 'elsewhere')
  }
  const { request, written } = memoryMove({ shards: both.shards, keyspace: {}, changes: { vtctld: ask } })
  await expect(moveFamily(request, ask)).rejects.toMatchObject({
    faults: [{ why: expect.stringContaining('it reads the keyspace `elsewhere`') }],
  })
  expect(await undoMove(request)).toMatchObject({ carried: null })
  expect([changed, written]).toEqual([[], []])
})
