import { describe, expect, test } from 'vitest'
import { applyTextEdits } from '../../../src/lint/review/apply-fixes.ts'
import type { Fixture, Rule } from '../../../src/lint/rule.ts'
import { allRules, lintFixture, migrationText } from '../../helpers/lint/lint-fixture.ts'

/** Rules that look at the lines that turn others off need those others. */
function rulesFor(rule: Rule): readonly Rule[] {
  return rule.looksAt === 'suppressions' ? allRules : [rule]
}

function findingsOf(rule: Rule, fixture: Fixture) {
  return lintFixture(fixture, rulesFor(rule)).filter(({ code }) => code === rule.code)
}

describe.each(allRules.map((rule) => [rule.code, rule] as const))('the rule %s', (_, rule) => {
  const facts = rule

  test('finds every fixture that it is to find', () => {
    expect(facts.fixtures.found.length).toBeGreaterThan(0)
    const missed = facts.fixtures.found.filter((fixture) => findingsOf(rule, fixture).length === 0)
    expect(missed.map(({ sql }) => sql)).toEqual([])
  })

  test('finds nothing in fixtures that look alike', () => {
    expect(facts.fixtures.clean.length).toBeGreaterThan(0)
    const wrong = facts.fixtures.clean.flatMap((fixture) =>
      findingsOf(rule, fixture).map(({ message }) => [fixture.sql, message.en]),
    )
    expect(wrong).toEqual([])
  })

  test('finds nothing more where its fix was applied', () => {
    for (const fixture of facts.fixtures.found) {
      const fixable = findingsOf(rule, fixture).filter(({ edits }) => edits.length > 0)
      if (fixable.length === 0) continue
      const fixed = applyTextEdits(migrationText(fixture), fixable)
      const sql = /-- migrate:up\n([\s\S]*?);\n(?:\n-- migrate:down|$)/.exec(fixed)?.[1] ?? ''
      expect(
        findingsOf(rule, { ...fixture, sql }).filter(({ edits }) => edits.length > 0),
        sql,
      ).toEqual([])
    }
  })

  test('has sentences in both languages', () => {
    for (const text of [facts.why, facts.fix]) {
      expect(text.en).toMatch(/^[A-Z`].*[.:]$/s)
      expect(text.zh).toMatch(/\p{Script=Han}.*。$/su)
    }
    expect(facts.title.en).not.toMatch(/\.$/)
    expect(facts.title.zh).not.toMatch(/。$/)
    expect(facts.manual).toMatch(/^https:\/\/(?:dev\.mysql\.com|vitess\.io)\/docs?\//)
    for (const fixture of facts.fixtures.found)
      for (const { message } of findingsOf(rule, fixture)) {
        expect(message.en).toMatch(/[.?]$/)
        expect(message.zh).toMatch(/\p{Script=Han}.*。$/su)
      }
  })
})

test('the codes of rules are unique and may be written in a header unchanged', () => {
  const codes = allRules.map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
  for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/)
})
