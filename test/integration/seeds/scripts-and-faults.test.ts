import { describe, expect, test } from 'vitest'
import { shopFiles } from '../../helpers/seeds/seed-stage.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const migrations = { 'app/0001_shop.sql': shopFiles['app/0001_shop.sql'] ?? '' }

async function openShop(files: Readonly<Record<string, string>>, configuration: object = {}): Promise<Stage> {
  const stage = await openStage({ files: { ...migrations, ...files }, configuration })
  expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
  return stage
}

const categories = (rows: string, more = ''): string => `table: categories
key: code
references:
  parent: { table: categories, key: code }
${more}rows:
${rows}`

describe('seeds that are programs', () => {
  test('run once for each text, after the rows, in one transaction with them', async () => {
    const stage = await openShop({
      'seeds/app/categories.yaml': categories('  - { code: a, title: A }\n'),
      'seeds/app/10_count.sql': `-- wwdb:when environment!=production
SET @rank = 5;
UPDATE {{schema:app}}.categories SET rank_no = @rank WHERE code = 'a';
INSERT INTO categories (code, title) VALUES ('sql', 'from SQL; once');
`,
      'seeds/app/20_more.ts': `// wwdb:when environment!=production
export async function seed(knex: any): Promise<void> {
  await knex('categories').insert({ code: 'ts', title: 'from TypeScript' })
}
`,
      'seeds/app/30_never.sql': `-- wwdb:when environment=production\nDELETE FROM categories;\n`,
    })
    const first = await stage.json(['seed'])
    expect(first.answer['outcomes']).toMatchObject([
      {
        state: 'done',
        scripts: [
          { file: 'seeds/app/10_count.sql', state: 'new' },
          { file: 'seeds/app/20_more.ts', state: 'new' },
        ],
      },
    ])
    expect(await stage.query('SELECT code, rank_no FROM categories ORDER BY id')).toEqual([
      ['a', 5],
      ['sql', 0],
      ['ts', 0],
    ])
    expect((await stage.run(['seed'])).stdout).toContain('nothing to do')
    stage.write(
      'seeds/app/20_more.ts',
      `export const seed = async (knex: any) => { await knex('categories').where({ code: 'ts' }).update({ title: 'again' }) }\n`,
    )
    expect((await stage.json(['seed'])).answer['outcomes']).toMatchObject([
      { scripts: [{ state: 'same' }, { file: 'seeds/app/20_more.ts', state: 'changed' }] },
    ])
    expect(await stage.query(`SELECT title FROM categories WHERE code = 'ts'`)).toEqual([['again']])
    const history = await stage.run(['history'])
    expect(history.stdout).toMatch(/up seed +S__rows/)
    expect(history.stdout).toMatch(/up seed +S__20_more.ts/)
    // What seeds ran is no business of migrations.
    expect((await stage.run(['status'])).stdout).not.toContain('S__')
    expect(await stage.run(['validate'])).toMatchObject({ exitCode: 0 })
  })

  test('that fail leave nothing behind, not even rows that went before', async () => {
    const stage = await openShop({
      'seeds/app/categories.yaml': categories('  - { code: a, title: A }\n'),
      'seeds/app/bad.sql': `INSERT INTO categories (code, title) VALUES ('b', 'B');\nINSERT INTO categories (code) VALUES ('c');\n`,
    })
    const run = await stage.run(['seed'])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('seeds/app/bad.sql:2:1')
    expect(run.stderr).toContain("Field 'title' doesn't have a default value")
    expect(run.stdout).toContain('failed, rolled back')
    expect(await stage.query('SELECT COUNT(*) FROM categories')).toEqual([[0]])
    expect(await stage.query('SELECT COUNT(*) FROM wwdb_seed_rows')).toEqual([[0]])
    stage.write('seeds/app/bad.sql', `INSERT INTO categories (code, title) VALUES ('b', 'B');\n`)
    expect(await stage.run(['seed'])).toMatchObject({ exitCode: 0 })
    stage.write('seeds/app/bad.mjs', `export async function seed(knex) { await knex.raw('TRUNCATE articles') }\n`)
    expect((await stage.run(['seed'])).stderr).toContain('cannot run TRUNCATE')
    stage.write('seeds/app/bad.mjs', `export async function seed() { throw new Error('no such luck') }\n`)
    expect((await stage.run(['seed'])).stderr).toContain('no such luck')
  })

  test('may take as long as a statement may: then they are ended at the server, and nothing is kept', async () => {
    const stage = await openShop({
      'seeds/app/categories.yaml': categories('  - { code: a, title: A }\n'),
      'seeds/app/slow.sql': `UPDATE categories SET rank_no = SLEEP(600) WHERE code = 'a';\n`,
    })
    const run = await stage.run(['seed', '--statement-timeout', '500ms'])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain('seeds/app/slow.sql:1:1')
    expect(run.stderr).toContain('it took longer than --statement-timeout')
    expect(await stage.query('SELECT COUNT(*) FROM categories')).toEqual([[0]])
    stage.remove('seeds/app/slow.sql')
    stage.write(
      'seeds/app/slow.mjs',
      `export const seed = (knex) => knex.raw("UPDATE categories SET rank_no = SLEEP(600) WHERE code = 'a'")\n`,
    )
    const module = await stage.run(['seed', '--statement-timeout', '500ms'])
    expect(module.exitCode).toBe(2)
    expect(module.stderr).toContain('it took longer than --statement-timeout')
    expect(await stage.query('SELECT COUNT(*) FROM categories')).toEqual([[0]])
  })
})

