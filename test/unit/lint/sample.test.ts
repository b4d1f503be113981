import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lintSampleFile } from '../../helpers/lint/lint-fixture.ts'

const folder = new URL('../../lint-sample/', import.meta.url)

describe('schemas as people write them', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  const read = files.map((name) => ({ name, ...lintSampleFile(readFileSync(new URL(name, folder), 'utf8')) }))
  const findings = read.flatMap(({ name, findings }) => findings.map((finding) => ({ name, ...finding })))

  test('have a label for every error and warning', () => {
    const open = findings.filter(({ label }) => label === 'unlabeled')
    expect(open.map(({ name, line, code }) => `${name}:${line} ${code}`)).toEqual([])
  })

  test('get at most 3 findings in 100 statements that a reviewer calls noise', () => {
    const statements = read.reduce((sum, each) => sum + each.statements, 0)
    expect(statements).toBeGreaterThanOrEqual(300)
    const noise = findings.filter(({ label }) => label === 'noise')
    expect(
      noise.length / statements,
      noise.map(({ name, line, code }) => `${name}:${line} ${code}`).join('\n'),
    ).toBeLessThanOrEqual(0.03)
  })
})
