import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { migration } from '../../helpers/tool/stage.ts'
import { launcher } from '../../helpers/tool/tool.ts'

const open = withProvisionStages()
let stage: ProvisionStage

const git = (...words: readonly string[]): string => {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...words], { cwd: stage.folder, encoding: 'utf8' }).trim()
}

/** A project whose first commit has two tables; since then one migration was added, one was lost, and a seed came. */
beforeAll(async () => {
  stage = await open()
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-qm', 'first')
  stage.write('shop/0002_tags.sql', migration('CREATE TABLE tags (id BIGINT PRIMARY KEY);'))
  stage.write('seeds/shop/tags.sql', 'INSERT INTO tags VALUES (1);\n')
})

const tablesOf = async (set: string): Promise<readonly string[]> =>
  (await stage.query(`SHOW TABLES FROM wwdb_${set}_shop`)).map(([table]) => String(table))

describe('a test environment as of a commit', () => {
  test('has what its files make, whatever the work tree has, which is left alone', async () => {
    const { run, name } = stage
    const [now, then] = [name(), name()]
    const before = git('status', '--porcelain')
    for (const words of [
      ['--name', now],
      ['--name', then, '--commit', 'main'],
    ]) {
      const up = await run(['provision', 'up', ...words])
      expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    }
    expect(await tablesOf(now)).toContain('tags')
    expect(await tablesOf(then)).not.toContain('tags')
    expect(await tablesOf(then)).toContain('orders')
    expect(git('status', '--porcelain')).toBe(before)
  })

  test('is what `lint --server` tries a branch on, and what it says where it tried nothing', async () => {
    const { name, run, schemas } = stage
    const lint = ['lint', '--since', 'main', '--server']
    const nothing = await run(lint)
    expect(nothing).toMatchObject({ exitCode: 2 })
    expect(nothing.stderr).toContain(
      'wwdb provision exec --commit origin/main -- wwdb lint --since origin/main --server',
    )
    const set = name()
    const words = ['provision', 'exec', '--name', set, '--commit', 'main', '--', execPath, launcher, ...lint]
    const tried = await stage.start(words).ended
    expect(tried, tried.stderr).toMatchObject({ exitCode: 0 })
    expect(tried.stdout).toContain('1 statement tried in scratch schemas')
    stage.write('shop/0003_place.sql', migration('ALTER TABLE orders ADD COLUMN place POINT SRID 999999;'))
    const found = await stage.start(words).ended
    rmSync(join(stage.folder, 'migrations/shop/0003_place.sql'))
    expect(found).toMatchObject({ exitCode: 1 })
    expect(found.stdout).toContain('999999')
    expect(await schemas(set)).toEqual([])
  })

  test('finds a project in a folder of its repository, and what it lacks there is empty', async () => {
    const { name, run, folder } = stage
    const [set, service] = [name(), join(folder, 'services/shop')]
    for (const part of ['migrations', 'shard-templates', 'wwdb.config.json'])
      cpSync(join(folder, part), join(service, part), { recursive: true })
    rmSync(join(service, 'migrations/people'), { recursive: true })
    rmSync(join(service, 'migrations/shop'), { recursive: true })
    stage.write('services/shop/migrations/shop/0001_one.sql', migration('CREATE TABLE one (id INT PRIMARY KEY);'))
    git('add', 'services')
    git('commit', '-qm', 'a service')
    stage.write('services/shop/migrations/shop/0002_two.sql', migration('CREATE TABLE two (id INT PRIMARY KEY);'))
    const up = await run(['provision', 'up', '--name', set, '--commit', 'HEAD', '--fresh'], { cwd: service })
    expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(set)).toContain('one')
    expect(await tablesOf(set)).not.toContain('two')
    expect(await stage.query(`SHOW TABLES FROM wwdb_${set}_people LIKE 'people'`)).toEqual([])
  })

  test('is refused where there is no such commit, and no repository; nothing is left', async () => {
    const set = stage.name()
    const unknown = await stage.run(['provision', 'up', '--name', set, '--commit', 'no-such'])
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' })
    expect(unknown.stderr).toContain('The commit `no-such` does not exist in this git repository.')
    const other = await open()
    const outside = await other.run(['provision', 'up', '--name', set, '--commit', 'main'])
    expect(outside).toMatchObject({ exitCode: 64, stdout: '' })
    expect(outside.stderr).toContain('`--commit` needs a git repository')
    expect(await stage.schemas(set)).toEqual([])
  })
})
