import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const tests = resolve(import.meta.dirname, '../..')

/** Lines that skip a test of a run of everything, which fails for it: what is for a soak alone is not declared in other runs, as an empty list or behind an `if`. */
function skipping(text: string): readonly string[] {
  const lines = text.split('\n').map((line, index) => `${index + 1}: ${line.trim()}`)
  return lines.filter((line) => /\b(?:it|test|describe)\w*\.(?:runIf\(!?isSoak|skipIf\(|skip\(|todo\()/.test(line))
}

test('no test is skipped by its file, but where a server may be absent', () => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  const found = files.flatMap((file) => skipping(readFileSync(join(tests, file), 'utf8')).map((at) => `${file}:${at}`))
  expect(found).toEqual([])
})

test('a test that is skipped outside a soak is found', () => {
  const text = ['runIf', 'skip'].map((word) => `it.${word}(isSoak)('is kept', () => {})`).join('\n')
  expect(skipping(text)).toHaveLength(2)
})
