import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allRules } from '../../helpers/lint/lint-fixture.ts'

const rows = readFileSync('docs/reference/upgrade-checks.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [check = '', state = '', how = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return {
      check,
      state,
      how,
      codes: [...how.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map(([, code = '']) => code),
    }
  })
const codes = new Set(allRules.map(({ code }) => code))

test('every check of MySQL Shell has a row of its own', () => {
  expect(rows.length).toBeGreaterThanOrEqual(41)
  expect(new Set(rows.map(({ check }) => check)).size).toBe(rows.length)
})

test('every row that is covered names a rule that exists, and every other one says why', () => {
  const wrong = rows.filter(({ state, how, codes: named }) => {
    if (named.some((code) => !codes.has(code))) return true
    if (state === 'covered') return named.length === 0
    return !(state === 'in part' || state === 'not covered') || how.length < 20
  })
  expect(wrong).toEqual([])
})

test('every rule of upgrades is named by the page', () => {
  const page = readFileSync('docs/reference/upgrade-checks.md', 'utf8')
  expect([...codes].filter((code) => code.startsWith('UPGRADE_') && !page.includes(`\`${code}\``))).toEqual([])
})
