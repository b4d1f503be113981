import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { git } from '../../helpers/tool/git.ts'
import { migration } from '../../helpers/tool/stage.ts'
import { launcher } from '../../helpers/tool/tool.ts'

const open = withProvisionStages()
let stage: ProvisionStage

/** A project whose first commit has two tables; since then one migration was added, one was lost, and a seed came. */
beforeAll(async () => {
  stage = await open()
  git(stage.folder, 'init', '-q', '-b', 'main')
  git(stage.folder, 'add', '-A')
  git(stage.folder, 'commit', '-qm', 'first')
  stage.write('shop/0002_tags.sql', migration('CREATE TABLE tags (id BIGINT PRIMARY KEY);'))
  stage.write('seeds/shop/tags.sql', 'INSERT INTO tags VALUES (1);\n')
})

const tablesOf = async (set: string): Promise<readonly string[]> =>
  (await stage.query(`SHOW TABLES FROM wwdb_${set}_shop`)).map(([table]) => String(table))

describe('a test environment as of a commit', () => {
  test('has what its files make, whatever the work tree has, which is left alone', async () => {
    const { run, name } = stage
    const [now, then] = [name(), name()]
    const before = git(stage.folder, 'status', '--porcelain')
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
    expect(git(stage.folder, 'status', '--porcelain')).toBe(before)
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
    git(stage.folder, 'add', 'services')
    git(stage.folder, 'commit', '-qm', 'a service')
    stage.write('services/shop/migrations/shop/0002_two.sql', migration('CREATE TABLE two (id INT PRIMARY KEY);'))
    const up = await run(['provision', 'up', '--name', set, '--commit', 'HEAD', '--fresh'], { cwd: service })
    expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    expect(await tablesOf(set)).toContain('one')
    expect(await tablesOf(set)).not.toContain('two')
    expect(await stage.query(`SHOW TABLES FROM wwdb_${set}_people LIKE 'people'`)).toEqual([])
  })

  test('runs code with what it imports from elsewhere, as the commit has it, and what a workspace has installed', async () => {
    const { name, run, folder } = stage
    const [now, then, service] = [name(), name(), join(folder, 'services/code')]
    for (const part of ['migrations', 'shard-templates', 'wwdb.config.json'])
      cpSync(join(folder, part), join(service, part), { recursive: true })
    rmSync(join(service, 'migrations/shop'), { recursive: true })
    stage.write('node_modules/installed/package.json', '{ "type": "module", "exports": "./index.js" }')
    stage.write('node_modules/installed/index.js', 'export const number = 7\n')
    stage.write('services/code/package.json', '{ "type": "module" }')
    stage.write('services/code/lib/note.js', "export const note = 'old'\n")
    stage.write(
      'services/code/migrations/shop/0001_notes.sql',
      migration('CREATE TABLE notes (note VARCHAR(9), n INT);'),
    )
    stage.write(
      'services/code/migrations/shop/0002_code.js',
      "import { number } from 'installed'\nimport { note } from '../../lib/note.js'\nexport async function up(knex) {\n  await knex('notes').insert({ note, n: number })\n}\n",
    )
    git(stage.folder, 'add', 'services')
    git(stage.folder, 'commit', '-qm', 'code')
    stage.write('services/code/lib/note.js', "export const note = 'young'\n")
    for (const words of [
      ['--name', now],
      ['--name', then, '--commit', 'HEAD'],
    ]) {
      const up = await run(['provision', 'up', ...words], { cwd: service })
      expect(up, up.stderr).toMatchObject({ exitCode: 0 })
    }
    expect(await stage.query(`SELECT * FROM wwdb_${now}_shop.notes`)).toEqual([['young', 7]])
    expect(await stage.query(`SELECT * FROM wwdb_${then}_shop.notes`)).toEqual([['old', 7]])
  })

  test('is refused where the folder of a database is a submodule, of which a commit has no file', async () => {
    const { folder, name, run, schemas } = stage
    const set = name()
    const other = join(folder, 'services/apart')
    cpSync(join(folder, 'migrations'), join(other, 'db'), { recursive: true })
    cpSync(join(folder, 'shard-templates'), join(other, 'shard-templates'), { recursive: true })
    const config = {
      url: stage.url,
      databases: { shop: { migrations: 'db/shop' }, people: { migrations: 'db/people' } },
    }
    stage.write('services/apart/wwdb.config.json', JSON.stringify(config))
    git(stage.folder, 'init', '-q', join(other, 'db'))
    git(stage.folder, '-C', join(other, 'db'), 'add', '-A')
    git(stage.folder, '-C', join(other, 'db'), 'commit', '-qm', 'a repository of its own')
    git(stage.folder, 'add', 'services/apart')
    git(stage.folder, 'commit', '-qm', 'a submodule')
    const up = await run(['provision', 'up', '--name', set, '--commit', 'HEAD'], { cwd: other })
    expect(up).toMatchObject({ exitCode: 64, stdout: '' })
    expect(up.stderr).toContain('has no files in `services/apart/db`: that folder is a submodule')
    expect(await schemas(set)).toEqual([])
  })

  test('is refused where there is no such commit, and no repository; nothing is left', async () => {
    const set = stage.name()
    const unknown = await stage.run(['provision', 'up', '--name', set, '--commit', 'no-such'])
    expect(unknown).toMatchObject({ exitCode: 64, stdout: '' })
    expect(unknown.stderr).toContain('The commit `no-such` does not exist in this git repository.')
    for (const odd of ['^HEAD', 'HEAD..HEAD']) {
      const refused = await stage.run(['provision', 'up', '--name', set, `--commit=${odd}`])
      expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
      expect(refused.stderr).toContain(`The commit \`${odd}\` does not exist`)
    }
    const other = await open()
    const outside = await other.run(['provision', 'up', '--name', set, '--commit', 'main'])
    expect(outside).toMatchObject({ exitCode: 64, stdout: '' })
    expect(outside.stderr).toContain('`--commit` needs a git repository')
    expect(await stage.schemas(set)).toEqual([])
  })
})
