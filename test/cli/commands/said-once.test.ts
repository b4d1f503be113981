import { describe, expect, test } from 'vitest'
import { commandEntries } from '../../../src/cli/registry.ts'
import { withStages } from '../../helpers/tool/stage.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

const openStage = withStages()

const table = (name: string): string =>
  `-- migrate:up\nCREATE TABLE ${name} (id INT PRIMARY KEY);\n-- migrate:down\nDROP TABLE ${name};\n`

const timesIn = (text: string, part: string): number => text.replace(/\s+/g, ' ').split(part).length - 1

describe('what is said', () => {
  test('each of three hazards that stop migrate is said once, in less than a screen', async () => {
    const stage = await openStage({
      files: { 'app/0001_a.sql': table('a'), 'app/0002_b.sql': table('b'), 'app/0003_c.sql': table('c') },
    })
    await stage.run(['migrate'])
    await stage.query('INSERT INTO a VALUES (1), (2)')
    stage.write(
      'app/0004_gone.sql',
      '-- migrate:up\nDELETE FROM a;\nDROP TABLE b;\nTRUNCATE TABLE c;\n-- migrate:down\nSELECT 1;\n',
    )
    const { exitCode, stdout, stderr } = await stage.run(['migrate'])
    expect(exitCode).toBe(2)
    const all = `${stdout}\n${stderr}`
    for (const code of ['DELETE_ALL_ROWS', 'DROP_TABLE', 'TRUNCATE_TABLE'])
      expect(
        timesIn(all, `Code: ${code}`) + timesIn(all, `✗ ${code}`) + timesIn(all, `(${code})`),
        code,
      ).toBeLessThanOrEqual(1)
    for (const statement of ['DELETE FROM a', 'DROP TABLE b', 'TRUNCATE TABLE c'])
      expect(timesIn(all, statement), all).toBe(1)
    expect(all.trim().split('\n').length).toBeLessThan(30)
  })

  test('plan shows a short statement once', async () => {
    const stage = await openStage({ files: { 'app/0001_a.sql': table('a') } })
    const { stdout } = await stage.run(['plan'])
    expect(timesIn(stdout, 'CREATE TABLE a (id INT PRIMARY KEY)')).toBe(1)
  })

  test('a rollback that removes nothing speaks of no loss, and one that drops a column names it', async () => {
    const stage = await openStage({
      files: {
        'app/0001_a.sql': table('a'),
        'app/0002_less.sql':
          '-- wwdb:accept DROP_COLUMN nothing reads it\n-- migrate:up\nALTER TABLE a DROP COLUMN old;\n-- migrate:down\nALTER TABLE a ADD COLUMN old INT NULL;\n',
        'app/0003_more.sql':
          '-- migrate:up\nALTER TABLE a ADD COLUMN more INT NULL;\n-- migrate:down\nALTER TABLE a DROP COLUMN more;\n',
      },
    })
    stage.write('app/0001_a.sql', table('a').replace('PRIMARY KEY)', 'PRIMARY KEY, old INT NULL)'))
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    const more = await stage.run(['rollback'])
    expect(more.exitCode).toBe(2)
    expect(more.stderr.replace(/\s+/g, ' ')).toContain('Its down part removes data: DROP_COLUMN.')
    expect(await stage.run(['rollback', '--yes'])).toMatchObject({ exitCode: 0 })
    const less = await stage.run(['rollback'])
    expect(less.exitCode).toBe(2)
    expect(less.stderr.replace(/\s+/g, ' ')).toContain('No statement of its down part is known to remove data.')
    expect(less.stderr).not.toMatch(/lost|loses/i)
  })

  test('status, plan and migrate name databases in the order of the configuration', async () => {
    const databases = ['user_db', 'contact_db', 'alpha_db']
    const stage = await openStage({
      databases,
      files: Object.fromEntries(databases.map((name) => [`${name}/0001_a.sql`, table('a')])),
    })
    const orderIn = (text: string): readonly string[] =>
      databases.toSorted((one, other) => text.indexOf(one) - text.indexOf(other))
    for (const words of [['status'], ['plan'], ['migrate'], ['status'], ['history']])
      expect(orderIn((await stage.run(words)).stdout), words.join(' ')).toEqual(databases)
  })
})

describe('a misspelt command', () => {
  const misspelt = commandEntries.map(({ name }) => {
    const words = name.split(' ')
    const last = words.pop() ?? ''
    // A letter typed twice.
    const wrong = `${last}${last.slice(-1)}`
    return { typed: [...words, wrong], meant: name }
  })

  test.each(misspelt)('is answered with `$meant`, and nothing is run', async ({ typed, meant }) => {
    const run = await runToolHere(typed)
    expect(run).toMatchObject({ exitCode: 64, stdout: '' })
    expect(run.stderr).toContain(`Did you mean \`wwdb ${meant}\`?`)
  })
})
