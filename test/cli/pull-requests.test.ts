import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { withSchema } from '../helpers/servers/schema.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment, launcher } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()
const schema = withSchema()
const first = '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE orders;\n'
const bad =
  '-- migrate:up\nALTER TABLE ordres ADD COLUMN note VARCHAR(80);\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN note;\n'

const git = (cwd: string, ...words: readonly string[]): string => {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...words], { cwd, encoding: 'utf8' }).trim()
}

/** What only a server knows: that it has no such reference system. */
const refused =
  '-- migrate:up\nALTER TABLE orders ADD COLUMN place POINT SRID 999999;\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN place;\n'

/** A clone with a branch that misspells a table, and programs that keep what they are asked instead of calling a service. */
function checkout(change = bad): string {
  const config = {
    url: 'mysql://user@127.0.0.1:1',
    databases: { app: { schema: schema().name, migrations: 'migrations/app' } },
    environments: { test: {} },
  }
  const origin = project({
    'wwdb.config.json': JSON.stringify(config),
    'migrations/app/20260101000000_orders.sql': first,
  })
  git(origin, 'init', '-q', '-b', 'main')
  git(origin, 'add', '-A')
  git(origin, 'commit', '-qm', 'first')
  const folder = project({})
  git(folder, 'clone', '-q', origin, 'work')
  const work = join(folder, 'work')
  git(work, 'checkout', '-qb', 'change')
  writeFileSync(join(work, 'migrations/app/20260102000000_note.sql'), change)
  git(work, 'add', '-A')
  git(work, 'commit', '-qm', 'change')
  mkdirSync(join(folder, 'bin'))
  for (const name of ['gh', 'curl']) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "$@" > "${folder}/${name}.txt"\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  return folder
}

function run(folder: string, script: string, environment: Readonly<Record<string, string>>) {
  const clean = cleanEnvironment(environment)
  return spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: join(folder, 'work'),
    env: { ...clean, PATH: `${join(folder, 'bin')}:${clean['PATH']}` },
    encoding: 'utf8',
  })
}

const command = `${process.execPath} ${launcher}`

