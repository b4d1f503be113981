import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { testServer } from '../helpers/servers/servers.ts'
import { installPacked, linkLibraries } from '../helpers/tool/packed.ts'
import { cleanEnvironment } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const sample = join(root, 'examples/sample-service')
let folder = ''

/** The sample with the packed package, and this project's libraries in place of an installation. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwdb-sample-'))
  cpSync(sample, folder, { recursive: true })
  installPacked(folder)
  linkLibraries(folder, ['mysql2', 'vitest'])
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'))
  symlinkSync('../wwdb/bin/wwdb.js', join(modules, '.bin/wwdb'))
  symlinkSync('../vitest/vitest.mjs', join(modules, '.bin/vitest'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function shell(script: string, more: Readonly<Record<string, string>> = {}): string {
  const environment = cleanEnvironment({ WWDB_URL: testServer().url, ...more })
  const path = `${join(folder, 'node_modules/.bin')}:${environment['PATH']}`
  const run = spawnSync('sh', ['-e', '-c', script], {
    cwd: folder,
    env: { ...environment, PATH: path },
    encoding: 'utf8',
  })
  expect(run.status, `${script}\n${run.stdout}${run.stderr}`).toBe(0)
  return run.stdout
}

/** Sets of the sample that are there. */
function namesOfSets(): readonly string[] {
  const answer: unknown = JSON.parse(shell('wwdb provision list --json'))
  return (
    answer as {
      readonly environments: readonly {
        readonly name: string
        readonly databases: readonly { readonly database: string }[]
      }[]
    }
  ).environments
    .filter(({ databases }) => databases.some(({ database }) => database === 'shop') && databases.length === 1)
    .map(({ name }) => name)
}

describe('the sample service', () => {
  test('its suite passes, and leaves no test environment', () => {
    expect(shell('npm test')).toMatch(/3 passed/)
    expect(namesOfSets()).toEqual([])
  })

  test('the steps of its GitHub workflow', () => {
    const workflow = parse(readFileSync(join(sample, '.github/workflows/test.yml'), 'utf8'))
    const file = join(folder, 'github-env')
    writeFileSync(file, '')
    const runs: readonly string[] = workflow.jobs.test.steps.flatMap((step: { run?: string }) => step.run ?? [])
    expect(runs[0]).toBe('npm ci')
    for (const run of runs.slice(1)) {
      const lines = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
      const given = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      shell(run, { ...given, GITHUB_ENV: file, GITHUB_RUN_ID: String(process.pid), GITHUB_RUN_ATTEMPT: '1' })
    }
    expect(readFileSync(file, 'utf8')).toContain('SHOP_URL=mysql://')
    expect(namesOfSets()).toEqual([])
  })

  test('the script of its GitLab file', () => {
    const { script } = parse(readFileSync(join(sample, '.gitlab-ci.yml'), 'utf8')).test
    expect(script[0]).toBe('npm ci')
    for (const line of script.slice(1)) shell(line)
    expect(namesOfSets()).toEqual([])
  })

  test('the examples of docs/guides/provision.md', () => {
    const text = readFileSync(join(root, 'docs/guides/provision.md'), 'utf8')
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] ?? '')
    expect(blocks.length).toBeGreaterThan(2)
    for (const block of blocks) shell(block)
    const [code] = [...text.matchAll(/^```js\n(.*?)^```/gms)].map((match) => match[1] ?? '')
    const [, setup = ''] = readFileSync(join(sample, 'test/global-setup.mjs'), 'utf8').split(/\/\*\*.*\*\/\n/)
    expect(code).toContain(setup.trim())
  })
})
