import { expect, it } from 'vitest'
import { ownerOf, renderVschema, sequenceOf, type Vschema, vindexOf } from '../../../src/sql/vschema.ts'

it.each([
  ['ALTER VSCHEMA ON a ADD AUTO_INCREMENT id USING user_db.ids', { keyspace: 'user_db', name: 'ids' }],
  ['alter vschema on a add auto_increment `id` using `user-db`.`ids`', { keyspace: 'user-db', name: 'ids' }],
  ['ALTER VSCHEMA ON a ADD AUTO_INCREMENT id /* from */ USING ids', { keyspace: null, name: 'ids' }],
  ['ALTER VSCHEMA ON a ADD VINDEX v (id) USING xxhash', null],
  ['ALTER VSCHEMA ON a DROP AUTO_INCREMENT', null],
])('%s takes its numbers from %o', (text, sequence) => {
  expect(sequenceOf(text)).toEqual(sequence)
})

it('values of a vindex keep what they are, and a sequence its keyspace', () => {
  const vschema: Vschema = {
    keyspace: 'message_db',
    isSharded: true,
    foreignKeyMode: 'unmanaged',
    vindexes: [
      { name: 'v', type: 'lookup', params: 'from=a,b; read_lock=none; size=10; table=user_db.codes', owner: 'a' },
    ],
    tables: [
      {
        ...{ name: 'a', vindexes: [], isSequence: false, takesRows: true },
        autoIncrement: { column: 'id', sequence: { keyspace: 'user_db', name: 'ids' } },
      },
    ],
  }
  expect(renderVschema(vschema)).toEqual([
    'ALTER VSCHEMA CREATE VINDEX `v` USING `lookup` WITH `owner`=a, `from`=`a,b`, `read_lock`=none, `size`=10, `table`=user_db.codes',
    'ALTER VSCHEMA ON `a` ADD AUTO_INCREMENT `id` USING `user_db`.`ids`',
  ])
})

it.each([
  ['ALTER VSCHEMA CREATE VINDEX v USING lookup WITH owner=a, table=codes', 'a'],
  ['ALTER VSCHEMA ON owner ADD VINDEX v (owner) USING lookup WITH `from`=owner, `owner`=`a b`', 'a b'],
  ['ALTER VSCHEMA ON a ADD VINDEX v (owner) USING xxhash', null],
])('%s has the owner %s', (text, owner) => {
  expect(ownerOf(text)).toBe(owner)
})

it.each([
  ['ALTER VSCHEMA ON letters DROP VINDEX `by_id`', 'by_id'],
  ['ALTER VSCHEMA /* VINDEX x */ CREATE VINDEX by_id USING xxhash', 'by_id'],
  ['ALTER VSCHEMA ON letters DROP AUTO_INCREMENT', null],
])('%s names the vindex %s', (text, vindex) => {
  expect(vindexOf(text)).toBe(vindex)
})
