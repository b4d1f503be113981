import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

test('rebase renames what sorts before applied files, with the headers and wwdb.sum, and refuses what ran somewhere', async () => {
  const databases = ['user_db', 'app']
  const stage = await openStage({
    databases,
    files: { 'user_db/0001_a.sql': tableMigration('a'), 'app/0001_b.sql': tableMigration('b') },
    configuration: { environments: { far: { url: 'mysql://root@127.0.0.1:1' } } },
  })
  const here = ['--skip-unreached']
  stage.write('user_db/0002_main.sql', tableMigration('main'))
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  stage.write('user_db/0002_branch.sql', tableMigration('branch'))
  stage.write('user_db/0003_more.sql', tableMigration('more'))
  stage.write('app/0002_needs.sql', tableMigration('needs', '-- wwdb:requires user_db/0003'))
  expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 1 })

  const far = await stage.run(['rebase'])
  expect(far).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('The journals of far could not be read') })
  const dry = await stage.run(['rebase', '--dry-run', ...here])
  expect(dry).toMatchObject({ exitCode: 0 })
  expect(dry.stdout).toBe(
    'migrations/user_db/0002_branch.sql -> migrations/user_db/0003_branch.sql\n' +
      'migrations/user_db/0003_more.sql -> migrations/user_db/0004_more.sql\n',
  )
  const run = await stage.run(['rebase', ...here])
  expect(run, run.stderr).toMatchObject({ exitCode: 0 })
  expect(readdirSync(join(stage.folder, 'migrations/user_db'))).toEqual([
    '0001_a.sql',
    '0002_main.sql',
    '0003_branch.sql',
    '0004_more.sql',
  ])
  expect(readFileSync(join(stage.folder, 'migrations/app/0002_needs.sql'), 'utf8')).toContain('requires user_db/0004\n')
  expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['rebase', ...here])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('No pending file sorts'),
  })

  // Another environment ran what is pending here, and what ran here sorts behind it.
  const other = { environment: { WWDB_PREFIX: `${stage.prefix}other_` } }
  expect(await stage.run(['db', 'create'], other)).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['migrate'], other)).toMatchObject({ exitCode: 0 })
  stage.write('user_db/0005_last.sql', tableMigration('last'))
  expect(await stage.run(['validate', '--write-sum'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['mark', '0005', '--applied', '-t', 'user_db'])).toMatchObject({ exitCode: 0 })
  const config = JSON.parse(readFileSync(join(stage.folder, 'wwdb.config.json'), 'utf8'))
  stage.write(
    'wwdb.config.json',
    JSON.stringify({ ...config, environments: { other: { prefix: `${stage.prefix}other_` } } }),
  )
  const refused = await stage.run(['rebase'])
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('0003_branch.sql` ran in other') })

  stage.write('app/0001_late.sql', tableMigration('late'))
  expect(await stage.run(['rebase', '-t', 'app'])).toMatchObject({ exitCode: 0 })
  const sum = readFileSync(join(stage.folder, 'migrations/app/wwdb.sum'), 'utf8')
  expect(sum).toContain('0003_late.sql')
  expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })
})
