import { describe, expect, it } from 'vitest'
import { ToolError } from '../../../../src/core/tool-error.ts'
import { endBegun } from '../../../../src/shards/mysql/vitess/finish-begun.ts'
import { runsOfStrangers, settleStrangers } from '../../../../src/shards/rotation/strangers.ts'
import { TargetRun } from '../../../../src/shards/rotation/target-run.ts'
import type { ShardRecord, ShardState } from '../../../../src/shards/shard.ts'

const target = { database: 'message_db', schema: 'message_db', server: 'vtgate:1' }
const held = '_hold_20261201_00000000_letters_202601'

const record = (state: ShardState, key = '2026-01'): ShardRecord => ({
  ...{ family: 'letters', key, table: `letters_${key.replace('-', '')}`, from: 0, to: 1 },
  ...{ state, templateVersion: 1, fingerprint: null, goneAt: null, seal: null, archive: null, protection: null },
  hold: { table: held, at: 0, until: 0 },
})

/** @param changing why nothing may be done */
async function ended(records: readonly ShardRecord[], changing: string | null, failure: Error | null = null) {
  const done: string[] = []
  const finish = async ({ table }: ShardRecord): Promise<void> => {
    if (failure !== null) throw failure
    done.push(table)
  }
  const left = await endBegun(target, records, { findChanging: async () => changing, finish })
  return { done, left }
}

const begun = ['holding', 'dropping', 'restoring'] as const

describe('what an earlier run began with shards', () => {
  it.each(begun)('%s is looked at, where no Reshard is in progress', async (state) => {
    const { done, left } = await ended([record(state), record('live', '2026-02')], null)
    expect([done, left.size]).toEqual([['letters_202601'], 0])
  })

  it.each(begun)('%s stays open during a Reshard, whatever the shards that serve show', async (state) => {
    const { done, left } = await ended([record(state), record('live', '2026-02')], 'a Reshard is in progress')
    expect([done, [...left.keys()]]).toEqual([[], ['letters_202601']])
    expect(left.get('letters_202601')).toMatchObject({
      code: 'SHARDS_CHANGING',
      faults: [{ what: expect.stringContaining(`(${state}) stays open now`), why: 'A Reshard is in progress.' }],
    })
  })

  it('that cannot be ended is the matter of that shard', async () => {
    const failure = new ToolError('SHARDS_DIFFER', { what: 'differs' })
    expect([...(await ended([record('holding')], null, failure)).left.values()]).toEqual([failure])
  })
})

describe('a family without a template', () => {
  async function settled(left: ReadonlyMap<string, ToolError>) {
    const written: ShardRecord[] = []
    const store = {
      target,
      writeRegistry: async ({ shards }: { readonly shards: readonly ShardRecord[] }) => void written.push(...shards),
    }
    const read = { clocks: {}, tables: new Map([[held, 'table']]), families: [], strangers: [record('holding')] }
    const run = new TargetRun(
      { name: 'message_db', vitess: {} } as never,
      store as never,
      {
        ...read,
        records: new Map(),
      } as never,
    )
    run.left = left
    await settleStrangers(run)
    return { states: written.map(({ state }) => state), runs: runsOfStrangers(run).map((one) => one.outcome()) }
  }

  it('is settled by its tables', async () => {
    expect((await settled(new Map())).states).toEqual(['held'])
  })

  it('stays as it is during a Reshard, and nobody is told to put the template back', async () => {
    const { left } = await ended([record('holding')], 'a Reshard is in progress')
    const { states, runs } = await settled(left)
    expect(states).toEqual([])
    expect(runs).toMatchObject([{ family: 'letters', state: 'failed', code: 'SHARDS_CHANGING' }])
    expect(JSON.stringify(runs)).not.toContain('template')
  })
})
