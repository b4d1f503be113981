import { describe, expect, test } from 'vitest'
import { listReached } from '../../../src/migrations/plan/reached-tables.ts'
import type { StoredText } from '../../../src/uses/ports.ts'

const view = (name: string, text: string | null, schema = 'app'): StoredText => ({ type: 'view', schema, name, text })
const trigger = (table: string, text: string | null): StoredText => ({
  ...{ type: 'trigger', schema: 'app', name: `on_${table}`, table },
  text,
})
const routine = (name: string, text: string): StoredText => ({ type: 'procedure', schema: 'app', name, text })
const event = (text: string): StoredText => ({ type: 'event', schema: 'app', name: 'nightly', text })
const place = { schema: 'app', foldsNames: false }

describe('through what statements reach a table', () => {
  test.each<[string, readonly StoredText[], readonly string[]]>([
    ['a view that reads it', [view('v', 'select `a` from `app`.`users`')], ['v']],
    [
      'a view over a view, in any order',
      [view('w', 'select 1 from `app`.`v`'), view('v', 'select 1 from users')],
      ['w', 'v'],
    ],
    ['a table whose trigger names it', [trigger('orders', 'UPDATE users SET a = 1')], ['orders']],
    [
      'a view over such a table',
      [view('v', 'select 1 from orders'), trigger('orders', 'DELETE FROM users')],
      ['v', 'orders'],
    ],
    ['a view whose text nobody may read', [view('v', null)], ['v']],
    ['no view of another schema', [view('v', 'select 1 from `app`.`users`', 'other')], []],
    ['no view that only has it in a text', [view('v', "select 'users' from t")], []],
    ['no routine by itself, and no event', [routine('p', 'SELECT 1 FROM users'), event('DELETE FROM users')], []],
    [
      'a table whose trigger calls such a routine',
      [trigger('orders', 'CALL p(1)'), routine('p', 'UPDATE users SET a = 1')],
      ['orders'],
    ],
    [
      'a view with the name of a routine',
      [routine('v', 'SELECT 1 FROM users'), view('v', 'select 1 from users')],
      ['v'],
    ],
    ['views that read each other end', [view('v', 'select 1 from w'), view('w', 'select 1 from v')], []],
    ['another case is another name', [view('v', 'select 1 from USERS')], []],
  ])('%s', (_, stored, others) => {
    expect([...listReached(['users'], stored, place)].sort()).toEqual(['users', ...others].sort())
  })

  test('a server that folds names takes them in any case', () => {
    const stored = [view('V', 'select 1 from USERS'), view('w', 'select 1 from v')]
    expect(listReached(['Users'], stored, { schema: 'APP', foldsNames: true })).toEqual(['Users', 'V', 'w'])
  })
})
