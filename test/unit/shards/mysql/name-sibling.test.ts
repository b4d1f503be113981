import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameSibling } from '../../../../src/shards/mysql/shape-questions.ts'

test.each([
  ['group_members_42', 'groups_42', 'groups_{{key}}'],
  ['group_members_142', 'groups_42', 'groups_42'],
  ['group_members_42', 'groups_142', 'groups_142'],
  ['group_members_202601', 'groups_202601', 'groups_{{key}}'],
  ['a_2026w49', 'b_2026w49', 'b_{{key}}'],
  ['a_2026_01', 'b_2026_01', 'b_{{key}}'],
  ['members_v2_202601', 'groups_v3_202601', 'groups_v3_{{key}}'],
  ['42_members', '42_groups', '{{key}}_groups'],
  ['members_42_eu', 'groups_42_eu', 'groups_{{key}}'],
  ['contacts_42', 'wework_accounts', 'wework_accounts'],
  ['contacts_42', 'contacts_42', '{{table}}'],
])('a shard %s that refers to %s: %s', (own, parent, expected) => {
  expect(nameSibling(own, parent)).toBe(expected)
})

test('siblings of any two keys are called alike', () => {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,9}$/)
  const key = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), fc.stringMatching(/^2\d{3}w[0-5]\d$/))
  fc.assert(
    fc.property(word, word, key, key, (own, parent, one, other) => {
      fc.pre(own !== parent)
      expect(nameSibling(`${own}_${one}`, `${parent}_${one}`)).toBe(
        nameSibling(`${own}_${other}`, `${parent}_${other}`),
      )
    }),
  )
})
