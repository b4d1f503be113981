import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const project = resolve(import.meta.dirname, '../../..')
const page = readFileSync(join(project, 'docs/internals/architecture.md'), 'utf8')
const questions = page.split(/^## Five questions$/m)[1]?.split(/^## /m)[0] ?? ''

/** Each answer of the table: a name, and the file that exports it. */
const answers = [...questions.matchAll(/`(\w+)` in `(src\/[^`]+)`/g)].map(([, name = '', file = '']) => [name, file])

describe('the page about the architecture', () => {
  test('it answers five questions with a function and its file', () => {
    const rows = questions.split('\n').filter((line) => line.startsWith('| ') && line.includes('?'))
    expect(rows).toHaveLength(5)
    for (const row of rows) expect(row).toMatch(/`\w+` in `src\//)
  })

  test.each(answers)('`%s` is exported by %s', (name, file) => {
    const text = readFileSync(join(project, file), 'utf8')
    expect(text).toMatch(new RegExp(`^export (?:async )?(?:function|const|class) ${name}\\b`, 'm'))
  })

  test('every file and folder that it names is there', () => {
    const named = [...page.matchAll(/`([\w-]+\/[\w./-]+\.(?:ts|md|json)|(?:src|test)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    )
    expect(named.length).toBeGreaterThan(30)
    const missing = named.filter((path) => ![path, `src/${path}`].some((one) => existsSync(join(project, one))))
    expect(missing.filter((path) => !path.includes('NAME'))).toEqual([])
  })
})
