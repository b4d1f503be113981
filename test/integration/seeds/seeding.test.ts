import { beforeAll, describe, expect, test } from 'vitest'
import { nextNumber, rowsOf, shopFiles } from '../../helpers/seeds/seed-stage.ts'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const seeded = ['categories', 'articles', 'wwdb_seed_rows', 'wwdb_journal']

const picture = (stage: Stage): Promise<readonly string[]> => Promise.all(seeded.map((table) => rowsOf(stage, table)))

async function counters(stage: Stage): Promise<readonly number[]> {
  return [await nextNumber(stage, 'categories'), await nextNumber(stage, 'articles')]
}

function seedFile(table: string, rows: string, more = ''): string {
  return `table: ${table}\nkey: ${table === 'articles' ? '[category, name]' : 'code'}\nreferences:\n  ${
    table === 'articles' ? 'category' : 'parent'
  }: { table: categories, key: code }\n${more}rows:\n${rows}`
}

describe.each(versionsInTurn(import.meta.url))('seeding on MySQL %s', (version) => {
  let stage: Stage
  const query = (sql: string) => stage.query(sql)
  const seed = async (...args: readonly string[]) => {
    const run = await stage.json(['seed', ...args])
    const [outcome] = run.answer['outcomes'] as readonly {
      readonly rows: readonly {
        readonly action: string
        readonly key: Record<string, string>
        readonly changes: unknown[]
      }[]
      readonly unchanged: number
      readonly state: string
    }[]
    const did = outcome?.rows.map(({ action, key }) => `${action} ${Object.values(key).join('/')}`).toSorted()
    return { exitCode: run.exitCode, state: outcome?.state, did, outcome }
  }

  beforeAll(async () => {
    stage = await openStage({ files: shopFiles, url: (await testServerOf(version)).url })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    expect(await query('SELECT @@innodb_autoinc_lock_mode')).toEqual([[2]])
    // A row that people added before, and one that the seeds want just as it is.
    await query(`INSERT INTO categories (code, title) VALUES ('mine', 'Meins')`)
  })

  test('a plan writes nothing', async () => {
    expect(await seed('plan')).toMatchObject({ exitCode: 0, state: 'planned' })
    expect(await stage.run(['seed', 'plan', '--exit-code'])).toMatchObject({ exitCode: 1 })
    expect(await stage.tables()).not.toContain('wwdb_seed_rows')
    expect(await query('SELECT COUNT(*) FROM articles')).toEqual([[0]])
  })

  test('the first run inserts in the order of references, with the values that the files have', async () => {
    expect(await seed()).toMatchObject({ exitCode: 0, state: 'done' })
    expect(
      await query(
        `SELECT c.code, c.title, p.code, c.rank_no FROM categories c LEFT JOIN categories p ON p.id = c.parent_id ORDER BY c.id`,
      ),
    ).toEqual([
      ['mine', 'Meins', null, 0],
      ['drinks', '饮料', null, 0],
      ['bread', 'Brot', null, 7],
      ['wine', 'Wein', 'drinks', 0],
    ])
    expect(
      await query(
        `SELECT c.code, a.name, a.price, a.weight, CAST(a.options AS CHAR), a.since, a.kind, HEX(a.code), a.doubled FROM articles a JOIN categories c ON c.id = a.category_id ORDER BY a.id`,
      ),
    ).toEqual([
      ['bread', 'Roggen', '3.20', null, null, null, 'new', '6162', '6.40'],
      ['wine', 'Rotwein', '9.50', 1.25, '{"a": null, "b": [1, true]}', '2026-01-02', null, null, '19.00'],
    ])
    // Four and two rows: not a number was burnt.
    expect(await counters(stage)).toEqual([5, 3])
  })

  test('a second run writes nothing: no row, no number, no time, no journal', async () => {
    const before = [await picture(stage), await counters(stage)]
    expect(await seed()).toMatchObject({ state: 'nothing-to-do', did: [], outcome: { unchanged: 5 } })
    expect([await picture(stage), await counters(stage)]).toEqual(before)
    expect(await stage.run(['seed', 'plan', '--exit-code'])).toMatchObject({ exitCode: 0 })
  })

  test('a value of the file that changed is written, and nothing else of the row', async () => {
    const [before] = await query(`SELECT id, rank_no FROM categories WHERE code = 'bread'`)
    stage.write('seeds/app/categories.yaml', (shopFiles['seeds/app/categories.yaml'] ?? '').replace('Brot', 'Brote'))
    const untouched = await query(`SELECT id, updated_at FROM categories WHERE code <> 'bread' ORDER BY id`)
    expect(await seed()).toMatchObject({ did: ['update bread'], outcome: { unchanged: 4 } })
    expect(await query(`SELECT id, rank_no, title FROM categories WHERE code = 'bread'`)).toEqual([
      [...(before ?? []), 'Brote'],
    ])
    expect(await query(`SELECT id, updated_at FROM categories WHERE code <> 'bread' ORDER BY id`)).toEqual(untouched)
    expect(await seed()).toMatchObject({ state: 'nothing-to-do' })
  })

  test('values changed by hand are kept and reported, or overwritten, as the file says', async () => {
    await query(`UPDATE categories SET title = 'Backwaren' WHERE code = 'bread'`)
    const kept = await seed()
    expect(kept).toMatchObject({ state: 'nothing-to-do', did: ['keep bread'] })
    expect(kept.outcome?.rows[0]?.changes).toEqual([
      { column: 'title', before: 'Backwaren', after: 'Brote', byHand: true, kept: true },
    ])
    const before = await picture(stage)
    expect(await seed()).toMatchObject({ did: ['keep bread'] })
    expect(await picture(stage)).toEqual(before)
    // The file changes another column: that is written, the hand's stays.
    const file = (shopFiles['seeds/app/categories.yaml'] ?? '').replace('Brot, rank_no: 7', 'Brote, rank_no: 8')
    stage.write('seeds/app/categories.yaml', file)
    expect(await seed()).toMatchObject({ state: 'done', did: ['update bread'] })
    expect(await query(`SELECT title, rank_no FROM categories WHERE code = 'bread'`)).toEqual([['Backwaren', 8]])
    stage.write('seeds/app/categories.yaml', file.replace('rows:', 'changedByHand: overwrite\nrows:'))
    const overwritten = await seed()
    expect(overwritten).toMatchObject({ state: 'done', did: ['update bread'] })
    expect(overwritten.outcome?.rows[0]?.changes).toMatchObject([{ before: 'Backwaren', byHand: true, kept: false }])
    expect(await seed()).toMatchObject({ state: 'nothing-to-do', did: [] })
  })

  test('a row that was deleted comes back; one that people added, or had before, stays theirs', async () => {
    await query(`DELETE FROM articles WHERE name = 'Roggen'`)
    await query(`INSERT INTO articles (category_id, name) SELECT id, 'Dinkel' FROM categories WHERE code = 'bread'`)
    expect(await seed()).toMatchObject({ did: ['insert bread/Roggen'] })
    stage.write('seeds/app/mine.yaml', seedFile('categories', '  - { code: mine, title: Meins }\n'))
    expect(await seed()).toMatchObject({ did: ['adopt mine'] })
    expect(await seed()).toMatchObject({ did: [], state: 'nothing-to-do' })
    stage.remove('seeds/app/mine.yaml')
    expect(await seed('--prune')).toMatchObject({ did: [], state: 'nothing-to-do' })
    expect(await query(`SELECT COUNT(*) FROM categories WHERE code = 'mine'`)).toEqual([[1]])
  })

  test('rows are found however the collation spells them, and keep their ids', async () => {
    await query(`UPDATE categories SET code = 'DRINKS' WHERE code = 'drinks'`)
    const [id] = await query(`SELECT id FROM categories WHERE code = 'drinks'`)
    expect(await seed()).toMatchObject({ did: ['update drinks'], state: 'done' })
    expect(await query(`SELECT id FROM categories WHERE BINARY code = 'drinks'`)).toEqual([id])
  })

  test('prune removes only what the tool inserted and the files lost, after it showed what hangs on it', async () => {
    await query(`INSERT INTO orders (article_id) SELECT id FROM articles WHERE name = 'Roggen'`)
    stage.write(
      'seeds/app/articles.json',
      (shopFiles['seeds/app/articles.json'] ?? '').replace(/},\n.*"bread".*\n/, '}\n'),
    )
    expect(await seed()).toMatchObject({ did: ['leave bread/Roggen'], state: 'nothing-to-do' })
    const refused = await stage.run(['seed', '--prune'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('1 of `orders` loses its reference to them')
    expect(refused.stderr).toContain('--yes')
    expect(await seed('--prune', '--yes')).toMatchObject({ did: ['delete bread/Roggen'], state: 'done' })
    expect(await query('SELECT article_id FROM orders')).toEqual([[null]])
    expect(await query(`SELECT name FROM articles ORDER BY name`)).toEqual([['Dinkel'], ['Rotwein']])
    expect(await seed('--prune')).toMatchObject({ did: [], state: 'nothing-to-do' })
  })

  test('prune wants the name typed where rows of others would go, and is refused where a key forbids it', async () => {
    const original = shopFiles['seeds/app/categories.yaml'] ?? ''
    stage.write('seeds/app/categories.yaml', original.replace(/.*bread.*\n/, ''))
    const asked = await stage.run(['seed', '--prune', '--yes'])
    expect(asked.exitCode).toBe(2)
    expect(asked.stderr).toContain('1 of `articles` is deleted with them')
    expect(asked.stderr).toContain('--confirm app')
    expect(await query(`SELECT COUNT(*) FROM categories WHERE code = 'bread'`)).toEqual([[1]])
    await query(
      `INSERT INTO categories (code, title, parent_id) SELECT 'rolls', 'Semmeln', id FROM (SELECT id FROM categories WHERE code = 'bread') AS b`,
    )
    const forbidden = await stage.run(['seed', '--prune', '--confirm', 'app'])
    expect(forbidden.exitCode).toBe(2)
    expect(forbidden.stderr).toContain('1 row of `categories` still reference rows removed from the seed files')
    await query(`DELETE FROM categories WHERE code = 'rolls'`)
    expect(await seed('--prune', '--confirm', 'app')).toMatchObject({ did: ['delete bread'], state: 'done' })
    expect(await query('SELECT name FROM articles')).toEqual([['Rotwein']])
    stage.write('seeds/app/categories.yaml', original)
  })

  test('a row whose natural key was changed by hand is no longer the tool’s to remove', async () => {
    expect(await seed()).toMatchObject({ did: ['insert bread'] })
    await query(`UPDATE categories SET code = 'ours' WHERE code = 'bread'`)
    stage.write('seeds/app/categories.yaml', (shopFiles['seeds/app/categories.yaml'] ?? '').replace(/.*bread.*\n/, ''))
    expect(await seed('--prune', '--confirm', 'app')).toMatchObject({ did: [], state: 'nothing-to-do' })
    expect(await query(`SELECT title FROM categories WHERE code = 'ours'`)).toEqual([['Brot']])
  })

  test('parents and children that left the files go together, in the order that keys demand', async () => {
    stage.write(
      'seeds/app/categories.yaml',
      seedFile('categories', '  - { code: a, title: A, parent: b }\n  - { code: b, title: B }\n'),
    )
    stage.write(
      'seeds/app/articles.json',
      '{ "table": "articles", "key": ["category", "name"], "references": { "category": { "table": "categories", "key": "code" } }, "rows": [] }',
    )
    const pruned = await seed('--prune', '--yes')
    expect(pruned).toMatchObject({ state: 'done' })
    expect(pruned.did).toEqual(['delete drinks', 'delete wine', 'delete wine/Rotwein', 'insert a', 'insert b'])
    expect(await query('SELECT COUNT(*) FROM articles')).toEqual([[0]])
  })

  test('two seeders at once come to the same as one', async () => {
    await query('DELETE FROM categories WHERE parent_id IS NOT NULL')
    await query('DELETE FROM categories')
    await query('ALTER TABLE categories AUTO_INCREMENT = 1')
    await query('DELETE FROM wwdb_seed_rows')
    const rows = Array.from({ length: 300 }, (_, index) => `  - { code: c${index}, title: T${index} }\n`).join('')
    stage.write('seeds/app/categories.yaml', seedFile('categories', rows))
    const runs = await Promise.all([stage.run(['seed']), stage.run(['seed']), stage.run(['seed'])])
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr.includes('✗')])).toEqual(Array(3).fill([0, false]))
    expect(await query('SELECT COUNT(*), MAX(id) FROM categories')).toEqual([[300, 300]])
    expect(await nextNumber(stage, 'categories')).toBe(301)
    expect(await query(`SELECT COUNT(*) FROM wwdb_seed_rows WHERE table_name = 'categories'`)).toEqual([[300]])
  })
})