test('environments choose rows by file and by row, and prune spares those of others', async () => {
  const configuration = { environments: { test: {}, production: {} } }
  const stage = await openShop(
    {
      'seeds/app/all.yaml': categories('  - { code: a, title: A }\n  - { code: t, title: T, $environments: test }\n'),
      'seeds/app/test.yaml': categories(
        '  - { code: t2, title: T2 }\n  - { code: x, title: X, $environments: [production] }\n',
        'environments: [test]\n',
      ),
    },
    configuration,
  )
  const codes = () => stage.query('SELECT code FROM categories ORDER BY code')
  await stage.run(['seed', '--env', 'production'])
  expect(await codes()).toEqual([['a']])
  await stage.run(['seed', '--env', 'test'])
  expect(await codes()).toEqual([['a'], ['t'], ['t2']])
  expect((await stage.run(['seed', '--env', 'production', '--prune'])).stdout).toContain('nothing to do')
  await stage.run(['seed', '--only', 'test', '--env', 'test'])
  expect(await codes()).toEqual([['a'], ['t'], ['t2']])

  stage.write('seeds/app/test.yaml', categories('  - { code: u, title: U }\n', 'environments: [test, prodution]\n'))
  const misspelt = await stage.run(['seed', '--env', 'test'])
  expect(misspelt.exitCode).toBe(2)
  expect(misspelt.stderr).toContain('The environment `prodution` does not exist, so this would never be seeded.')
  expect(misspelt.stderr).toContain('Did you mean `production`? Possible values: `test`, `production`.')
})

test('validate checks seeds without a server', async () => {
  const stage = await openStage({ files: { ...shopFiles, 'seeds/app/bad.yaml': 'table: a\nkye: id\n' }, create: false })
  const run = await stage.run(['validate'])
  expect(run.exitCode).toBe(1)
  expect(run.stdout).toContain('seeds/app/bad.yaml:2:1')
  stage.remove('seeds/app/bad.yaml')
  expect((await stage.run(['validate'])).stdout).toContain('3 files with 6 statements: no faults')
})

