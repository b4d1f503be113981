import { describe, expect, test } from 'vitest'
import { moveFamily } from '../../../../src/shards/move/move-family.ts'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import { undoMove } from '../../../../src/shards/move/undo-move.ts'
import type { AskVtctld } from '../../../../src/shards/move/vtctldclient.ts'
import { fenceNames, fenceTexts } from '../../../../src/shards/move/workflow-commands.ts'
import type { ShardFinding } from '../../../../src/shards/shard.ts'
import { type MemoryMove, memoryMove } from '../../../helpers/shards/move-memory.ts'

const rows = [{ id: 1n, wxid: 'w1' }]
const both = { shards: { '3': rows, '12': rows }, keyspace: { '3': rows, '12': rows } }
/** The keyspace never gets the row. */
const unequal = { ...both, keyspace: { '3': rows } }

const mark: ShardFinding = {
  family: 'contacts',
  key: '',
  kind: 'moved',
  table: 'contact_db.contacts',
  state: 'live',
  rows: null,
  at: 77,
  closed: null,
}

/** As a run left it that was killed between two shards. */
function closeFirst(move: MemoryMove): MemoryMove {
  const shard = { key: '3', table: 'contacts_3' }
  const texts = fenceTexts(shard, { keyspace: 'contact_db', table: 'contacts' })
  for (const [at, name] of fenceNames(shard).entries())
    move.triggers.set(name, { table: shard.table, text: texts[at] ?? '' })
  return move
}

describe('no shard stays closed where a switch fails', () => {
  test.each([
    ['cannot be made', 'create', 0],
    ['cannot be written', 'write', 6],
  ] as const)('because the registry %s', async (_, failing, closings) => {
    const move = memoryMove({
      ...both,
      register: (what) => {
        if (what === failing) throw new Error(`${what} command denied`)
      },
    })
    await expect(switchWrites(move.request)).rejects.toThrow(`${failing} command denied`)
    // What the registry does not take is known before a shard is closed, as far as it can be.
    expect(move.written.filter((text) => text.startsWith('CREATE TRIGGER'))).toHaveLength(closings)
    expect([...move.triggers.keys()]).toEqual([])
    expect(move.findings).toEqual([])
  })

  test.each([
    ['the first', 'contacts_3'],
    ['the last', 'contacts_12'],
  ])('because %s proof cannot be created', async (_, table) => {
    const move = memoryMove({
      ...both,
      define: (text) => {
        if (text.includes(`_all` + '`') && text.startsWith('CREATE') && text.includes(`ON \`${table}\``))
          throw new Error('Lock wait timeout exceeded')
      },
    })
    await expect(switchWrites(move.request)).rejects.toThrow('Lock wait timeout exceeded')
    expect([...move.triggers.keys()]).toEqual([])
    // The shards take writes, so rotation goes on with them.
    expect(move.findings).toMatchObject([{ closed: { by: 'wwdb shards move' } }])
  })

  test('a mark of an earlier run goes with the triggers', async () => {
    const move = closeFirst(memoryMove({ ...unequal, changes: { patience: -1 } }))
    move.findings.push(mark)
    await expect(switchWrites(move.request)).rejects.toMatchObject({ code: 'MOVE_REFUSED' })
    expect(move.triggers.size).toBe(0)
    expect(move.findings).toMatchObject([{ ...mark, closed: { by: 'wwdb shards move' } }])
  })

  test('a mark that cannot be taken away is said', async () => {
    let writes = 0
    const move = memoryMove({
      ...both,
      define: (text) => {
        if (text.startsWith('CREATE') && text.includes('_all`')) throw new Error('no proof')
      },
      register: (what) => {
        if (what === 'write' && ++writes === 2) throw new Error('the registry is gone')
      },
    })
    await expect(switchWrites(move.request)).rejects.toMatchObject({
      faults: [{ why: expect.stringMatching(/take writes again, and .*the registry is gone.*no proof/) }],
    })
    expect(move.triggers.size).toBe(0)
  })
})

test('a mark that an earlier wwdb wrote is written again, as one that stops a wwdb which does not know it', async () => {
  const written: string[] = []
  const move = memoryMove({ ...both, register: (what) => written.push(what) })
  move.findings.push({ ...mark, table: 'another.table' })
  await switchWrites(move.request)
  expect(written).toEqual(['create', 'write'])
  expect(move.findings).toEqual([mark])
})

describe('shards that a killed run has closed', () => {
  const said = {
    what: '1 shard of `contacts` refuses writes.',
    why: expect.stringContaining('closed it for the switch: `contacts_3`.'),
    next: expect.stringContaining('`--undo`'),
  }

  test('are named where the next switch is refused, in place of "nothing was written"', async () => {
    const move = closeFirst(memoryMove(both))
    const source: typeof move.request.source = {
      ...move.request.source,
      readLacking: async () => ({ account: 'a', place: 'p', rights: ['DELETE'], untrusted: false }),
    }
    await expect(switchWrites({ ...move.request, source })).rejects.toMatchObject({
      faults: [{ next: expect.stringMatching(/^This run has written nothing\. Run `GRANT DELETE/) }, said],
    })
    const vtctld: AskVtctld = async () => '{"workflows":[]}'
    await expect(switchWrites({ ...move.request, vtctld })).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('are not copied') }, said],
    })
    expect(move.triggers.size).toBe(3)
  })

  test('are named by a copy before anything that speaks against one', async () => {
    const move = closeFirst(memoryMove(both))
    const request = { ...move.request, keyspace: { ...move.request.keyspace, isSharded: null } }
    await expect(moveFamily(request, async () => '')).rejects.toMatchObject({
      faults: [{ why: expect.stringContaining('Writes of shards are refused already') }],
    })
  })

  test('are named where they cannot be opened because vtctld does not answer', async () => {
    const move = closeFirst(memoryMove(both))
    const vtctld: AskVtctld = async () => '?'
    await expect(undoMove({ ...move.request, vtctld })).rejects.toMatchObject({
      code: 'VTCTLD_FAILED',
      faults: [{ next: expect.stringContaining('`--vtctld none`') }, said],
    })
    await undoMove({ ...move.request, vtctld: null })
    expect(move.triggers.size).toBe(0)
  })
})
