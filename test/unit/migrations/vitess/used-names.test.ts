import { expect, it } from 'vitest'
import type { Step } from '../../../../src/migrations/plan.ts'
import { dropsUsable, findUsedNames } from '../../../../src/migrations/vitess/used-names.ts'
import type { Vschema } from '../../../../src/sql/vschema.ts'
import { migrationOf } from '../../../helpers/migrations/engine.ts'
import { statementOf } from '../../../helpers/migrations/statements.ts'

function stepOf(name: string, texts: readonly string[], after: readonly string[] = [], from = 0): Step {
  const statements = texts.map((text, index) => statementOf(text, index))
  const migration = migrationOf(name, { up: { type: 'statements', statements } })
  return { type: 'apply', migration, from, total: texts.length, hazards: [], algorithms: new Map(), after }
}

const targetOf = (schema: string, steps: readonly Step[]) => ({
  ...{ target: { database: schema, schema, server: 'vtgate' }, inputsDigest: '', steps, notes: [] },
})

const letters = { vindexes: [{ name: 'by_sender', columns: 'sender' }], isSequence: false, takesRows: true }
const numbersOf = (keyspace: string | null) => ({ column: 'id', sequence: { keyspace, name: 'ids' } })

/** `letters` gets numbers of `user_db.ids`; `by_code` keeps its rows in `user_db.codes`, is kept for `letters`, and found by `notes`. */
const vschemas = (keyspace: string | null = 'user_db'): readonly Vschema[] => [
  { keyspace: 'user_db', isSharded: false, foreignKeyMode: 'unmanaged', vindexes: [], tables: [] },
  {
    ...{ keyspace: 'message_db', isSharded: true, foreignKeyMode: 'unmanaged' },
    vindexes: [
      { name: 'by_code', type: 'lookup', params: 'from=code; table=user_db.codes; to=keyspace_id', owner: 'letters' },
      { name: 'by_sender', type: 'xxhash', params: '', owner: '' },
    ],
    tables: [
      { ...letters, name: 'letters', autoIncrement: numbersOf(keyspace) },
      { ...letters, name: 'notes', vindexes: [{ name: 'by_code', columns: 'code' }], autoIncrement: null },
    ],
  },
]

interface Given {
  readonly own?: string
  readonly texts: readonly string[]
  /** Steps of the other keyspace, and whether the own one waits for them. */
  readonly others?: readonly (readonly string[])[]
  readonly isAfter?: boolean
  readonly from?: number
  readonly keyspace?: string | null
}

function find({ own = 'user_db', texts, others = [], isAfter = false, from = 0, keyspace = 'user_db' }: Given) {
  const other = own === 'user_db' ? 'message_db' : 'user_db'
  const before = others.map((one, index) => stepOf(`${other}/${index + 1}`, one))
  const target = targetOf(own, [stepOf(`${own}/9`, texts, isAfter ? [`${other}/${before.length}`] : [], from)])
  const whole = { targets: [target, targetOf(other, before)] }
  return findUsedNames(whole, target, vschemas(keyspace), (text) => text).map(({ what }) => what)
}

const drop = 'ALTER VSCHEMA DROP SEQUENCE ids'
const free = 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT'

it.each([drop, 'ALTER VSCHEMA DROP TABLE ids', 'DROP TABLE other, ids'])(
  '%s is refused while a table gets its numbers from it',
  (text) => {
    const said = [
      expect.stringContaining('drops the sequence `user_db`.`ids`, which numbers rows of `message_db`.`letters`.'),
    ]
    expect(find({ texts: [text] })).toEqual(said)
    expect(find({ texts: [text], keyspace: null })).toEqual(said)
    expect(find({ texts: [text], keyspace: 'other_db' })).toEqual([])
    expect(find({ texts: [text], from: 1 })).toEqual([])
    expect(find({ own: 'message_db', texts: [text] })).toEqual([])
  },
)

it('what the plan has dropped before is used no longer, and what it adds is', () => {
  expect(find({ texts: [drop], others: [[free]], isAfter: true })).toEqual([])
  // The steps before the one that it waits for have ended, too. Without an order, none has.
  expect(find({ texts: [drop], others: [[free], ['DROP TABLE x']], isAfter: true })).toEqual([])
  expect(find({ texts: [drop], others: [[free]] })).toHaveLength(1)
  const gone = ['ALTER VSCHEMA ON letters DROP VINDEX by_sender']
  expect(find({ texts: [drop], others: [gone], isAfter: true })).toEqual([])
  const again = [free, 'ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids']
  expect(find({ texts: [drop], others: [again], isAfter: true })).toHaveLength(1)
  const fresh = ['ALTER VSCHEMA ON fresh ADD AUTO_INCREMENT id USING user_db.more']
  expect(find({ texts: ['ALTER VSCHEMA DROP SEQUENCE more'], others: [fresh], isAfter: true })).toHaveLength(1)
})

it('a table is not dropped in which a vindex keeps its rows, or for whose rows it is kept', () => {
  expect(find({ texts: ['DROP TABLE codes'] })).toEqual([
    expect.stringContaining('drops `user_db`.`codes`, in which the vindex `message_db`.`by_code` keeps its rows.'),
  ])
  expect(find({ own: 'message_db', texts: ['DROP TABLE letters'] })).toEqual([
    expect.stringContaining('drops `message_db`.`letters`, for whose rows the vindex `message_db`.`by_code` is kept.'),
  ])
  expect(find({ own: 'message_db', texts: ['DROP TABLE notes'] })).toEqual([])
  expect(find({ own: 'message_db', texts: ['DROP TABLE codes'] })).toEqual([])
  const gone = ['ALTER VSCHEMA ON notes DROP VINDEX by_code', 'ALTER VSCHEMA DROP VINDEX by_code']
  expect(find({ own: 'message_db', texts: [...gone, 'DROP TABLE letters'] })).toEqual([])
  expect(find({ texts: ['DROP TABLE codes'], others: [gone], isAfter: true })).toEqual([])
})

it('only a plan that drops something asks for the VSchemas', () => {
  const asks = (text: string, from = 0) => dropsUsable(targetOf('user_db', [stepOf('user_db/1', [text], [], from)]))
  expect([asks(drop), asks(drop, 1), asks('DROP TABLE a'), asks(free), asks('CREATE TABLE a (id INT)')]).toEqual([
    ...[true, false, true, false, false],
  ])
})