describe('faults of the files are reported before anything is written', () => {
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'an unknown key of the file',
      categories('  - { code: a, title: A }\n').replace('key:', 'kye:'),
      ['seeds/app/f.yaml:2:1', 'Did you mean `key`?'],
    ],
    [
      'an unknown column',
      categories('  - { code: a, titel: A, title: B }\n'),
      ['seeds/app/f.yaml:6:23', 'has no column `titel`', 'Did you mean `title`?'],
    ],
    [
      'an unknown table',
      'table: categorys\nkey: code\nrows: []\n',
      ['The table `categorys` does not exist', 'wwdb migrate'],
    ],
    ['broken YAML', 'table: [\n', ['The file is not valid YAML']],
    ['a key twice in a map', 'table: a\ntable: b\n', ['seeds/app/f.yaml:2:1', 'The file is not valid YAML']],
    [
      'a reference that names nothing',
      categories('  - { code: a, title: A, parent: nobody }\n'),
      ['seeds/app/f.yaml:6:34', 'The reference `parent` matches no row', 'code "nobody"'],
    ],
    [
      'a ring',
      categories('  - { code: a, title: A, parent: b }\n  - { code: b, title: B, parent: a }\n'),
      ['2 rows reference each other in a circle'],
    ],
    [
      'a row that refers to itself',
      categories('  - { code: a, title: A, parent: a }\n'),
      ['The row references itself'],
    ],
    [
      'a row twice',
      categories('  - { code: a, title: A }\n  - { code: a, title: B }\n'),
      ['has two rows with code a', 'seeds/app/f.yaml:6'],
    ],
    [
      'a row twice to the collation',
      categories('  - { code: a, title: A }\n  - { code: Ä, title: B }\n'),
      ['treats the keys of two rows as equal', 'seeds/app/f.yaml:7'],
    ],
    [
      'a key that no unique key backs',
      categories('  - { code: a, title: A }\n').replace('key: code\nref', 'key: title\nref'),
      ['does not identify the rows of `categories`', 'Choose a unique key of the table ((id), (code))'],
    ],
    [
      'a key that is empty',
      categories('  - { code: ~, title: A }\n'),
      ['"code" is part of the key of the row and cannot be empty'],
    ],
    ['a missing value', categories('  - { code: a }\n'), ['The row has no value for `title`, which has no default.']],
    [
      'values that do not fit, all of them',
      categories(
        `  - { code: a, title: ${'x'.repeat(41)} }\n  - { code: b, title: B, rank_no: many }\n  - { code: c, title: ~ }\n`,
      ),
      [
        'seeds/app/f.yaml:6:23',
        "Data too long for column 'title'",
        'seeds/app/f.yaml:7:',
        'Incorrect integer value',
        'seeds/app/f.yaml:8',
        'cannot be null',
      ],
    ],
    [
      'a column that MySQL computes',
      'table: articles\nkey: [category, name]\nreferences: { category: { table: categories, key: code } }\nrows:\n  - { category: a, name: N, doubled: 3 }\n',
      ['MySQL computes the generated column `doubled`'],
    ],
    ['rows and a matrix', categories('  - { code: a, title: A }\n', 'matrix: {}\n'), ['rows or a matrix, not both']],
    [
      'an unknown key of a row',
      categories('  - { code: a, title: A, $env: test }\n'),
      ['A row has no key `$env`', '$environments'],
    ],
    [
      'an environment where there are none',
      categories('  - { code: a, title: A, $environments: test }\n'),
      ['seeds/app/f.yaml:6:41', 'The environment `test` does not exist', 'The configuration has no environments.'],
    ],
    [
      'a reference to another schema',
      categories('  - { code: a, title: A }\n').replace('table: categories, key', 'table: x.categories, key'),
      ['References stay within one logical database'],
    ],
  ]
  let stage: Stage | null = null

  test.each(wrong)('%s', async (_, text, said) => {
    stage ??= await openShop({})
    stage.write('seeds/app/f.yaml', text)
    const run = await stage.run(['seed'])
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    for (const part of said) expect(run.stderr).toContain(part)
    expect(await stage.tables()).toEqual(['articles', 'categories', 'orders'])
  })

  test.each([
    ['definitions', 'f.sql', 'CREATE TABLE t (id INT);\n', 'A seed cannot run CREATE TABLE.'],
    ['COMMIT', 'f.sql', 'INSERT INTO orders VALUES (1, NULL);\nCOMMIT;\n', 'seeds/app/f.sql:2:1'],
    ['a header of migrations', 'f.sql', '-- wwdb:requires app/0001\nDO 0;\n', 'is for migrations'],
    ['no statement', 'f.sql', '-- nothing\n', 'The file has no statements.'],
    ['loose JSON', 'f.json', '{ "table": "orders", // x\n "key": "id", "rows": [] }\n', 'The file is not valid JSON'],
    ['a name that is none', 'f.txt', '', 'is not the name of a seed'],
    ['an older function', 'f.mjs', 'export const run = 1\n', 'The file exports no function `seed`.'],
  ])('%s', async (_, name, text, said) => {
    const own = await openShop({ [`seeds/app/${name}`]: text })
    const run = await own.run(['seed'])
    expect(run.exitCode).toBe(2)
    expect(run.stderr).toContain(said)
  })
})
