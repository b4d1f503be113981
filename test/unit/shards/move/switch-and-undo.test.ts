import { expect, test } from 'vitest'
import { switchWrites } from '../../../../src/shards/move/switch-writes.ts'
import { undoMove } from '../../../../src/shards/move/undo-move.ts'
import { provenText } from '../../../../src/shards/move/workflow-commands.ts'
import { memoryMove } from '../../../helpers/shards/move-memory.ts'

const rows = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => ({ id: BigInt(at + from), wxid: `w${at + from}` }))

const both = { shards: { '3': rows(4), '12': rows(6, 10) }, keyspace: { '3': rows(4), '12': rows(6, 10) } }

/** As a switch left it. */
function switched(options: Parameters<typeof memoryMove>[0]) {
  const move = memoryMove(options)
  for (const key of Object.keys(options.shards)) {
    const shard = { key, table: `contacts_${key}` }
    const text = provenText(shard, { keyspace: 'contact_db', table: 'contacts' }, 'vtgate')
    move.triggers.set(/`(\w+)`/.exec(text)?.[1] ?? '', { table: shard.table, text })
  }
  return move
}

test('a switch is refused where the tablet still gives numbers of a block that the shards have used', async () => {
  // `next_id` was set after the tablet had taken the block from 5 on.
  let next = 5n
  const taken = (): bigint => next++
  const move = memoryMove({ ...both, sequence: { next: 9000n, cache: 10n, taken } })
  await expect(switchWrites(move.request)).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringMatching(/begins at 9000, and its tablet still gives.*it gave 5 now.*ids up to 15/),
        next: expect.stringContaining('`SELECT NEXT 10 VALUES FROM `user_db`.`ids``'),
      },
    ],
  })
  expect(move.triggers.size).toBe(0)
})

test('a switch is refused where the next block is too low, and says how far to set it', async () => {
  const move = memoryMove({ ...both, sequence: { next: 15n, cache: 1000n, taken: () => 1n } })
  await expect(switchWrites(move.request)).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringMatching(/begins at 15\. The shards have ids up to 15/),
        next: expect.stringMatching(/SET next_id = 1001015 .*rest of the block.*restart the primary tablet/),
      },
    ],
  })
})

test('the number is looked at again when no shard gives ids any more', async () => {
  const move = memoryMove({
    ...both,
    sequence: { next: 9000n, cache: 10n, taken: () => 20n },
    define: (text) => {
      if (text.includes('_ins`')) move.shards.get('contacts_12')?.set(300n, 'late')
    },
  })
  await expect(switchWrites(move.request)).rejects.toMatchObject({
    faults: [{ why: expect.stringContaining('ids up to 300') }],
  })
  expect(move.triggers.size).toBe(0)
})

test('a trigger that cannot be created opens the shards that were closed before', async () => {
  const move = memoryMove({
    ...both,
    define: (text) => {
      if (text.startsWith('CREATE TRIGGER') && text.includes('ON `contacts_12`')) throw new Error('TRIGGER denied')
    },
  })
  await expect(switchWrites(move.request)).rejects.toThrow('TRIGGER denied')
  expect(move.written.filter((text) => text.includes('CREATE TRIGGER'))).toHaveLength(3)
  expect([...move.triggers.keys()]).toEqual([])
})

test('triggers that cannot be dropped after a switch has failed are said, with the way to open the shards', async () => {
  const move = memoryMove({
    ...both,
    define: (text) => {
      if (text.includes('_upd` BEFORE')) throw new Error('TRIGGER denied')
      if (text.startsWith('DROP TRIGGER')) throw new Error('the connection was lost')
    },
  })
  await expect(switchWrites(move.request)).rejects.toMatchObject({
    faults: [
      {
        why: expect.stringMatching(/still refuse writes.*the connection was lost.*TRIGGER denied/),
        next: expect.stringContaining('--undo'),
      },
    ],
  })
})

