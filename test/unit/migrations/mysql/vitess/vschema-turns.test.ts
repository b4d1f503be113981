import { describe, expect, it } from 'vitest'
import { explainVtgate } from '../../../../../src/migrations/mysql/vitess/errors.ts'
import { digestShown, digestState } from '../../../../../src/migrations/mysql/vitess/last-change.ts'
import { VschemaTurns } from '../../../../../src/migrations/mysql/vitess/vschema-turns.ts'
import type { Answer } from '../../../../../src/mysql/connection.ts'
import type { ObjectName } from '../../../../../src/sql/statement.ts'

const answer: Answer = { rows: [], affected: 0, insertId: null, warningCount: 0 }
const vindex: ObjectName = { type: 'vindex', schema: null, name: 'by_id' }
const holder = {
  ...{ connectionId: 7, user: 'ann', host: null, seconds: 1, state: null, statement: null, orphaned: false },
}

/** A session whose lease another run has until `end` is called; `waited` is told for how long this one would wait. */
function openTurns(longestWait = 0, isFree = false, last: readonly string[] | null = null) {
  const seen = { sent: 0, released: 0, waited: 0, recorded: [] as string[], shows: false }
  let isHeld = !isFree
  const connection = {
    ask: async (): Promise<Answer> => ({
      ...answer,
      rows: [...(seen.shows || seen.sent > 0 ? ['by_id'] : []), ...(seen.sent > 0 ? ['by_more'] : [])].map((name) => [
        ...['app', name, 'xxhash', '', ''],
      ]),
    }),
    run: async (): Promise<readonly Answer[]> => {
      seen.sent += 1
      return [answer]
    },
  }
  const lease = {
    take: async (milliseconds: number, waiting: (by: typeof holder, waited: number) => void): Promise<void> => {
      seen.waited = milliseconds
      while (isHeld) {
        waiting(holder, 0)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    renew: async () => undefined,
    release: async () => {
      seen.released += 1
    },
  }
  const keeper = {
    ask: async (query: string): Promise<Answer> => {
      if (query.startsWith('REPLACE')) seen.recorded.push(query)
      return { ...answer, rows: last === null ? [] : [last] }
    },
  }
  const turns = new VschemaTurns({
    ...{ journal: 'user_db', keeper: (question) => question(keeper) },
    ...{ connection, keyspace: 'app', lease, renew: async () => undefined, readVschemas: async () => [] },
  })
  turns.longestWait = longestWait
  return {
    turns,
    seen,
    end: () => {
      isHeld = false
    },
  }
}

const text = 'ALTER VSCHEMA CREATE VINDEX by_id USING xxhash'

it('a change of a VSchema is canceled while it waits for the turn of another run, and nothing is sent', async () => {
  const { turns, seen } = openTurns()
  expect(turns.cancel()).toBe(false)
  const running = turns.run(text, [vindex]).catch((error: unknown) => explainVtgate(error))
  await expect.poll(() => turns.progress).toMatchObject({ stage: 'waiting for ann, who changes a VSchema' })
  expect([turns.cancel(), turns.cancel()]).toEqual([true, true])
  expect(await running).toEqual({ type: 'canceled', why: expect.stringContaining('before it was given to Vitess') })
  expect([seen.sent, turns.progress, turns.cancel()]).toEqual([0, null, false])
})

it('a change of a VSchema is canceled where its turn has come in that moment, and gives it back', async () => {
  const { turns, seen, end } = openTurns()
  const running = turns.run(text, [vindex]).catch((error: unknown) => explainVtgate(error))
  await expect.poll(() => turns.progress).not.toBeNull()
  end()
  turns.cancel()
  expect(await running).toMatchObject({ type: 'canceled' })
  expect(seen).toMatchObject({ sent: 0, released: 1 })
})

it.each([
  [0, 120_000],
  [300_000, 300_000],
])(
  'a change of a VSchema waits at least as long as a killed run keeps its turn: %i, %i',
  async (longestWait, expected) => {
    const { turns, seen } = openTurns(longestWait, true)
    await turns.run(text, [vindex])
    expect(seen).toMatchObject({ waited: expected, sent: 1, released: 1 })
  },
)

const digests = [digestState('[null]'), digestState('something else')]
const last = [digests.join(':'), 'app', '[["vindex","by_id"]]']

it('a change of a VSchema waits until this vtgate shows the last one of another run', async () => {
  const { turns, seen } = openTurns(0, true, last)
  const running = turns.run(text.replaceAll('by_id', 'by_more'), [{ ...vindex, name: 'by_more' }])
  await expect.poll(() => turns.progress).toMatchObject({ stage: expect.stringContaining('shows the last change') })
  expect(seen.sent).toBe(0)
  seen.shows = true
  expect(await running).toMatchObject({ warnings: [] })
  expect([seen.sent, turns.progress]).toEqual([1, null])
})

it('a change of a VSchema is canceled while this vtgate does not show the last one', async () => {
  const { turns, seen } = openTurns(0, true, last)
  const running = turns.run(text, [vindex]).catch((error: unknown) => explainVtgate(error))
  await expect.poll(() => turns.progress).not.toBeNull()
  turns.cancel()
  expect(await running).toMatchObject({ type: 'canceled' })
  expect(seen).toMatchObject({ sent: 0, released: 1, recorded: [] })
})

it('a change of a VSchema is recorded for the next run, with what was shown before and after it', async () => {
  const { turns, seen } = openTurns(0, true)
  expect((await turns.run(text, [vindex])).warnings).toEqual([])
  const [recorded = ''] = seen.recorded
  expect(recorded).toContain(`${digestState('[null]')}:`)
  expect(recorded).toContain("'/vschema last'")
})

describe('a table that is more than a name nowhere', () => {
  /** vtgate of one keyspace with the table, and the digests that one looks up in another keyspace. */
  function openKeyspace(at: { listed: boolean; onTablets: boolean }) {
    const used: string[] = []
    const ask = async (query: string): Promise<Answer> => {
      if (query.startsWith('USE')) used.push(query)
      if (query === 'SHOW VSCHEMA TABLES') return { ...answer, rows: at.listed ? [['letters']] : [] }
      if (query === 'SHOW TABLES') return { ...answer, rows: at.onTablets ? [['letters']] : [] }
      if (query === 'SHOW VSCHEMA KEYSPACES') return { ...answer, rows: [['app', 'false']] }
      if (query === 'SHOW VSCHEMA VINDEXES') return answer
      return {
        ...answer,
        rows: [[JSON.stringify({ Variant: 'Unsharded', Query: 'insert into letters(a) values (1)' })]],
      }
    }
    return { ask, used }
  }
  const change = { keyspace: 'app', objects: [{ type: 'vschema', schema: null, name: 'letters' } as const] }

  it('is recorded where it comes to the VSchema or leaves it, by what vtgate lists', async () => {
    const [out, isIn, made] = [
      openKeyspace({ listed: false, onTablets: false }),
      openKeyspace({ listed: true, onTablets: false }),
      openKeyspace({ listed: true, onTablets: true }),
    ]
    const digests = await Promise.all([out, isIn, made].map((one) => digestShown(one, change, 'app')))
    // A table that is made later looks neither as before ADD TABLE nor as before DROP TABLE: nobody waits for that.
    expect(new Set(digests).size).toBe(3)
    expect(out.used).toEqual([])
  })

  it('is looked for in its own keyspace, from which the session comes back', async () => {
    const { used, ...connection } = openKeyspace({ listed: true, onTablets: false })
    await digestShown(connection, change, 'other')
    expect(used).toEqual(['USE `app`', 'USE `other`'])
  })
})
