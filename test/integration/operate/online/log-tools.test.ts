import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGhOst } from '../../../helpers/operate/gh-ost.ts'
import { flat, type LogToolName, ownTables, stagesOfLogTool } from '../../../helpers/operate/log-tool-stage.ts'
import { standInFor, type TestTool } from '../../../helpers/operate/stand-in.ts'
import { withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
const realGhOst = await findGhOst()

/** What the contract needs to know of a tool. */
interface Subject {
  readonly name: LogToolName
  /** The program itself; null for the stand-in. */
  readonly real: TestTool | null
  /** The name that it gives the table as it was. */
  readonly old: string
  /** Variables with which the stand-in leaves out a row, and those with which it ends while its copy is compared. */
  readonly omits: Readonly<Record<string, string>>
  readonly fails: Readonly<Record<string, string>>
  /** What it says then. */
  readonly lastWords: string
}

const ghOst: Subject = {
  name: 'gh-ost',
  real: null,
  old: '_orders_del',
  omits: { GH_OST_STAND_IN_OMITS: 'id = 7' },
  fails: { GH_OST_STAND_IN_LOSES: 'connection' },
  lastWords: 'invalid connection',
}
const spirit: Subject = {
  name: 'spirit',
  real: null,
  old: '_orders_old_20261129_120000',
  omits: { SPIRIT_STAND_IN_OMITS: 'id = 7' },
  fails: { SPIRIT_STAND_IN_FAILS: 'checksum' },
  lastWords: 'checksum found differences',
}
const subjects: readonly (readonly [string, Subject])[] = [
  ['gh-ost, by a stand-in', ghOst],
  ...(realGhOst === null ? [] : [['gh-ost itself', { ...ghOst, real: realGhOst }] as const]),
  ['spirit, by a stand-in', spirit],
]

/** What holds for every tool that copies by the binary log and swaps by itself; what is of one alone is in the test of its name. */
describe.each(subjects)('a table changed by %s', (_, { name, real, old, omits, fails, lastWords }) => {
  let tool: TestTool
  beforeAll(async () => {
    tool = real ?? (await standInFor(name))
  })
  afterAll(() => tool?.remove())
  const { prepare, migrate, expectDone } = stagesOfLogTool(openStage, name, () => tool)

  test('is copied, compared and then swapped by the tool; the table as it was is kept, and can have its name back', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT, CHANGE note remark TEXT')
    const before = await stage.query('SELECT COUNT(*), MAX(id), SUM(n) FROM orders')
    const run = await migrate(stage)
    expect(flat(run.stdout + run.stderr)).toContain('3,000 rows were compared with their copy')
    expect(run).toMatchObject({ exitCode: 0 })
    expect(await stage.query('SELECT COUNT(*), MAX(id), SUM(n) FROM orders')).toEqual(before)
    expect(await stage.query("SELECT COUNT(*) FROM orders WHERE remark = REPEAT('x', 30)")).toEqual([[3000]])
    await expectDone(stage)
    expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
    expect(await stage.run(['online', 'revert', 'orders', '--yes'])).toMatchObject({ exitCode: 0 })
    expect((await stage.query("SHOW COLUMNS FROM orders LIKE 'n%'")).map(([column]) => column)).toEqual(['n', 'note'])
  })

  test('is put under its hold name by the next run where it was in use at each attempt, with nothing else to do', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 20)
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    const [hold = ''] = await ownTables(stage)
    // As it is where the name could not be given.
    await stage.query(`RENAME TABLE ${hold} TO ${old}`)
    await stage.query("UPDATE wwdb_online SET state = 'swapped'")
    expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
    await expectDone(stage)
    expect((await ownTables(stage))[0]).toBe(hold)
  })

  test('loses no write that comes while it is copied and swapped, of a row that changes all the time as well', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT', 8000)
    let [isOver, written, turn] = [false, 0, 0]
    const writing = (async () => {
      while (!isOver) {
        turn += 1
        await stage.query(`INSERT INTO orders (code, n) VALUES ('late ${turn}', -1)`)
        await stage.query('UPDATE orders SET n = n + 1 WHERE id = 5')
        await stage.query(`DELETE FROM orders WHERE id < 8000 AND id = ${turn * 2 + 6}`)
        written += 1
      }
    })()
    const run = await migrate(stage)
    isOver = true
    await writing
    expect(flat(run.stdout + run.stderr)).toContain('by a copy')
    expect(written).toBeGreaterThan(20)
    expect(await stage.query('SELECT COUNT(*) FROM orders WHERE n = -1')).toEqual([[written]])
    expect(await stage.query('SELECT n FROM orders WHERE id = 5')).toEqual([[5 + written]])
    await expectDone(stage)
  })

  const wide = 'ALTER TABLE orders MODIFY n BIGINT'
  const refused: readonly (readonly [string, string | null, string])[] = [
    ['ALTER TABLE orders ADD UNIQUE KEY code (code)', null, 'unique key `code`.*tool=pt-osc'],
    [wide, 'CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW SET @a = 1', 'triggers `t`'],
    [wide, `CREATE TABLE ${old} LIKE orders`, `left \`${old}\``],
    ['ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, code)', null, `by which ${name} finds the rows`],
  ]
  test.each(refused)(
    'stays as it is, and nothing is started, where the tool cannot make %s after %s',
    async (alter, before, message) => {
      const stage = await prepare(alter, 20)
      if (before !== null) await stage.query(before)
      const tables = await ownTables(stage)
      const run = await migrate(stage)
      expect(flat(run.stderr)).toMatch(new RegExp(message))
      expect(run.exitCode).toBe(2)
      expect(await ownTables(stage)).toEqual(tables)
    },
  )

  test.runIf(real === null)('is not swapped, and its copy is removed, where the copy differs in one row', async () => {
    const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT')
    const run = await migrate(stage, omits)
    expect(flat(run.stderr)).toMatch(/the row 7 is missing/)
    expect(run.exitCode).toBe(2)
    expect(await ownTables(stage)).toEqual(['orders'])
  })

  test.runIf(real === null)(
    'the end of the tool is named, and no row, where it ends while its copy is compared; the next run makes it',
    async () => {
      const stage = await prepare('ALTER TABLE orders MODIFY n BIGINT')
      const run = await migrate(stage, { ...fails, ...omits })
      expect(flat(run.stderr)).toContain(lastWords)
      expect(flat(run.stderr)).not.toContain('the row 7')
      expect(run.exitCode).toBe(2)
      expect(await ownTables(stage)).toEqual(['orders'])
      expect(await migrate(stage)).toMatchObject({ exitCode: 0 })
      await expectDone(stage)
    },
  )
})
