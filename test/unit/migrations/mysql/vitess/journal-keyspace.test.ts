import { expect, it } from 'vitest'
import { checkJournal } from '../../../../../src/migrations/mysql/vitess/keyspace.ts'

const target = { database: 'message_db', schema: 'message_db', server: 'vtgate' }
const check = (shards: readonly string[], isSharded: boolean) => () =>
  checkJournal({ name: 'user_db', shards, isSharded }, target)

it('a journal is in a keyspace with one shard that its VSchema does not call sharded', () => {
  expect(check(['0'], false)).not.toThrow()
  expect(check(['-'], true)).toThrow('which `databases.message_db.vitess.journal` names, is sharded by its VSchema.')
  expect(check(['-80', '80-'], true)).toThrow('has 2 shards.')
  expect(check([], false)).toThrow('does not exist.')
})
