import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hazardRules } from '../../../src/lint/rules.ts'

test('docs/reference/hazards.md lists every rule, in the order of the rules', () => {
  const document = readFileSync(new URL('../../../docs/reference/hazards.md', import.meta.url), 'utf8')
  const rows = document.split('\n').filter((line) => /^\| `[A-Z_]+` \| [a-z]+ \| /.test(line))
  expect(rows).toEqual(hazardRules.map((rule) => `| \`${rule.code}\` | ${rule.kind} | ${rule.title} |`))
})
