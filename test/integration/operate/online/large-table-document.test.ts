import { beforeAll, expect, test } from 'vitest'
import { findPtOsc } from '../../../helpers/operate/pt-osc.ts'
import { isAvailable, testServer } from '../../../helpers/servers/servers.ts'
import { runGuide } from '../../../helpers/tool/guide.ts'
import { withStages } from '../../../helpers/tool/stage.ts'

const openStage = withStages()
let programs = ''

beforeAll(async () => {
  if (isAvailable('pt-osc')) programs = await findPtOsc()
})

test.runIf(isAvailable('pt-osc'))(
  'a newcomer gets an index and another type by the page, with fewer rows',
  async () => {
    const own = await openStage({ databases: ['shop'], create: false })
    const environment = { PATH: `${programs}:${process.env['PATH']}` }
    const asked: string[] = []
    const stage: typeof own = {
      ...own,
      run: (args, options) => own.run(args, { ...options, environment }),
      query: (sql, database = 'shop') => {
        asked.push(sql)
        return own.query(sql.replace('@rows = 20000000', '@rows = 20000'), database)
      },
    }
    const named = { '127.0.0.1:3306': testServer().url }
    expect(await runGuide('docs/operations/large-table.md', { stage, servers: named, clients: '' })).toEqual([])
    expect(asked).toContainEqual(expect.stringContaining('@rows = 20000000'))
    expect(await own.query('SELECT COUNT(*), COUNT(DISTINCT id) FROM orders', 'shop')).toEqual([[20_000, 20_000]])
    const columns = (await own.query('SHOW COLUMNS FROM orders', 'shop')).map(([name, type]) => `${name} ${type}`)
    // Taken back at the end.
    expect(columns).toContain('amount int')
    expect(await own.query("SHOW INDEX FROM orders WHERE Key_name = 'customer'", 'shop')).toHaveLength(1)
  },
)