describe('a pull request', () => {
  test('on GitHub is reviewed, planned and commented by the steps of action.yml', () => {
    const { runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'))
    const folder = checkout()
    const outputs = join(folder, 'outputs.txt')
    writeFileSync(outputs, '')
    const environment = {
      SINCE: 'origin/main',
      WARNINGS: '0',
      WWDB: command,
      ENVIRONMENT: 'test',
      URL: '',
      NUMBER: '7',
      GH_TOKEN: 'x',
      GITHUB_OUTPUT: outputs,
    }
    const steps: readonly { readonly name: string; readonly run: string }[] = runs.steps
    const shown = steps.slice(0, -1).map(({ name, run: script }) => {
      // What a runner would replace stands in the environment of a step, never in its script.
      expect(script).not.toContain('${{')
      const ended = run(folder, script, environment)
      expect(ended.status, `${name}\n${ended.stdout}${ended.stderr}`).toBe(0)
      return ended.stdout
    })
    expect(shown.join('')).toContain('::warning::No server could be asked: the files were reviewed without one.')
    expect(shown.join('')).toMatch(/^::error file=migrations\/app\/20260102000000_note\.sql,line=2,.*UNKNOWN_TABLE/m)
    expect(JSON.parse(readFileSync(join(folder, 'work/wwdb-lint.sarif'), 'utf8')).version).toBe('2.1.0')
    expect(readFileSync(join(folder, 'gh.txt'), 'utf8')).toContain(
      'pr comment 7 --edit-last --create-if-none --body-file wwdb-comment.md',
    )
    const comment = readFileSync(join(folder, 'work/wwdb-comment.md'), 'utf8')
    expect(comment).toContain('Did you mean `orders`?')
    expect(comment).toContain('### Plan')
    expect(comment).not.toContain('::error')
    expect(readFileSync(outputs, 'utf8')).toContain('code=1')
    const last = steps.at(-1)?.run ?? ''
    expect(run(folder, last, { LINT: '1', PLAN: '0' }).status).toBe(1)
    expect(run(folder, last, { LINT: '0', PLAN: '' }).status).toBe(0)
  })

  test.each([
    ['an environment', 'test'],
    ['a URL alone', ''],
  ])('on GitHub is tried on a server where the job has %s', (_, environment) => {
    const { runs } = parse(readFileSync(join(root, 'action.yml'), 'utf8'))
    const steps: readonly { readonly name: string; readonly run: string }[] = runs.steps
    const folder = checkout(refused)
    const outputs = join(folder, 'outputs.txt')
    writeFileSync(outputs, '')
    const given = { SINCE: 'origin/main', WARNINGS: '', WWDB: command, GITHUB_OUTPUT: outputs }
    const script = steps.find(({ name }) => name === 'Review')?.run ?? ''
    const offline = run(folder, script, { ...given, ENVIRONMENT: '', URL: '' })
    expect(offline.stdout).not.toContain('SERVER_REFUSES')
    const asked = run(folder, script, { ...given, ENVIRONMENT: environment, URL: schema().server.url })
    expect(asked.stdout, asked.stderr).toMatch(/^::error file=.*20260102000000_note\.sql,line=2,.*SERVER_REFUSES/m)
    expect(readFileSync(join(folder, 'work/wwdb-lint.sarif'), 'utf8')).toContain('SERVER_REFUSES')
    expect(readFileSync(outputs, 'utf8')).toMatch(/code=1\n.*\n$/)
  })

  test('on GitLab is tried on a server where the job has its URL', () => {
    const template = parse(readFileSync(join(root, 'ops/gitlab-review.yml'), 'utf8'))
    const folder = checkout(refused)
    const lines: readonly string[] = template['wwdb-review'].script
    const base = git(join(folder, 'work'), 'rev-parse', 'origin/main')
    const given = { WWDB: command, CI_MERGE_REQUEST_DIFF_BASE_SHA: base, WWDB_URL: schema().server.url }
    const ended = run(folder, lines.join('\n'), given)
    expect(ended.status, ended.stderr).toBe(1)
    expect(readFileSync(join(folder, 'work/gl-code-quality-report.json'), 'utf8')).toContain('SERVER_REFUSES')
    const lost = run(folder, lines.join('\n'), { ...given, WWDB_URL: 'mysql://user@127.0.0.1:1' })
    expect(lost.status, lost.stderr).toBe(69)
    expect(lost.stdout).toContain('No server could be asked')
  })

  test('on GitLab is reviewed and commented by the script of the template', () => {
    const template = parse(readFileSync(join(root, 'ops/gitlab-review.yml'), 'utf8'))
    const folder = checkout()
    const base = git(join(folder, 'work'), 'rev-parse', 'origin/main')
    const lines: readonly string[] = template['wwdb-review'].script
    const ended = run(folder, lines.join('\n'), {
      WWDB: command,
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
      WWDB_GITLAB_TOKEN: 'token',
      CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
      CI_PROJECT_ID: '1',
      CI_MERGE_REQUEST_IID: '7',
    })
    expect(ended.status, ended.stderr).toBe(1)
    const report: readonly { readonly check_name: string }[] = JSON.parse(
      readFileSync(join(folder, 'work/gl-code-quality-report.json'), 'utf8'),
    )
    expect(report.map(({ check_name }) => check_name)).toContain('UNKNOWN_TABLE')
    expect(readFileSync(join(folder, 'curl.txt'), 'utf8')).toContain(
      'https://gitlab.example.com/api/v4/projects/1/merge_requests/7/notes',
    )
    expect(existsSync(join(folder, 'work/wwdb-plan.txt'))).toBe(false)
  })
})
