import { expect, test } from 'vitest'
import { type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

async function applied(): Promise<Stage> {
  const stage = await openStage({
    files: { 'app/0001_a.sql': tableMigration('a'), 'app/0002_b.sql': tableMigration('b') },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  return stage
}

test.each([
  ['state', "UPDATE wwdb_journal SET state = 'bogus' WHERE pass = 2", 'in the state `bogus`'],
  ['pass', 'UPDATE wwdb_journal SET pass = 18446744073709551615 WHERE pass = 2', 'has a pass 18446744073709551615'],
  ['format', "UPDATE wwdb_journal SET name = 'x' WHERE pass = 0 AND version = 'format'", 'has format `x`'],
  ['later format', "UPDATE wwdb_journal SET name = '2' WHERE pass = 0 AND version = 'format'", 'has format `2`'],
])(
  'a row of the journal with a %s that no wwdb writes stops a run, and nothing runs again',
  async (_, damage, what) => {
    const stage = await applied()
    await stage.query(damage)
    for (const args of [['migrate', '--yes'], ['status'], ['rollback', '--yes'], ['drift']]) {
      const run = await stage.run(args)
      expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(what) })
      expect(run.stderr).not.toMatch(/had run|newer wwdb|DEFECT|Zod/)
    }
    expect(await stage.tables()).toEqual(['a', 'b'])
  },
)

test('the statement that the finding names lets runs go on', async () => {
  const stage = await applied()
  await stage.query("UPDATE wwdb_journal SET state = 'bogus' WHERE pass = 2")
  const { stderr } = await stage.run(['migrate', '--yes'])
  const repair = /run `(UPDATE .*?'bogus')`/.exec(stderr)?.[1] ?? ''
  await stage.query(repair)
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await stage.run(['status', '--exit-code'])).toMatchObject({ exitCode: 0 })
})

test('a record whose definitions were written over is called damaged, not a defect of wwdb', async () => {
  for (const damage of ["definition = '{}'", "definition = 'x'", "definition = '{}' WHERE kind = 'table'"]) {
    const stage = await applied()
    await stage.query(`UPDATE wwdb_schema SET ${damage}`)
    await stage.query('ALTER TABLE a ADD COLUMN hand INT')
    stage.write('app/0003_c.sql', tableMigration('c'))
    for (const args of [['status'], ['drift'], ['migrate', '--yes'], ['drift', '--sql'], ['repair']]) {
      const run = await stage.run(args)
      expect(run.stderr + run.stdout, args.join(' ')).not.toMatch(/DEFECT|Zod|invalid_type|The journal of/)
    }
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('The record of the schema of `app` is damaged'),
    })
    expect(await stage.tables()).toEqual(['a', 'b'])
    const replayed = await stage.run(['drift', '--replay'])
    expect(replayed.stdout + replayed.stderr).toContain('column hand is not expected')
    expect(await stage.run(['repair', '--rebuild-record', '--target', 'app'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  }
})

test('conflict markers of git in a migration are called that', async () => {
  for (const text of [
    '-- migrate:up\nCREATE TABLE a (\n<<<<<<< HEAD\n  id INT PRIMARY KEY\n=======\n  id BIGINT PRIMARY KEY\n>>>>>>> other\n);\n',
    '-- migrate:up\n<<<<<<< HEAD\nCREATE TABLE a (id INT PRIMARY KEY);\n=======\nCREATE TABLE b (id INT PRIMARY KEY);\n>>>>>>> other\n',
    '<<<<<<< HEAD\n-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n=======\n-- migrate:up\nCREATE TABLE b (id INT PRIMARY KEY);\n>>>>>>> other\n',
  ]) {
    const stage = await openStage({ files: { 'app/0001_a.sql': text } })
    for (const args of [['migrate', '--yes'], ['lint'], ['validate']]) {
      const run = await stage.run(args)
      expect(run.exitCode).toBe(args[0] === 'migrate' ? 2 : 1)
      expect(run.stdout + run.stderr).toContain('0001_a.sql` contains git conflict markers')
    }
    expect(await stage.tables()).toEqual([])
  }
})
