import { expect, test } from 'vitest'
import { allRules } from '../../helpers/lint/lint-fixture.ts'

test('lint has at least 135 rules, each with a true and a clean fixture', () => {
  expect(allRules.length).toBeGreaterThanOrEqual(135)
  const bare = allRules.filter((rule) => {
    const { found, clean } = rule.fixtures
    return found.length === 0 || clean.length === 0
  })
  expect(bare.map(({ code }) => code)).toEqual([])
})
