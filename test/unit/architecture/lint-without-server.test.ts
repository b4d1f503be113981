import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

const sources = join(import.meta.dirname, '../../../src')

/** What a file loads with it: what it imports or exports again, types and imports while it runs apart. */
function listLoaded(file: string): readonly string[] {
  const text = readFileSync(join(sources, file), 'utf8')
  return [...text.matchAll(/^(?:import|export) (?!type )(?:(\{[^}]*\}|\S+) from )?'([^']+)'/gm)].flatMap(
    ([, names = '', source = '']) => {
      const isType =
        names.startsWith('{') && [...names.matchAll(/[^{},]+/g)].every(([one]) => /^\s*(?:type |$)/.test(one))
      return isType ? [] : [source.startsWith('.') ? posix.join(posix.dirname(file), source) : source]
    },
  )
}

/** All that is loaded with a file, itself too. */
function loadAll(file: string, all = new Set<string>()): ReadonlySet<string> {
  if (all.has(file)) return all
  all.add(file)
  if (file.endsWith('.ts')) for (const one of listLoaded(file)) loadAll(one, all)
  return all
}

const server = /^(?:mysql|probe|schema|provision|migrations\/(?:execute|mysql|plan))\/|^mysql2/

test('lint loads nothing that needs a server before --server is given', () => {
  const loaded = [...loadAll('lint/commands/lint.ts')]
  expect(loaded).toEqual(expect.arrayContaining(['lint/review/review.ts', 'sql/scanner.ts', 'node:fs']))
  expect(loaded.filter((one) => server.test(one))).toEqual([])
  const trial = [...loadAll('lint/trial/ask-servers.ts')].filter((one) => server.test(one))
  expect(trial).toEqual(expect.arrayContaining(['probe/algorithm-questions.ts', 'migrations/plan/make-run-plan.ts']))
})
