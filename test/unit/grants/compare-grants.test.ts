import { describe, expect, test } from 'vitest'
import { comesOverNetwork } from '../../../src/grants/account.ts'
import { planAccount } from '../../../src/grants/apply-account.ts'
import { compareGrants, readGrants } from '../../../src/grants/compare-grants.ts'
import { everything, type Grant, grantText } from '../../../src/grants/grant.ts'

const needed: readonly Grant[] = [
  { privileges: ['SELECT', 'INSERT'], place: { type: 'schema', schema: 'user_db' } },
  { privileges: ['CREATE'], place: { type: 'pattern', pattern: 'wwdb\\_scratch\\_%' } },
]
const both = ['SELECT', 'INSERT']
const usual = { foldsNames: false, hasPatterns: true }
const compare = (...lines: readonly string[]) => {
  const { missing, excess } = compareGrants(needed, readGrants(lines))
  return {
    missing: missing.map((grant) => grantText(grant, 'u')),
    excess: excess.map(({ privileges, place }) => `${privileges.join(', ')} ON ${place}`),
  }
}

describe('the grants of an account', () => {
  test('are just what is needed', () => {
    const own = 'GRANT SELECT, INSERT ON `user\\_db`.* TO `u`@`%`'
    const scratch = 'GRANT CREATE ON `wwdb\\_scratch\\_%`.* TO `u`@`%`'
    expect(compare('GRANT USAGE ON *.* TO `u`@`%`', own, scratch)).toEqual({ missing: [], excess: [] })
  })

  test('lack what no line has', () => {
    expect(compare('GRANT SELECT ON `user\\_db`.* TO `u`@`%`').missing).toEqual([
      'GRANT INSERT ON `user\\_db`.* TO u',
      'GRANT CREATE ON `wwdb\\_scratch\\_%`.* TO u',
    ])
  })

  test('cover a schema by a pattern, by its plain name and by the whole server, which is too much', () => {
    const line = 'GRANT SELECT, INSERT, CREATE ON *.* TO `u`@`%` WITH GRANT OPTION'
    expect(compare(line)).toEqual({ missing: [], excess: ['SELECT, INSERT, CREATE, GRANT OPTION ON *.*'] })
    expect(compare('GRANT ALL PRIVILEGES ON `user%`.* TO `u`@`%`')).toEqual({
      missing: ['GRANT CREATE ON `wwdb\\_scratch\\_%`.* TO u'],
      excess: ['ALL PRIVILEGES ON `user%`.*'],
    })
    expect(compare('GRANT SELECT, INSERT ON `userXdb`.* TO `u`@`%`').missing).toHaveLength(2)
  })

  test.each([
    ['`_` is one character', ['GRANT ALL PRIVILEGES ON `user_db`.* TO `u`@`%`'], usual, []],
    ['`_` is not two characters', ['GRANT ALL PRIVILEGES ON `use_db`.* TO `u`@`%`'], usual, both],
    ['`\\_` is itself', ['GRANT ALL PRIVILEGES ON `use\\_\\_db`.* TO `u`@`%`'], usual, both],
    ['a dot is a dot', ['GRANT ALL PRIVILEGES ON `user.db`.* TO `u`@`%`'], usual, both],
    ['names have a case', ['GRANT ALL PRIVILEGES ON `USER\\_DB`.* TO `u`@`%`'], usual, both],
    ['names have no case', ['GRANT ALL PRIVILEGES ON `USER\\_DB`.* TO `u`@`%`'], { ...usual, foldsNames: true }, []],
    [
      'a pattern is a plain name',
      ['GRANT ALL PRIVILEGES ON `user%`.* TO `u`@`%`'],
      { ...usual, hasPatterns: false },
      both,
    ],
    [
      'the pattern with the later wildcard counts alone',
      ['GRANT INSERT ON `u%`.* TO `u`@`%`', 'GRANT SELECT ON `user%`.* TO `u`@`%`'],
      usual,
      both,
    ],
    [
      'a right on the server is added',
      ['GRANT INSERT ON *.* TO `u`@`%`', 'GRANT SELECT ON `user%`.* TO `u`@`%`'],
      usual,
      [],
    ],
    [
      'a right on the server was revoked here',
      ['GRANT SELECT, INSERT ON *.* TO `u`@`%`', 'REVOKE INSERT ON `user_db`.* FROM `u`@`%`'],
      { ...usual, hasPatterns: false },
      ['INSERT'],
    ],
  ] as const)('follow the server: %s', (_, lines, rules, expected) => {
    const own: readonly Grant[] = [{ privileges: both, place: { type: 'schema', schema: 'user_db' } }]
    const { missing } = compareGrants(own, readGrants(lines), rules)
    expect(missing.flatMap(({ privileges }) => privileges)).toEqual(expected)
  })

  test('read ALL PRIVILEGES of a place as what it is: the server shows eighteen that way', () => {
    const all = 'GRANT ALL PRIVILEGES ON `user\\_db`.* TO `u`@`%`'
    const { excess } = compare(all, 'GRANT CREATE ON `wwdb\\_scratch\\_%`.* TO `u`@`%`')
    expect(excess).toEqual([expect.stringMatching(/^UPDATE, DELETE, .*LOCK TABLES ON `user\\_db`\.\*$/)])
    expect(excess[0]).not.toMatch(/SELECT|INSERT|ALL/)
    const some = [{ place: { type: 'schema', schema: 'user_db' }, privileges: everything }] as const
    expect(compareGrants(some, readGrants([all]))).toEqual({ missing: [], excess: [] })
  })

  test('show columns, routines and roles as too much', () => {
    const lines = [
      'GRANT SELECT (`a`, `b`), UPDATE ON `user_db`.`t` TO `u`@`%`',
      'GRANT EXECUTE ON PROCEDURE `user_db`.`p` TO `u`@`%`',
      'GRANT `boss`@`%` TO `u`@`%`',
    ]
    expect(compare(...lines).excess).toEqual([
      'SELECT (`a`, `b`), UPDATE ON `user_db`.`t`',
      'EXECUTE ON PROCEDURE `user_db`.`p`',
      ' ON role',
    ])
  })
})

