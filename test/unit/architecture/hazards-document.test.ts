import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { reviewRules } from '../../../src/lint/review-rules.generated.ts'
import { hazardRules } from '../../../src/lint/rules.generated.ts'

test('docs/reference/hazards.md has the codes of all hazards by their kinds, each with its page', () => {
  const document = readFileSync(new URL('../../../docs/reference/hazards.md', import.meta.url), 'utf8')
  const rows = document.matchAll(/^\| ([a-z]+) \| (\[`[A-Z0-9_]+`\].*) \|$/gm)
  const listed = [...rows].flatMap(([, kind = '', codes = '']) =>
    [...codes.matchAll(/\[`([A-Z0-9_]+)`\]\(rules\/([a-z0-9-]+)\.md\)/g)].map(([, code, page]) => [kind, code, page]),
  )
  expect(listed).toEqual(hazardRules.map(({ kind, code }) => [kind, code, code.toLowerCase().replaceAll('_', '-')]))
})

test('every rule of src/lint/rules is in a generated list, and no other file names a rule', () => {
  const read = (file: string): string => readFileSync(new URL(`../../../src/lint/${file}`, import.meta.url), 'utf8')
  const files = readdirSync(new URL('../../../src/lint/rules', import.meta.url))
  const codes = files.flatMap((file) =>
    [...read(`rules/${file}`).matchAll(/^ {2}code: '([A-Z0-9_]+)',$/gm)].map(([, code]) => code),
  )
  expect(codes.toSorted()).toEqual([...hazardRules, ...reviewRules].map(({ code }) => code).toSorted())
  expect(new Set(codes).size).toBe(codes.length)
})
