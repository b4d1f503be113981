import { describe, expect, test } from 'vitest'
import { allowedCommands, areSameRules, checkUsers } from '../../../src/stores/redis/check-users.ts'
import { normalizeSetting } from '../../../src/stores/redis/plan-settings.ts'

const commands = [
  { name: 'get', categories: ['read', 'string', 'fast'] },
  { name: 'set', categories: ['write', 'string', 'slow'] },
  { name: 'keys', categories: ['read', 'dangerous', 'slow'] },
  { name: 'config', categories: ['slow'] },
  { name: 'config|get', categories: ['admin', 'dangerous', 'slow'] },
  { name: 'config|set', categories: ['admin', 'dangerous', 'slow'] },
  { name: 'select', categories: ['connection', 'fast'] },
]

describe('what the rules of a user allow', () => {
  test.each([
    [['+@read'], ['get', 'keys']],
    [['+@read', '-@dangerous'], ['get']],
    [
      ['-@dangerous', '+@read'],
      ['get', 'keys'],
    ],
    [['+@all', '-@all', '+GET'], ['get']],
    [['+config|get'], ['config|get']],
    [
      ['+config', '-config|set'],
      ['config', 'config|get'],
    ],
    [['+select|0'], ['select|0']],
    [['+select|0', '+select'], ['select']],
    [['+select|0', '-select'], []],
  ])('%j', (rules, allowed) => {
    expect([...allowedCommands(rules, commands)].sort()).toEqual(allowed)
  })

  test('different words for the same rights are the same', () => {
    expect(areSameRules(['+@read', '-@dangerous'], ['-@all', '+get'], commands)).toBe(true)
    expect(areSameRules(['+@read'], ['-@all', '+get'], commands)).toBe(false)
  })
})

test('nodes that list the same commands in another order are one finding', () => {
  const boss = { enabled: true, withoutPassword: false, keys: ['*'], commands: ['+@all'], selectors: 0 }
  const seen = ['one:1', 'two:1', 'three:1'].map((node) => ({ node, users: new Map([['boss', boss]]), self: 'wwdb' }))
  const orders = [commands, commands.toReversed(), [...commands.slice(3), ...commands.slice(0, 3)]]
  const [rights] = checkUsers(
    seen as unknown as Parameters<typeof checkUsers>[0],
    new Map(seen.map(({ node }, index) => [node, orders[index] ?? []])),
  )
  expect(rights?.seen).toBe('boss may access every key; boss may run config|get, config|set, keys')
})

test.each([
  ['maxmemory', '64mb', '67108864'],
  ['maxmemory', '64M', '64000000'],
  ['appendonly', 'YES', 'yes'],
  ['save', ' 900  1 300 10 ', '900 1 300 10'],
  ['notify-keyspace-events', 'Ex', 'xE'],
  ['client-output-buffer-limit', 'replica 256mb 64mb 60', 'replica 268435456 67108864 60'],
])('%s %s is %s', (name, one, other) => {
  expect(normalizeSetting(name, one)).toBe(normalizeSetting(name, other))
})
