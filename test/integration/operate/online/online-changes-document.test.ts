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

test.runIf(isAvailable('pt-osc'))('every example of the page works, with a real pt-online-schema-change', async () => {
  const own = await openStage({ databases: ['shop'], create: false })
  const environment = { PATH: `${programs}:${process.env['PATH']}` }
  const stage: typeof own = {
    ...own,
    run: (args, options) => own.run(args, { ...options, environment }),
    query: (sql, database = 'shop') => own.query(sql, database),
  }
  const named = { '127.0.0.1:3306': testServer().url }
  expect(await runGuide('docs/operations/online-changes.md', { stage, servers: named, clients: '' })).toEqual([])
  const tables = (await own.query('SHOW TABLES', 'shop')).map(([name]) => String(name))
  expect(tables.filter((name) => !name.startsWith('wwdb_'))).toEqual([
    expect.stringMatching(/^_hold_/),
    expect.stringMatching(/^_hold_/),
    'orders',
  ])
})
