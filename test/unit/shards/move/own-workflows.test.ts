import { expect, test } from 'vitest'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import { readOwn } from '../../../../src/shards/move/own-workflows.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import type { AskVtctld } from '../../../../src/shards/move/vtctldclient.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'

const place = { keyspace: 'contact_db', source: 'mysql' }
const shards = [{ key: '3', table: 'contacts_3' }]

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

function workflows(state: string): string {
  const message = state === 'Stopped' ? 'Stop position a:1-9 already reached: a:1-9' : ''
  const stream = { state, message, position: 'MySQL56/a:1-9', tablet_types: ['REPLICA'], rows_copied: '4' }
  const streams = { '-80/test-1': { streams: [stream] }, '80-/test-2': { streams: [{ ...stream, state: 'Running' }] } }
  return JSON.stringify({
    workflows: [{ name: 'wwdb_move_contacts_3', source: { keyspace: 'mysql' }, shard_streams: streams }],
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
  const seen = await readOwn(ask, place, shards)
  expect(seen.get('contacts_3')?.streams.map(({ state }) => state)).toEqual([expected, 'Running'])
})

test('no question about VDiff is asked of workflows that run', async () => {
  const { ask, asked } = vtctldOf(['Running'], ['completed'])
  await readOwn(ask, place, shards)
  expect(asked).toEqual(['GetWorkflows'])
})

const rows = [1n, 2n].map((id) => ({ id, wxid: `w${id}` }))
const both = { shards: { '3': rows }, keyspace: { '3': rows } }

test('a workflow that the VDiff of a killed run holds is neither started nor refused: its streams are waited for', async () => {
  const { ask, asked } = vtctldOf(
    ['Stopped', 'Stopped', 'Stopped', 'Stopped', 'Running'],
    ['started', 'started', 'completed'],
  )
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  expect(await moveFamily(request, ask)).toMatchObject({ created: 0, compared: new Map([['contacts_3', 4]]) })
  expect(asked).not.toContain('Workflow start')
})

test('a switch waits for it, in place of calling the shard not copied', async () => {
  const { ask } = vtctldOf(['Stopped', 'Stopped', 'Running'], ['started'])
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  expect(await switchWrites(request)).toMatchObject({ shards: [{ table: 'contacts_3' }] })
})

test('one that nobody holds is started again', async () => {
  const { ask, asked } = vtctldOf(['Stopped', 'Stopped', 'Stopped', 'Stopped', 'Running'], ['completed'])
  const { request } = memoryMove({ ...both, changes: { vtctld: ask } })
  await moveFamily(request, ask)
  expect(asked.filter((words) => words === 'Workflow start')).toHaveLength(1)
})
