import { describe, expect, it } from 'vitest'
import { changeVschema } from '../../../../../src/migrations/mysql/vitess/vschema-changes.ts'
import type { Answer } from '../../../../../src/mysql/connection.ts'

const answer: Answer = { rows: [], affected: 0, insertId: null, warningCount: 0 }
const serverError = (message: string): Error =>
  Object.assign(new Error(message), { code: 'ER_UNKNOWN_ERROR', errno: 1105, fatal: false })

interface OfLetters {
  readonly isIn: boolean
  readonly vindexes?: readonly string[]
  readonly isSequence?: boolean
  readonly isNumbered?: boolean
}

const out: OfLetters = { isIn: false }

interface World {
  readonly before: OfLetters
  readonly after: OfLetters
  /** Whether tablets have the table: vtgate lists it then, too. */
  readonly exists?: boolean
  readonly isSharded?: boolean
}

/** Runs a statement of a VSchema that the topology has at once, and vtgate three lists later. Returns what vtgate shows when it is called done. */
async function change(text: string, { before, after, exists = false, isSharded = false }: World): Promise<OfLetters> {
  let topology = before
  let shown = before
  let looks = 0
  const ask = async (query: string): Promise<Answer> => {
    if (query.includes('DROP VINDEX `wwdb'))
      throw serverError(topology.isIn ? 'vindex not defined in table letters' : 'table letters not defined in vschema')
    if (query === 'SHOW VSCHEMA KEYSPACES') {
      looks += topology === after ? 1 : 0
      if (looks > 3) shown = after
      return { ...answer, rows: [['user_db', String(isSharded)]] }
    }
    if (query === 'SHOW VSCHEMA TABLES') return { ...answer, rows: shown.isIn || exists ? [['letters']] : [] }
    if (query.startsWith('SHOW VSCHEMA VINDEXES ON'))
      return { ...answer, rows: (shown.vindexes ?? []).map((name) => ['sender', name, 'xxhash', '', '']) }
    if (query.startsWith('SHOW TABLES')) return { ...answer, rows: exists ? [['letters']] : [] }
    if (query.startsWith('VEXPLAIN PLAN SELECT NEXT'))
      return { ...answer, rows: [[JSON.stringify({ Variant: shown.isSequence ? 'Next' : 'Unsharded' })]] }
    if (query.startsWith('VEXPLAIN'))
      return {
        ...answer,
        rows: [
          [
            JSON.stringify({
              Keyspace: { Name: 'user_db' },
              Query: 'insert into letters(id) values (:__seq0)',
              // A table that it knows from its tablets alone.
              ...(isSharded && !shown.isIn && { Variant: 'Sharded' }),
              ...(shown.isNumbered && { AutoIncrement: 'select next :n /* INT64 */ values from ids:Values::(null)' }),
            }),
          ],
        ],
      }
    throw new Error(`nobody asks ${query}`)
  }
  const run = async (): Promise<readonly Answer[]> => {
    topology = after
    return [answer]
  }
  const parts = {
    connection: { ask, run },
    keyspace: 'user_db',
    readVschemas: async () => [],
    sure: async () => undefined,
  }
  await changeVschema(parts, text, [{ type: 'vschema', schema: null, name: 'letters' }])
  return shown
}

describe('a change of the VSchema that the topology has at once', () => {
  const [isIn, sequence] = [{ isIn: true }, { isIn: true, isSequence: true }]
  const vindex = { isIn: true, vindexes: ['by_sender'] }
  const numbered = { isIn: true, isNumbered: true }

  it.each<readonly [string, World]>([
    ['ALTER VSCHEMA ADD TABLE letters', { before: out, after: isIn }],
    ['ALTER VSCHEMA DROP TABLE letters', { before: isIn, after: out }],
    ['ALTER VSCHEMA DROP TABLE letters', { before: sequence, after: out, exists: true }],
    ['ALTER VSCHEMA DROP TABLE letters', { before: vindex, after: out, exists: true, isSharded: true }],
    ['ALTER VSCHEMA ADD SEQUENCE letters', { before: out, after: sequence, exists: true }],
    ['ALTER VSCHEMA DROP SEQUENCE letters', { before: sequence, after: out, exists: true }],
    [
      'ALTER VSCHEMA ON letters ADD VINDEX by_sender (sender) USING xxhash',
      { before: out, after: vindex, exists: true, isSharded: true },
    ],
    ['ALTER VSCHEMA ON letters DROP VINDEX by_sender', { before: vindex, after: isIn, exists: true, isSharded: true }],
    ['ALTER VSCHEMA ON letters DROP AUTO_INCREMENT', { before: numbered, after: isIn, exists: true }],
  ])('is done once vtgate itself shows it, as the next statement is planned by it: %s', async (text, world) => {
    expect(await change(text, world)).toBe(world.after)
  })

  it('is done at once where tablets have the table, and vtgate shows nothing more of it', async () => {
    await change('ALTER VSCHEMA DROP TABLE letters', { before: isIn, after: out, exists: true })
  })
})
