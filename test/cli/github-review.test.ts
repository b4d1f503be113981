import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommentServer, startCommentServer, withRepositories } from '../helpers/github/repository.ts'
import { type Job, type JobEnd, runAction } from '../helpers/github/run-action.ts'
import { withSchema } from '../helpers/servers/schema.ts'
import { git } from '../helpers/tool/git.ts'
import { withProjects } from '../helpers/tool/project.ts'
import { launcher } from '../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const repository = withRepositories()
const project = withProjects()
const schema = withSchema()

const migration = (up: string, down: string): string => `-- migrate:up\n${up};\n\n-- migrate:down\n${down};\n`
const first = migration('CREATE TABLE orders (id BIGINT PRIMARY KEY)', 'DROP TABLE orders')
const bad = migration('ALTER TABLE ordres ADD COLUMN note VARCHAR(80)', 'ALTER TABLE orders DROP COLUMN note')
const good = migration('ALTER TABLE orders ADD COLUMN note VARCHAR(80)', 'ALTER TABLE orders DROP COLUMN note')
/** What only a server knows: that it has no such reference system. */
const refused = migration(
  'ALTER TABLE orders ADD COLUMN place POINT SRID 999999',
  'ALTER TABLE orders DROP COLUMN place',
)

const [one, two] = ['20260101000000_orders.sql', '20260102000000_note.sql']

function files(folder = '', url = 'mysql://user@127.0.0.1:1'): Readonly<Record<string, string>> {
  const databases = { app: { schema: schema().name, migrations: 'migrations/app' } }
  return {
    [`${folder}wwdb.config.json`]: JSON.stringify({ url, databases, environments: { test: {} } }),
    [`${folder}migrations/app/${one}`]: first,
  }
}

let comments: CommentServer
beforeAll(async () => {
  comments = await startCommentServer()
})
afterAll(() => comments.close())

/** The action in a job for pull request 7, from a branch of the repository or from a fork. */
function review(workspace: string, job: Partial<Job> = {}, from = 'acme/shop'): Promise<JobEnd> {
  return runAction(join(root, 'action.yml'), {
    workspace,
    eventName: 'pull_request',
    event: {
      pull_request: { number: 7, head: { repo: { full_name: from } }, base: { repo: { full_name: 'acme/shop' } } },
    },
    ref: 'refs/pull/7/merge',
    baseRef: 'main',
    ...job,
    inputs: { command: `${execPath} ${launcher}`, ...job.inputs },
    variables: { GITHUB_API_URL: comments.url, ...job.variables },
  })
}

/** Neither new nor ignored files. */
function expectUntouched(workspace: string): void {
  expect(git(workspace, 'status', '--porcelain', '--ignored')).toBe('')
}

