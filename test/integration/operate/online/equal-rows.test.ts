import { beforeAll, describe, expect, test } from 'vitest'
import { findPtOsc } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServerOf } from '../../../helpers/servers/servers.ts'
import { migration, type Stage, withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (isAvailable('pt-osc')) environment = { PATH: `${await findPtOsc()}:${process.env['PATH']}` }
})

const flat = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  (stdout + stderr).replace(/\s+/g, ' ')

describe.runIf(isAvailable('pt-osc'))('rows that are equal in a key that a copy gets', () => {
  async function prepare(alter: string, before: readonly string[] = []): Promise<Stage> {
    const { url } = await testServerOf('9.7')
    const table =
      'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, n INT) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;'
    const stage = await openStage({
      url,
      files: { 'app/0001_orders.sql': migration(table, 'DROP TABLE orders;') },
      configuration: { online: { inplace: '0' } },
    })
    expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
    await stage.query("INSERT INTO orders (code, n) VALUES ('a', 1), ('b', 2), ('c', 3)")
    for (const text of before) await stage.query(text)
    stage.write('app/0002_change.sql', migration(`-- wwdb:online\n${alter};`, 'SELECT 1;'))
    return stage
  }
  const migrate = (stage: Stage) => stage.run(['migrate', '--yes', '--drift', 'off', '--no-probe'], { environment })

  const functional = 'ALTER TABLE orders ADD UNIQUE KEY folded ((LOWER(code))), MODIFY n BIGINT'
  const existing = 'ALTER TABLE orders ADD UNIQUE KEY folded ((LOWER(code)))'
  const collation =
    'ALTER TABLE orders MODIFY code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL'
  const equal = "INSERT INTO orders (code, n) VALUES ('A', 4)"

  test.each([
    ['an expression', functional, []],
    [
      'an expression of a column of a new collation',
      `${collation}, ADD UNIQUE KEY x ((CONCAT(code, '-', n)))`,
      ["UPDATE orders SET n = 4 WHERE code = 'a'"],
    ],
    [
      'a prefix',
      'ALTER TABLE orders ADD UNIQUE KEY x (code(1)), MODIFY n BIGINT',
      ["UPDATE orders SET code = 'Ab' WHERE code = 'b'"],
    ],
    [
      'a column, where all are converted',
      'ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci',
      ['ALTER TABLE orders ADD UNIQUE KEY x (code)'],
    ],
  ])(
    'are found before anything is started where it is a key of %s, and without them the table is copied',
    async (_, alter, before) => {
      const stage = await prepare(alter, before)
      await stage.query(equal)
      const refused = await migrate(stage)
      expect(flat(refused)).toMatch(/are equal in the unique key `(?:x|folded)`/)
      const [query = ''] = /SELECT COUNT\(\*\) FROM .*? LIMIT 1/.exec(flat(refused)) ?? []
      expect(await stage.query(query)).toEqual([[2]])
      await stage.query("DELETE FROM orders WHERE code = 'A'")
      const done = await migrate(stage)
      expect(flat(done)).toContain('changed `orders` by a copy. 3 rows were compared')
      const [shown] = await stage.query('SHOW CREATE TABLE orders')
      expect(String(shown?.[1])).toMatch(/UNIQUE KEY/)
    },
  )

  test('cannot come to be where the key of an expression stays as it is', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', [existing, equal.replace("'A'", "'d'")])
    const done = await migrate(stage)
    expect(flat(done)).toContain('changed `orders` by a copy. 4 rows were compared')
  })

  test.each([
    [
      'a key has a value for each element of an array',
      'ALTER TABLE orders ADD UNIQUE KEY x ((CAST(tags AS UNSIGNED ARRAY))), MODIFY n BIGINT',
      'ALTER TABLE orders ADD COLUMN tags JSON',
    ],
    ['a column changes that the key of an expression may name', collation, existing.replace('folded', 'x')],
    [
      'a column of the key is computed in another way',
      'ALTER TABLE orders MODIFY folded VARCHAR(20) AS (LOWER(code))',
      'ALTER TABLE orders ADD COLUMN folded VARCHAR(20) AS (code), ADD UNIQUE KEY x (folded)',
    ],
    [
      'a column changes from which one of the key is computed',
      collation,
      "ALTER TABLE orders ADD COLUMN rest INT AS (IF(code = 'A', 0, n)), ADD UNIQUE KEY x (rest)",
    ],
  ])('are not asked for where %s, which is said', async (_, alter, before) => {
    const stage = await prepare(alter, [before])
    const run = await migrate(stage)
    expect(flat(run)).toContain('in the unique key `x` cannot be asked of the table as it is')
    expect(run.exitCode).toBe(2)
  })
})
