import { expect, test } from 'vitest'
import {
  chooseItems,
  nameVariable,
  requireMatches,
  separatePlaces,
  separateVariables,
  toDocuments,
  toItem,
  undeclaredItems,
} from '../../../src/stores/import-items.ts'

const users = toItem({ kind: 'user', name: 'admin.app' }, 'access', ['users', 'app'], { password: '', roles: [] })
const orders = toItem({ kind: 'collection', name: 'shop.orders' }, 'all', ['databases', 'shop', 'orders'], { note: '' })
const index = { ...toItem({ kind: 'index', name: 'shop.orders.by' }, 'all', ['x'], { key: 1 }), key: null }
const entry = { ...index, path: ['databases', 'shop', 'orders', 'indexes'] }

test('a variable is named after what it is for, and two of one name get numbers', () => {
  expect(nameVariable('mongodb', 'app.User-1', 'password')).toBe('MONGODB_APP_USER_1_PASSWORD')
  const item = { ...users, secrets: { password: 'A' } }
  expect(separateVariables([item, item, item]).map(({ secrets }) => secrets['password'])).toEqual(['A', 'A_2', 'A_3'])
})

test('a name like that of a method, a number or `__proto__` is a key as any other', () => {
  const items = ['constructor', '12', '__proto__'].map((name) =>
    toItem({ kind: 'user', name }, 'access', ['users', name], { roles: [name] }),
  )
  const [document] = toDocuments(items)
  expect(Object.entries(Object(document?.value).users).map(([key]) => key)).toEqual(['12', 'constructor', '__proto__'])
})

test('a secret becomes a reference, and a text that looks like one does not', () => {
  const item = { ...users, value: { password: '', note: `\${HOME}` }, secrets: { password: 'APP_PASSWORD' } }
  expect(toDocuments([item])).toEqual([
    { file: 'access', value: { users: { app: { password: `\${APP_PASSWORD:-}`, note: `$\${HOME}` } } } },
  ])
})

test('a part is added to its whole, chosen with it, and declared with it', () => {
  expect(toDocuments([orders, entry])).toEqual([
    { file: 'all', value: { databases: { shop: { orders: { note: '', indexes: [{ key: 1 }] } } } } },
  ])
  expect(chooseItems([users, orders, entry], ['shop.orders'])).toEqual([orders, entry])
  expect(chooseItems([users, orders, entry], ['ADMIN*', 'admin.*'])).toEqual([users])
  const declared = { value: { databases: { shop: { orders: {} } } } }
  expect(undeclaredItems([users, orders, entry], [declared])).toEqual([users])
})

test('the second of two resources at one place cannot be declared', () => {
  const other = { ...users, resource: { kind: 'user', name: 'shop.app' } }
  expect(separatePlaces([users, entry, entry, other])).toEqual({
    items: [users, entry, entry],
    notDeclarable: [{ resource: other.resource, why: 'The files name each once, and `admin.app` has the same name.' }],
  })
})

test('a pattern that matches nothing is refused, with names that the store has, the likely one first', () => {
  const itemsOf = (names: readonly string[]) => names.map((name) => ({ resource: { kind: 'x', name }, covers: [] }))
  const items = itemsOf(['shop.orders', 'shop.carts', 'a.b', 'a.c', 'a.d', 'a.e'])
  const check = (patterns: readonly string[]) => () => requireMatches(patterns, items, [])
  expect(check(['shop.*', '*.e'])).not.toThrow()
  expect(() => requireMatches([], [], [])).not.toThrow()
  expect(check(['shop.*', 'shop.cards'])).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      faults: [
        expect.objectContaining({
          what: '`shop.cards`: nothing that could be declared has such a name.',
          why: 'The store has `shop.carts`, `shop.orders`, `a.b`, `a.c`, `a.d` and 1 more.',
        }),
      ],
    }),
  )
  expect(() => requireMatches(['x'], [], [])).toThrow(
    expect.objectContaining({
      faults: [expect.objectContaining({ why: 'Nothing that could be declared was found.' })],
    }),
  )
})

test('a pattern may name what is declared with another one, what is imported in any case, and what was not read', () => {
  const series = { ...orders, covers: [{ kind: 'alias', name: 'shop.current' }] }
  expect(() => requireMatches(['shop.current'], [users, series], [])).not.toThrow()
  expect(chooseItems([users, series, entry], ['shop.current'])).toEqual([series, entry])
  const needed = { ...users, always: true as const }
  expect(() => requireMatches(['admin.app'], [needed], [])).not.toThrow()
  const found = { resource: { kind: 'user', name: 'shop.ann' }, why: 'It has no password.' }
  expect(() => requireMatches(['shop.ann'], [], [found])).not.toThrow()
  expect(() => requireMatches(['shop.bob'], [], [found])).toThrow()
  const list = { resource: { kind: 'user list', name: 'admin' }, why: 'It cannot be listed.', unread: true as const }
  expect(() => requireMatches(['shop.bob'], [], [found, list])).not.toThrow()
})
