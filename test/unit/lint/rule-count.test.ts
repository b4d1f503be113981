import { expect, test } from 'vitest'
import { allRules, factsOf } from '../../helpers/lint-fixture.ts'

test('lint has at least 135 rules, each of review with a true and a clean fixture', () => {
  expect(allRules.length).toBeGreaterThanOrEqual(135)
  const bare = allRules.filter((rule) => {
    const fixtures = factsOf(rule)?.fixtures
    return 'looksAt' in rule && (fixtures?.found.length === 0 || fixtures?.clean.length === 0)
  })
  expect(bare.map(({ code }) => code)).toEqual([])
})
