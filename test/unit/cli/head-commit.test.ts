import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readHeadCommit } from '../../../src/cli/head-commit.ts'

const folder = mkdtempSync(join(tmpdir(), 'wwdb-head-'))
const repository = join(folder, 'repository')
const inside = join(repository, 'a', 'b')
const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
const who = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main']

function git(cwd: string, ...words: readonly string[]): string {
  return execFileSync('git', [...who, ...words], { cwd, encoding: 'utf8', env: { ...process.env, ...quiet } }).trim()
}

beforeAll(() => {
  mkdirSync(inside, { recursive: true })
  git(repository, 'init', '-q')
  git(repository, 'commit', '-q', '--allow-empty', '-m', 'first')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the commit that is checked out is what git says', () => {
  const expectSame = async (cwd: string): Promise<void> => {
    const head = git(cwd, 'rev-parse', 'HEAD')
    expect(head).toMatch(/^[0-9a-f]{40}$/)
    expect(await readHeadCommit(cwd, {})).toBe(head)
  }

  it('on a branch, in a folder of it, with packed references, on none, and in another work tree', async () => {
    await expectSame(repository)
    await expectSame(inside)
    git(repository, 'pack-refs', '--all')
    await expectSame(inside)
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'second')
    await expectSame(repository)
    git(repository, 'worktree', 'add', '-q', join(folder, 'other'), '-b', 'other/branch', 'HEAD~1')
    await expectSame(join(folder, 'other'))
    git(repository, 'pack-refs', '--all')
    await expectSame(join(folder, 'other'))
    git(repository, 'checkout', '-q', '--detach')
    await expectSame(repository)
  })
})

describe('git itself is asked', () => {
  it('for a branch without a commit, for a reference that is not as expected, and where a variable names a repository', async () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    git(empty, 'init', '-q')
    expect(await readHeadCommit(empty, {})).toBeUndefined()
    writeFileSync(join(empty, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n')
    expect(await readHeadCommit(empty, {})).toBeUndefined()
    writeFileSync(join(empty, '.git', 'HEAD'), 'something else\n')
    expect(await readHeadCommit(empty, {})).toBeUndefined()
    expect(await readHeadCommit(repository, { GIT_DIR: join(empty, '.git') })).toBeUndefined()
  })
})

it('a folder in no repository has no commit', async () => {
  expect(await readHeadCommit(folder, {})).toBeNull()
})
