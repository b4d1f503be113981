import { describe, expect, it } from 'vitest'
import type { SpreadTable } from '../../../../src/shards/mysql/vitess/at-shards.ts'
import { sumCounts } from '../../../../src/shards/mysql/vitess/at-shards.ts'
import { halfDropped, lackingTable } from '../../../../src/shards/mysql/vitess/differing.ts'
import { finishBegun } from '../../../../src/shards/mysql/vitess/finish-begun.ts'
import { holdName, isHoldName, nextHoldName, type ShardRecord, type ShardState } from '../../../../src/shards/shard.ts'

const own = 'letters_202601'
const shard = { family: 'letters', key: '2026-01', table: own, from: 0, to: 1 }
const held = holdName(shard, Date.UTC(2026, 11, 1))
const next = nextHoldName(held)
const target = { database: 'message_db', schema: 'message_db', server: 'vtgate:1' }

const record = (state: ShardState): ShardRecord => ({
  ...shard,
  state,
  templateVersion: 1,
  fingerprint: null,
  goneAt: null,
  seal: null,
  hold: { table: held, at: 0, until: 0 },
  archive: null,
  protection: null,
})

type Where = 'both' | 'first' | 'second' | 'none'

/** The tables of two shards: `none` where no shard has it, `first` where the first one has it alone. */
function spread(places: Readonly<Record<string, Where>>): readonly SpreadTable[] {
  const lacking = { both: [], first: ['80-'], second: ['-80'] }
  return Object.entries(places).flatMap(([name, where]) =>
    where === 'none' ? [] : [{ name, type: 'table', lacking: lacking[where] } as const],
  )
}

async function finished(state: ShardState, tables: readonly SpreadTable[]): Promise<readonly string[]> {
  const done: string[] = []
  const note =
    (what: string) =>
    async (...names: readonly string[]): Promise<void> =>
      void done.push([what, ...names].join(' '))
  const cancelDrop = async (table: string): Promise<string> => {
    done.push(`cancel ${table}`)
    return 'abc'
  }
  await finishBegun(record(state), {
    changes: { rename: note('rename'), cancelDrop, removeFromVschema: note('forget') },
    // What is pending has ended before it is looked at the tables.
    listTables: async () => {
      done.push('look')
      return tables
    },
    write: async ({ hold, state: written }) => void done.push(`write ${written} ${hold?.table}`),
    halfDropped: (one, table, gone, by) => halfDropped(target, one, { table, gone, by }),
  })
  return done
}

describe('what a killed run began on some shards of a keyspace', () => {
  it.each([
    ['holding', spread({ [own]: 'second', [held]: 'first' }), ['look', `rename ${own} ${held}`]],
    ['restoring', spread({ [own]: 'first', [held]: 'second' }), ['look', `rename ${held} ${own}`]],
    ['dropping', spread({}), [`cancel ${held}`, 'look', `forget ${own}`]],
  ] as const)('%s is ended', async (state, tables, expected) => {
    expect(await finished(state, tables)).toEqual(expected)
  })

  it.each([
    ['holding', spread({ [own]: 'both' })],
    ['holding', spread({ [held]: 'both' })],
    ['restoring', spread({ [held]: 'both' })],
    ['restoring', spread({ [own]: 'both' })],
    ['held', spread({ [held]: 'first' })],
    ['live', spread({ [own]: 'first' })],
  ] as const)('%s is left to what looks at the tables, where no shard has begun or all have ended', async (...of) => {
    expect((await finished(of[0], of[1])).filter((one) => one !== 'look')).toEqual([])
  })

  it.each([
    ['no shard has carried it out', spread({ [held]: 'both' })],
    ['a run was killed between its renames', spread({ [held]: 'second', [next]: 'first' })],
    ['a run was killed before it wrote the name', spread({ [next]: 'both' })],
  ])(
    'a drop is taken back under a name that it does not know, after what is pending was canceled: %s',
    async (_, tables) => {
      expect(await finished('dropping', tables)).toEqual([
        `cancel ${held}`,
        'look',
        `rename ${held} ${next}`,
        `write dropping ${next}`,
      ])
    },
  )

  it.each([
    ['under its name', spread({ [held]: 'second' })],
    ['under the name after it', spread({ [next]: 'second' })],
  ])('a drop that a shard has carried out is not ended, and says how its rows come back: %s', async (_, tables) => {
    const error = await finished('dropping', tables).catch((one: unknown) => String(one))
    expect(error).toContain(`${own}\` was dropped on shard -80 alone`)
  })
})

it('the name after a hold name is another one of the same table, the same every time', () => {
  expect(next).not.toBe(held)
  expect(nextHoldName(held)).toBe(next)
  expect([isHoldName(next), next.endsWith(own), next.length]).toEqual([true, true, held.length])
  expect(nextHoldName(held, 'a')).not.toBe(next)
})

describe('a table that one shard lacks', () => {
  const [table] = spread({ [own]: 'first' })
  const said = (others: readonly SpreadTable[]): string =>
    table === undefined ? '' : JSON.stringify(lackingTable(target, table, [table, ...others]).faults)

  it('is sought under its hold names there, and is given its name back', () => {
    expect(said(spread({ [held]: 'second' }))).toContain(`RENAME TABLE`)
    expect(said(spread({ [held]: 'second' }))).toContain(held)
  })

  it('is to be looked for where nothing has its name, and nobody is told to drop the others', () => {
    for (const others of [
      spread({}),
      spread({ [held]: 'first' }),
      spread({ _hold_20261201_00000000_notes: 'second' }),
    ]) {
      expect(said(others)).not.toContain('RENAME TABLE')
      expect(said(others)).toContain('before you create or drop anything')
    }
  })

  it('is sought under its own name where it was on hold', () => {
    const [kept] = spread({ [held]: 'first' })
    const error = kept === undefined ? null : lackingTable(target, kept, spread({ [own]: 'second' }))
    expect(JSON.stringify(error?.faults)).toContain(own)
    expect(JSON.stringify(error?.faults)).toContain('RENAME TABLE')
  })
})

describe('the counts of shards', () => {
  it('add up, whichever comes first', () => {
    const [one, other] = [
      { rows: 2, checksum: '0000000f00000000ffffffff' },
      { rows: 3, checksum: '000000f0ffffffffffffffff' },
    ]
    expect(sumCounts([one, other])).toEqual({ rows: 5, checksum: '000000ff00000000fffffffe' })
    expect(sumCounts([other, one])).toEqual(sumCounts([one, other]))
    expect(sumCounts([one])).toEqual(one)
  })
})