describe('an account', () => {
  test('that wwdb did not make is not changed', () => {
    const state = { type: 'present', own: false, grants: [] } as const
    expect(() => planAccount('u@%', needed, state, 'h:3306')).toThrow(
      'Account `u@%` exists, but was not created by wwdb.',
    )
  })

  test('that wwdb made gets what it lacks and loses what is too much', () => {
    const grants = ['GRANT SELECT, DROP ON `user\\_db`.* TO `u`@`%`', 'GRANT `boss`@`%` TO `u`@`%`']
    expect(planAccount('u@%', needed, { type: 'present', own: true, grants }, 'h:3306').statements).toEqual([
      "GRANT INSERT ON `user\\_db`.* TO 'u'@'%'",
      "GRANT CREATE ON `wwdb\\_scratch\\_%`.* TO 'u'@'%'",
      "REVOKE DROP ON `user\\_db`.* FROM 'u'@'%'",
      "REVOKE `boss`@`%` FROM 'u'@'%'",
    ])
  })
})

test.each([
  ['u@%', true],
  ['u@10.0.%', true],
  ['u@localhost', false],
  ['u@127.0.0.1', false],
  ['strange@name@localhost', false],
  ['localhost@db.example.com', true],
])('the account %s comes over a network: %s', (account, expected) => {
  expect(comesOverNetwork(account)).toBe(expected)
})

test('an account that exists is not created again', () => {
  const state = { type: 'present', own: true, grants: [] } as const
  expect(planAccount('u@%', needed, state, 'h:3306').create).toBe(false)
  expect(planAccount('u@%', needed, { type: 'absent' }, 'h:3306').create).toBe(true)
})
