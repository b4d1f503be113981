import { describe, expect, it } from 'vitest'
import { explainVtgate } from '../../../../../src/migrations/mysql/vitess/errors.ts'
import { changeVschema } from '../../../../../src/migrations/mysql/vitess/vschema-changes.ts'
import type { Answer } from '../../../../../src/mysql/connection.ts'
import type { ObjectName } from '../../../../../src/sql/statement.ts'
import type { Vschema } from '../../../../../src/sql/vschema.ts'

const answer: Answer = { rows: [], affected: 0, insertId: null, warningCount: 0 }
const serverError = (message: string): Error =>
  Object.assign(new Error(message), { code: 'ER_UNKNOWN_ERROR', errno: 1105, fatal: false })

/** What a vtgate shows of vindexes, and what it answers to each statement in turn: an error, or null. `shows` is what it shows after that. */
interface Vtgate {
  readonly answers: readonly (string | null)[]
  readonly shows: readonly (readonly string[] | string)[]
  readonly sequences?: readonly string[]
  /** Those that are looked at before a sequence is dropped. */
  readonly vschemas?: readonly Vschema[]
}

const vindex: ObjectName = { type: 'vindex', schema: null, name: 'by_id' }

/** Runs one statement there. Returns what was sent, and how it ended. */
async function change(
  { answers, shows, sequences = [], vschemas = [] }: Vtgate,
  text = 'ALTER VSCHEMA CREATE VINDEX by_id USING xxhash',
  object = vindex,
) {
  const sent: string[] = []
  let sure = 0
  const ask = async (query: string): Promise<Answer> => {
    if (query === 'SHOW VSCHEMA KEYSPACES')
      return {
        ...answer,
        rows: [
          ['user_db', 'false'],
          ['message_db', 'true'],
        ],
      }
    if (query.startsWith('VEXPLAIN')) {
      if (!sequences.some((one) => query.includes(one))) throw serverError('VT05004: table does not exist')
      return { ...answer, rows: [[JSON.stringify({ Variant: 'Next' })]] }
    }
    const shown = shows[sent.length] ?? shows.at(-1) ?? []
    if (typeof shown === 'string') throw serverError(shown)
    return { ...answer, rows: shown.map((name) => ['message_db', name, 'xxhash', '', '']) }
  }
  const run = async (given: string): Promise<readonly Answer[]> => {
    const said = answers[sent.length] ?? null
    sent.push(given)
    if (said !== null) throw serverError(said)
    return [answer]
  }
  const parts = {
    ...{ connection: { ask, run }, keyspace: 'message_db', readVschemas: async () => vschemas },
    sure: async () => {
      sure += 1
    },
  }
  const ended = await changeVschema(parts, text, [object]).then(
    ({ warnings }) => warnings[0] ?? 'done',
    (error: unknown) => explainVtgate(error),
  )
  return { sent: sent.length, sure, ended }
}

describe('ALTER VSCHEMA', () => {
  it('is done once the vtgate shows what has changed', async () => {
    expect(await change({ answers: [null], shows: [[], ['by_id']] })).toEqual({ sent: 1, sure: 1, ended: 'done' })
  })

  it.each<readonly [string, Vtgate, string]>([
    ['what it did is not seen', { answers: [null], shows: [[], 'topology is away'] }, 'was not seen: topology is away'],
    [
      'an error came, and then nothing is seen',
      { answers: ['topology is away'], shows: [[], 'away'] },
      'not seen: away',
    ],
    [
      'an error came behind the change',
      { answers: ['a cell is away'], shows: [[], ['by_id']] },
      'has changed, and Vitess',
    ],
    [
      'it was written and not published',
      { answers: ['a cell is away', 'vindex by_id already exists in keyspace message_db'], shows: [[]] },
      'RebuildVSchemaGraph',
    ],
    [
      'an earlier run has written it, and it was never published',
      { answers: ['vindex by_id already exists in keyspace', 'vindex by_id already exists in keyspace'], shows: [[]] },
      'this vtgate does not show it. `vtctldclient RebuildVSchemaGraph`',
    ],
  ])('its row stays open where %s', async (_, vtgate, why) => {
    const { ended } = await change(vtgate)
    expect(ended).toEqual({ type: 'lost', mayHaveRun: true, why: expect.stringContaining(why) })
  })

  it('is sent once more where another client has changed the VSchema in between', async () => {
    const stale = 'failed to update vschema as the session was stale'
    expect(await change({ answers: [stale, null], shows: [[], [], ['by_id']] })).toEqual({
      sent: 2,
      sure: 2,
      ended: 'done',
    })
  })

  it('was there already where this vtgate shows it as it would be', async () => {
    const said = 'vindex by_id already exists in keyspace message_db'
    expect(await change({ answers: [said, said], shows: [['by_id']] })).toEqual({
      ...{ sent: 2, sure: 2 },
      ended: `Vitess says: ${said}. This vtgate shows it so as well: nothing was to be done`,
    })
    const other = await change(
      { answers: [said, said], shows: [['by_id']] },
      'ALTER VSCHEMA CREATE VINDEX by_id USING hash',
    )
    expect(other.ended).toEqual(expect.objectContaining({ type: 'refused', why: said }))
  })

  it('is not sent where a table gets its numbers from the sequence that it drops', async () => {
    const table = { name: 'letters', vindexes: [], isSequence: false, takesRows: true }
    const using = (keyspace: string | null): Vschema => ({
      ...{ keyspace: 'user_db', isSharded: true, foreignKeyMode: 'unmanaged', vindexes: [] },
      tables: [{ ...table, autoIncrement: { column: 'id', sequence: { keyspace, name: 'ids' } } }],
    })
    const sequence: ObjectName = { type: 'vschema', schema: null, name: 'ids' }
    for (const verb of ['SEQUENCE', 'TABLE'])
      for (const keyspace of ['message_db', null]) {
        const asked = { answers: [null], shows: [[]], vschemas: [using(keyspace)] }
        expect(await change(asked, `ALTER VSCHEMA DROP ${verb} ids`, sequence)).toMatchObject({
          sent: 0,
          ended: { type: 'refused', why: expect.stringContaining('`user_db`.`letters` gets its numbers from') },
        })
      }
  })

  it.each([
    [
      'can not drop vindex cause by_id still defined on table a',
      'can not drop vindex cause by_id still defined on table b',
      ['by_id'],
    ],
    ['vindexType nothing not found', 'vindexType nothing not found', []],
  ])('is refused where Vitess says the same twice: %s', async (first, second, shown) => {
    const { sent, ended } = await change({ answers: [first, second], shows: [shown] })
    expect([sent, ended]).toEqual([2, expect.objectContaining({ type: 'refused', why: second })])
  })

  it('is not sent where its sequence does not exist, or several keyspaces have one of the name', async () => {
    const numbered = (sequence: string) => `ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING ${sequence}`
    const none = { answers: [null], shows: [[], ['by_id']] }
    const known = { ...none, sequences: ['`user_db`.`ids`'] }
    expect(await change(known, numbered('user_db.ids'))).toMatchObject({ sent: 1, ended: 'done' })
    expect(await change(known, numbered('ids'))).toMatchObject({ sent: 1, ended: 'done' })
    for (const sequence of ['user_db.idz', 'message_db.ids', 'idz'])
      expect(await change(known, numbered(sequence))).toMatchObject({
        sent: 0,
        ended: { type: 'refused', why: expect.stringContaining('does not exist in the VSchema of a keyspace') },
      })
  })
})
