import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePorts } from '../helpers/servers/ports.ts'
import { withSchema } from '../helpers/servers/schema.ts'
import { git } from '../helpers/tool/git.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { cleanEnvironment, launcher } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()
const schema = withSchema()
const first = '-- migrate:up\nCREATE TABLE orders (id BIGINT PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE orders;\n'
const bad =
  '-- migrate:up\nALTER TABLE ordres ADD COLUMN note VARCHAR(80);\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN note;\n'

/** What only a server knows: that it has no such reference system. */
const refused =
  '-- migrate:up\nALTER TABLE orders ADD COLUMN place POINT SRID 999999;\n\n-- migrate:down\nALTER TABLE orders DROP COLUMN place;\n'

/** A clone with a branch that misspells a table, and programs that keep what they are asked instead of calling a service. */
function checkout(change = bad): string {
  const config = {
    url: 'mysql://user@127.0.0.1:1',
    databases: { app: { schema: schema().name, migrations: 'migrations/app' } },
    environments: { production: {}, test: {} },
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

/** `npx wwdb` and `npm` of a machine where they are installed. */
function withPrograms(folder: string): string {
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" "${launcher}" "$@"\n`
  for (const [name, script] of Object.entries({ npx, npm: '#!/bin/sh\ntest -n "$APP_URL" && echo "tested by $1"\n' })) {
    writeFileSync(join(folder, 'bin', name), script)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  return folder
}

describe('Jenkins', () => {
  const pipeline = readFileSync(join(root, 'ops/Jenkinsfile'), 'utf8')
  const stages = Object.fromEntries(
    [...pipeline.matchAll(/stage\('(\w+)'\)(.*?)sh ('''|')(.*?)\3/gs)].map(([, name, , , script = '']) => [
      name,
      script,
    ]),
  )

  test('reviews a change request, with a report that has its findings, and tests it', () => {
    expect(Object.keys(stages)).toEqual(['Install', 'Review', 'Test', 'Migrate'])
    const folder = withPrograms(checkout())
    const work = join(folder, 'work')
    // Jenkins fetches the branch of the change alone.
    git(work, 'update-ref', '-d', 'refs/remotes/origin/main')
    const variables = { CHANGE_TARGET: 'main', WWDB_URL: schema().server.url }
    const reviewed = run(folder, stages['Review'] ?? '', variables)
    expect(reviewed.status, reviewed.stderr).toBe(1)
    const report = readFileSync(join(work, 'wwdb-lint.xml'), 'utf8')
    expect(report).toContain('<testsuites')
    expect(report).toContain('UNKNOWN_TABLE')
    writeFileSync(join(work, 'migrations/app/20260102000000_note.sql'), bad.replace('ordres', 'orders'))
    expect(run(folder, stages['Review'] ?? '', variables).status).toBe(0)
    const tested = run(folder, stages['Test'] ?? '', variables)
    expect(tested.status, tested.stderr).toBe(0)
    expect(tested.stdout).toContain('tested by test')
  })

  test('migrates on the default branch', () => {
    const folder = withPrograms(checkout(bad.replace('ordres', 'orders')))
    const migrated = run(folder, stages['Migrate'] ?? '', { WWDB_URL: schema().server.url })
    expect(migrated.status, migrated.stderr).toBe(0)
    const status = run(folder, 'npx wwdb status --exit-code --env production', { WWDB_URL: schema().server.url })
    expect(status.status, status.stdout).toBe(0)
  })
})

test('a runner without Docker does what its page says, twice', async () => {
  const page = readFileSync(join(root, 'docs/operations/build-servers.md'), 'utf8')
  const script = /^```sh\n(.*?)^```/ms.exec(page)?.[1] ?? ''
  const folder = withPrograms(checkout(bad.replace('ordres', 'orders')))
  const place = { WWDB_SANDBOX_DIRECTORY: join(folder, 'sandbox'), WWDB_SANDBOX_PORT: String(await freePorts(1)) }
  try {
    for (const _ of ['first', 'second']) {
      const ended = run(folder, script, place)
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toContain('tested by test')
    }
  } finally {
    run(folder, 'npx wwdb sandbox down --remove --yes', place)
  }
})
