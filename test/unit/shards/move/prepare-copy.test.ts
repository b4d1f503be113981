import { describe, expect, test } from 'vitest'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import { prepareCopy, preparePrinted } from '../../../../src/shards/move/prepare-copy.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import type { AskVtctld } from '../../../../src/shards/move/vtctldclient.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'
import { carrying } from '../../../helpers/shards/move-workflows.ts'

const rows = [{ id: 1n, wxid: 'w1' }]
const both = { shards: { '3': rows, '12': rows }, keyspace: { '3': rows, '12': rows } }

/** One workflow, of the first shard. */
const answering =
  (keyspace: string, tabletTypes: readonly string[]): AskVtctld =>
  async ([command]) => {
    if (command !== 'GetWorkflows') return 'test-1 mysql 0 primary a b'
    const stream = {
      state: 'Running',
      position: 'a:1-9',
      tablet_types: tabletTypes,
      binlog_source: carrying('contacts_3', '3'),
    }
    const streams = { '-80/a': { streams: [stream] }, '80-/b': { streams: [stream] } }
    return JSON.stringify({
      workflows: [{ name: 'wwdb_move_contacts_3', source: { keyspace }, shard_streams: streams }],
    })
  }

describe('a dry run refuses what the run would', () => {
  test.each([
    ['a workflow that reads another keyspace', 'elsewhere', [], {}, /it reads the keyspace `elsewhere`/],
    [
      'a shard that came when others copied',
      'mysql',
      ['REPLICA'],
      both.keyspace,
      /`contacts_12` has no workflow, and others copy/,
    ],
  ])('%s', async (_, keyspace, types, content, why) => {
    const vtctld = answering(keyspace, types)
    const move = memoryMove({ ...both, keyspace: content, changes: { vtctld } })
    const refusal = { code: 'MOVE_REFUSED', faults: [{ why: expect.stringMatching(why) }] }
    await expect(prepareCopy(move.request, vtctld)).rejects.toMatchObject(refusal)
    await expect(moveFamily(move.request, vtctld)).rejects.toMatchObject(refusal)
    expect(move.written).toEqual([])
  })

  test('shards that were switched, also where the commands are printed', async () => {
    const move = memoryMove(both)
    await switchWrites(move.request)
    const refusal = { faults: [{ why: expect.stringContaining('refused already') }] }
    await expect(preparePrinted(move.request)).rejects.toMatchObject(refusal)
    await expect(prepareCopy(move.request, answering('mysql', []))).rejects.toMatchObject(refusal)
  })

  test('a kind of tablet that Vitess does not have, before commands with it are printed', async () => {
    const move = memoryMove({ ...both, changes: { tabletTypes: 'replcia' } })
    await expect(preparePrinted(move.request)).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('`replcia` is not a kind of tablet') }],
    })
  })
})

test('that an older wwdb stops at the registry after a switch is known before it, and before the copy', async () => {
  const move = memoryMove(both)
  const asked: string[] = []
  const plan = await preparePrinted(move.request)
  expect(plan.notes.join(' ')).toMatch(
    /reads no registry of `app` \(`REGISTRY_UNKNOWN`\).*upgrade wwdb in each checkout/,
  )
  await switchWrites({ ...move.request, confirm: async (what) => void asked.push(what) })
  expect(asked).toEqual([expect.stringContaining('works on no family of `app` after it')])
})

test('the rights are asked of a shard that exists, as its account may have them on single tables', async () => {
  const move = memoryMove(both)
  const asked: (string | null)[] = []
  const readLacking: typeof move.request.source.readLacking = async (shard) => {
    asked.push(shard)
    return move.request.source.readLacking(shard)
  }
  await switchWrites({ ...move.request, source: { ...move.request.source, readLacking } })
  expect(asked).toEqual(['contacts_3'])
})
