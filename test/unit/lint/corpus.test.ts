import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readHistory } from '../../../src/lint/review/read-history.ts'
import { review } from '../../../src/lint/review/review.ts'
import { allRules, heldMigration } from '../../helpers/lint/lint-fixture.ts'

const folder = resolve(import.meta.dirname, '../../lint-corpus')
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))

const severities = new Map(allRules.map((rule) => [rule.code, rule.severity]))

interface Labeled {
  readonly place: string
  readonly expected: readonly string[]
  readonly found: readonly string[]
}

/** Lints each migration of a file after those before it, and compares its statements with their labels. Hints count only where they are labeled. */
function judge(name: string): readonly Labeled[] {
  const parts = readFileSync(join(folder, name), 'utf8')
    .split(/^-- migration: .*\n/m)
    .slice(1)
  const held = parts.map((part, at) => heldMigration(`-- migrate:up\n${part}`, `2026010${at + 1}000000_part.sql`))
  return parts.flatMap((part, at) => {
    const own = held[at]
    if (own === undefined) return []
    const findings = review({
      histories: new Map([['app', readHistory('app', held.slice(0, at + 1))]]),
      templates: [],
      judged: new Set([own.migration.file]),
      rules: allRules,
      settingOf: (rule) => {
        const facts = rule
        const severity = facts.onByDefault === false ? 'off' : facts.severity
        return { severity, options: { ...facts.options } }
      },
      target: null,
      today: '2026-11-26',
    })
    const labels = [...part.matchAll(/^-- expect: (.*)$/gm)].map(([, codes = '']) =>
      codes === 'nothing' ? [] : codes.split(', '),
    )
    return own.up.map((statement, index): Labeled => {
      const expected = labels[index] ?? []
      const here = findings.filter((finding) => finding.statement?.index === statement.index).map(({ code }) => code)
      const found = [...new Set(here)].filter((code) => severities.get(code) !== 'hint' || expected.includes(code))
      return { place: `${name}: ${statement.text.slice(0, 60).replace(/\s+/g, ' ')}`, expected, found }
    })
  })
}

describe('the labeled corpus', () => {
  const labeled = files.flatMap(judge)

  test('has at least 300 statements over 60 files', () => {
    expect(files.length).toBeGreaterThanOrEqual(60)
    expect(labeled.length).toBeGreaterThanOrEqual(300)
  })

  test('shows that findings are right and faults are found: precision and recall are at least 0.95', () => {
    const hits = labeled.flatMap(({ expected, found }) => found.filter((code) => expected.includes(code)))
    const wrong = labeled.flatMap(({ place, expected, found }) =>
      found.filter((code) => !expected.includes(code)).map((code) => `${code} at ${place}`),
    )
    const missed = labeled.flatMap(({ place, expected, found }) =>
      expected.filter((code) => !found.includes(code)).map((code) => `${code} at ${place}`),
    )
    const shown = `found ${hits.length}\nfalse:\n${wrong.join('\n')}\nmissed:\n${missed.join('\n')}`
    expect(hits.length / (hits.length + wrong.length), shown).toBeGreaterThanOrEqual(0.95)
    expect(hits.length / (hits.length + missed.length), shown).toBeGreaterThanOrEqual(0.95)
  })
})