describe('a pull request', () => {
  test('is reviewed in a shallow clone of its merge commit, with annotations on lines of its diff', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: bad })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const ended = await review(workspace, { inputs: { comment: '' } })
    expect(ended.status, ended.output).toBe(1)
    expect(ended.output).toMatch(/^::error file=migrations\/app\/20260102000000_note\.sql,line=2,.*UNKNOWN_TABLE/m)
    expect(ended.output.match(/^::(error|warning) file=/gm)).toHaveLength(
      ended.output.match(/^::(error|warning) file=migrations\/app\/20260102000000_note\.sql/gm)?.length ?? 0,
    )
    expect(ended.output).not.toContain('The clone is shallow')
    expect(ended.summary).toContain('Did you mean `orders`?')
    expect(ended.summary).not.toContain('::error')
    const sarif = ended.outputs['sarif'] ?? ''
    expect(JSON.parse(readFileSync(sarif, 'utf8')).version).toBe('2.1.0')
    expect(sarif.startsWith(workspace)).toBe(false)
    expectUntouched(workspace)
  })

  test('is told that its file is late, where the main branch has gone on since it began', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: good })
    remote.commit('main', {
      'migrations/app/20260103000000_more.sql': migration(
        'CREATE TABLE more (id BIGINT PRIMARY KEY)',
        'DROP TABLE more',
      ),
    })
    const ended = await review(remote.checkout(remote.openPullRequest(7, 'change'), 1), { inputs: { comment: '' } })
    expect(ended.output).toMatch(/^::error file=migrations\/app\/20260102000000_note\.sql.*LATE/m)
    expect(ended.output).not.toContain('20260103000000_more.sql,')
    expect(ended.status).toBe(1)
  })

  test('keeps a whole clone whole, also where it has only its own branch', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: good })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 0)
    git(workspace, 'update-ref', '-d', 'refs/remotes/origin/main')
    const ended = await review(workspace, { inputs: { comment: '' } })
    expect(ended.status, ended.output).toBe(0)
    expect(git(workspace, 'rev-parse', '--is-shallow-repository')).toBe('false')
  })

  test('has one comment for each folder, which the next run replaces; those of others stay', async () => {
    const remote = repository({ ...files('services/shop/'), ...files('services/stock/') })
    remote.commit('change', {
      [`services/shop/migrations/app/${two}`]: bad,
      [`services/stock/migrations/app/${two}`]: good,
    })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const forged = '<!-- wwdb review of services/shop -->'
    for (const body of ['of a person', forged, 'a third']) comments.add(body)
    for (const directory of ['services/shop', 'services/stock', 'services/shop']) {
      const ended = await review(workspace, { inputs: { directory } })
      expect(ended.status, ended.output).toBe(directory === 'services/shop' ? 1 : 0)
      expect(ended.output).not.toContain('The comment was not written')
      if (ended.status === 1) expect(ended.output).toMatch(/^::error file=services\/shop\/migrations\/app\//m)
    }
    const [, , , shop = '', stock = '', ...more] = comments.bodies()
    expect(comments.bodies().slice(0, 3)).toEqual(['of a person', forged, 'a third'])
    expect(more).toEqual([])
    expect(shop).toContain('### Review of the migrations in `services/shop`')
    expect(shop).toContain('Did you mean `orders`?')
    expect(stock).not.toContain('Did you mean')
    expectUntouched(workspace)
  })

  test('is planned for an environment; no line of its SQL is a command to the runner, nor ends the block of the comment', async () => {
    const remote = repository(files('', schema().server.url))
    const sly = good.replace('ALTER', "UPDATE orders SET id = id WHERE id = '\n::error::forged\n````\n';\nALTER")
    remote.commit('change', { [`migrations/app/${two}`]: sly })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const ended = await review(workspace, { inputs: { comment: '', environment: 'test' } })
    const stop = /^::stop-commands::(\S+)$/m.exec(ended.output)?.[1] ?? ''
    expect(stop).not.toBe('')
    const [before = '', plan = '', after = ''] = ended.output.split(stop)
    expect(plan).toContain('error::forged')
    expect(`${before}${after}`).not.toContain('forged')
    expect(ended.summary).toContain('### Plan')
    expect(ended.summary).toMatch(/^`{5,}$/m)
    expectUntouched(workspace)
  })

  test.each([
    ['an environment', 'test'],
    ['a URL alone', ''],
  ])('is tried on a server where the job has %s', async (_, environment) => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: refused })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const offline = await review(workspace, { inputs: { comment: '' } })
    expect(offline.output).not.toContain('SERVER_REFUSES')
    const asked = await review(workspace, { inputs: { comment: '', environment, url: schema().server.url } })
    expect(asked.output).toMatch(/^::error file=.*20260102000000_note\.sql,line=2,.*SERVER_REFUSES/m)
    expect(readFileSync(asked.outputs['sarif'] ?? '', 'utf8')).toContain('SERVER_REFUSES')
    expect(asked.status).toBe(1)
  })

  test('fails where no server could be asked, and is reviewed without one', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: good })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const ended = await review(workspace, { inputs: { comment: '', environment: 'test' } })
    expect(ended.output).toContain('::warning::No server could be asked: the files were reviewed without one.')
    expect(ended.status).toBe(69)
  })
})

describe('what a review compares with', () => {
  test('is never left out without a word: where it cannot be fetched, the job fails', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: good })
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    git(workspace, 'remote', 'set-url', 'origin', join(workspace, 'nowhere'))
    const ended = await review(workspace, { inputs: { comment: '' } })
    expect(ended.output).toContain('::error::origin/main could not be fetched, so what changed is not known.')
    expect(ended.status).toBe(2)
  })
})

describe('a pull request from a fork', () => {
  test('has no secrets: what needs them is said, and only findings fail it', async () => {
    const remote = repository(files())
    remote.commit('good', { [`migrations/app/${two}`]: good })
    remote.commit('bad', { [`migrations/app/${two}`]: bad })
    comments.refuseWrites()
    const clean = await review(
      remote.checkout(remote.openPullRequest(7, 'good'), 1),
      { inputs: { environment: 'test' } },
      'someone/shop',
    )
    expect(clean.output).toContain('::warning::No server could be asked')
    expect(clean.output).toContain('::warning::There is no plan')
    expect(clean.output).toMatch(/^::notice::The comment was not written: POST .* was answered with 403\./m)
    expect(clean.status, clean.output).toBe(0)
    const wrong = await review(
      remote.checkout(remote.openPullRequest(7, 'bad'), 1),
      { inputs: { environment: 'test' } },
      'someone/shop',
    )
    expect(wrong.output).toContain('UNKNOWN_TABLE')
    expect(wrong.status).toBe(1)
  })
})

describe('a push', () => {
  const event = (before: string) => ({ before, repository: { default_branch: 'main' } })
  const push = (workspace: string, before: string, ref = 'refs/heads/main') =>
    review(workspace, { eventName: 'push', event: event(before), ref, baseRef: '' })

  test('to the default branch is compared with what it began at, in a shallow clone, too', async () => {
    const remote = repository({ ...files(), 'migrations/app/20260101050000_old.sql': bad })
    const before = remote.commit('main', { 'notes.txt': 'x' })
    const after = remote.commit('main', { [`migrations/app/${two}`]: bad })
    const ended = await push(remote.checkout(after, 1), before)
    expect(ended.output).toContain('20260102000000_note.sql,')
    expect(ended.output).not.toContain('20260101050000_old.sql,')
    expect(ended.status).toBe(1)
    const forced = await push(remote.checkout(after, 1), '0'.repeat(40))
    expect(forced.output).toContain('::notice::There is nothing to compare with: all files are reviewed.')
    expect(forced.output).toContain('20260101050000_old.sql,')
  })

  test('to a branch is compared with the default branch, and a merge group with its base', async () => {
    const remote = repository({ ...files(), 'migrations/app/20260101050000_old.sql': bad })
    const change = remote.commit('change', { [`migrations/app/${two}`]: bad })
    const branch = await push(remote.checkout(change, 1), '0'.repeat(40), 'refs/heads/change')
    const base = git(remote.checkout(change, 0), 'rev-parse', 'origin/main')
    const group = await review(remote.checkout(change, 1), {
      eventName: 'merge_group',
      event: { merge_group: { base_sha: base } },
      ref: 'refs/heads/gh-readonly-queue/main/pr-7',
      baseRef: '',
    })
    for (const { output, status } of [branch, group]) {
      expect(output).toContain('20260102000000_note.sql,')
      expect(output).not.toContain('20260101050000_old.sql,')
      expect(status).toBe(1)
    }
  })
})

describe('the version that runs', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

  /** A program in place of npx, which tells what it was asked for, with the secrets that it sees, and is the built wwdb. */
  function fakeNpx(): string {
    const folder = project({})
    const script = `#!/bin/sh\necho "$@$TOKEN" >> "${folder}/asked.txt"\nshift 2\nexec "${execPath}" "${launcher}" "$@"\n`
    writeFileSync(join(folder, 'npx'), script)
    chmodSync(join(folder, 'npx'), 0o755)
    return folder
  }

  test('is the one that the tag of the action names, where the project has none', async () => {
    const remote = repository(files())
    remote.commit('change', { [`migrations/app/${two}`]: good })
    const folder = fakeNpx()
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const ended = await review(workspace, { inputs: { command: '', comment: '' }, path: [folder] })
    expect(ended.status, ended.output).toBe(0)
    for (const line of readFileSync(join(folder, 'asked.txt'), 'utf8').trim().split('\n'))
      expect(line).toMatch(new RegExp(`^--yes wwdb@${version.replaceAll('.', '\\.')} lint `))
    expect(readFileSync(join(folder, 'asked.txt'), 'utf8')).not.toContain('token-of-the-job')
  })

  test('is the one that the project has installed, which is said where it is another one', async () => {
    const remote = repository(files('services/shop/'))
    remote.commit('change', { [`services/shop/migrations/app/${two}`]: good })
    const folder = fakeNpx()
    const workspace = remote.checkout(remote.openPullRequest(7, 'change'), 1)
    const installed = join(workspace, 'node_modules/wwdb')
    mkdirSync(join(installed, 'bin'), { recursive: true })
    writeFileSync(join(installed, 'package.json'), JSON.stringify({ version: '9.9.9', bin: { wwdb: 'bin/wwdb.js' } }))
    symlinkSync(launcher, join(installed, 'bin/wwdb.js'))
    const inputs = { command: '', comment: '', directory: 'services/shop' }
    const ended = await review(workspace, { inputs, path: [folder] })
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain(`::notice::The project's own wwdb 9.9.9 is used. This action is of ${version}.`)
    expect(existsSync(join(folder, 'asked.txt'))).toBe(false)
  })
})