test('a request to stop, and the end of patience, between two shards open those that were closed', async () => {
  let isStopped = false
  const stop = {
    get requested() {
      return isStopped
    },
    killRequested: false,
    onStop: () => () => undefined,
    onKill: () => () => undefined,
  }
  const stopped = memoryMove({ ...both, changes: { stop }, define: () => (isStopped = true) })
  await expect(switchWrites(stopped.request)).rejects.toMatchObject({ code: 'STOPPED' })
  expect(stopped.triggers.size).toBe(0)
  const slow = memoryMove({ ...both, changes: { patience: -1 } })
  await expect(switchWrites(slow.request)).rejects.toMatchObject({
    faults: [{ why: expect.stringContaining('only 1 of 2 shards refused writes') }],
  })
  expect(slow.triggers.size).toBe(0)
})

test('the way back takes a unique value that has moved between rows far apart', async () => {
  const many = rows(1400)
  const wanted = many.flatMap((row) =>
    row.id === 1n
      ? [{ id: 1n, wxid: 'w1400' }]
      : row.id === 1400n
        ? []
        : row.id === 700n
          ? [{ ...row, wxid: 'w1' }]
          : [row],
  )
  const move = switched({ shards: { '3': many }, keyspace: { '3': wanted } })
  expect(await undoMove(move.request)).toMatchObject({ carried: 5, homeless: 0 })
  expect(move.shards.get('contacts_3')).toEqual(new Map(wanted.map(({ id, wxid }) => [id, wxid])))
  expect(move.triggers.size).toBe(0)
})

test.each([
  ['an id', { id: 2n, wxid: 'x' }, '`id`', '2'],
  ['a unique value', { id: 99n, wxid: 'w2' }, '`wxid`', 'w2'],
])('%s that the keyspace has twice is named before anything is changed', async (_, row, name, value) => {
  const move = switched({ shards: { '3': rows(4) }, keyspace: { '3': [...rows(4).slice(1), row] } })
  const before = [...move.triggers.keys()]
  await expect(undoMove(move.request)).rejects.toMatchObject({
    faults: [{ why: expect.stringMatching(new RegExp(`equal values of ${name}.*takes once: ${value}\\.`)) }],
  })
  expect(move.written).toEqual([])
  expect([...move.triggers.keys()]).toEqual(before)
})

test('a row that is too large to be written is named before the row of its shard is deleted', async () => {
  const move = switched({ shards: { '3': rows(4) }, keyspace: { '3': rows(4) } })
  const keyspace: typeof move.request.keyspace = {
    ...move.request.keyspace,
    readPage: async (page) =>
      (await move.request.keyspace.readPage(page)).map((row) => (row.id === 2n ? { ...row, text: null } : row)),
  }
  await expect(undoMove({ ...move.request, keyspace })).rejects.toMatchObject({
    faults: [{ why: expect.stringContaining('The row 2 of `contacts_3` is too large') }],
  })
  expect(move.written).toEqual([])
})

test('a copy is given up whatever speaks against a copy, and without a table in the keyspace', async () => {
  const move = memoryMove({ ...both, changes: {} })
  const request = {
    ...move.request,
    keyspace: { ...move.request.keyspace, isSharded: null, readColumns: async () => [] },
    server: { ...move.request.server, readObstacles: () => Promise.reject(new Error('nobody asks')) },
  }
  await expect(switchWrites(request)).rejects.toThrow()
  expect(await undoMove(request)).toMatchObject({ carried: null, plan: { shards: [{ key: '3' }, { key: '12' }] } })
})

test('a switch is taken back without a vindex, and rows of a shard that was made since are counted', async () => {
  const move = switched({ shards: { '3': rows(4) }, keyspace: { '3': rows(5), '77': rows(2) } })
  move.shards.set('contacts_77', new Map())
  const request = {
    ...move.request,
    keyspace: { ...move.request.keyspace, readVschemaTable: () => Promise.reject(new Error('nobody asks')) },
  }
  expect(await undoMove(request)).toMatchObject({ carried: 1, homeless: 2 })
  expect(move.triggers.size).toBe(0)
})

test('a switch is not taken back where the keyspace has lost the table', async () => {
  const move = switched(both)
  const request = { ...move.request, keyspace: { ...move.request.keyspace, readColumns: async () => [] } }
  await expect(undoMove(request)).rejects.toMatchObject({ faults: [{ why: expect.stringContaining('has no table') }] })
  expect(move.written).toEqual([])
})
