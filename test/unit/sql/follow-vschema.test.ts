import { expect, it } from 'vitest'
import { classifyStatement } from '../../../src/sql/classify.ts'
import { emptyVschema, followVschema } from '../../../src/sql/follow-vschema.ts'

const follow = (...texts: readonly string[]) =>
  texts.reduce((before, text) => followVschema(before, { ...classifyStatement(text), text }), emptyVschema)

const letters = [
  'ALTER VSCHEMA ON letters ADD VINDEX by_sender (sender) USING xxhash',
  'ALTER VSCHEMA CREATE VINDEX by_code USING consistent_lookup WITH owner=letters, table=user_db.codes, `from`=`code,id`, `to`=keyspace_id',
  'ALTER VSCHEMA ON app.letters ADD VINDEX by_code (code, id)',
  'ALTER VSCHEMA ON letters ADD AUTO_INCREMENT id USING user_db.ids',
]
const numbers = { column: 'id', sequence: { keyspace: 'user_db', name: 'ids' } }

it('statements make a VSchema as vtgate shows it', () => {
  expect(follow(...letters)).toEqual({
    vindexes: [
      {
        ...{ name: 'by_code', type: 'consistent_lookup', owner: 'letters' },
        params: 'from=code,id; table=user_db.codes; to=keyspace_id',
      },
      { name: 'by_sender', type: 'xxhash', params: '', owner: '' },
    ],
    tables: [
      {
        ...{ name: 'letters', isSequence: false, takesRows: true, autoIncrement: numbers },
        vindexes: [
          { name: 'by_sender', columns: 'sender' },
          { name: 'by_code', columns: 'code, id' },
        ],
      },
    ],
  })
})

it('a table goes with its last vindex, and takes its numbers along; the vindex itself stays', () => {
  const dropped = follow(...letters, 'ALTER VSCHEMA ON letters DROP VINDEX by_sender')
  expect(dropped.tables.map(({ vindexes, autoIncrement }) => [vindexes.length, autoIncrement])).toEqual([[1, numbers]])
  const gone = follow(
    ...letters,
    'ALTER VSCHEMA ON letters DROP VINDEX by_sender',
    'ALTER VSCHEMA ON letters DROP VINDEX by_code',
    'ALTER VSCHEMA DROP VINDEX by_code',
  )
  expect([gone.tables, gone.vindexes.map(({ name }) => name)]).toEqual([[], ['by_sender']])
  expect(follow(...letters, 'ALTER VSCHEMA ON letters DROP AUTO_INCREMENT').tables[0]?.autoIncrement).toBeNull()
})

it('sequences come and go, and a plain table is none of what vtgate shows', () => {
  const made = follow('ALTER VSCHEMA ADD SEQUENCE ids', 'ALTER VSCHEMA ADD TABLE plain', 'CREATE TABLE other (id INT)')
  expect(made.tables.map(({ name, isSequence }) => [name, isSequence])).toEqual([['ids', true]])
  expect(follow('ALTER VSCHEMA ADD SEQUENCE ids', 'ALTER VSCHEMA DROP SEQUENCE ids').tables).toEqual([])
})
