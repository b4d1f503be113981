import { expect, test } from 'vitest'
import { withTenants } from '../../helpers/migrations/tenants.ts'
import { testServer } from '../../helpers/servers/servers.ts'
import { readBlocks, runGuide } from '../../helpers/tool/guide.ts'

const openTenants = withTenants()

const page = 'docs/guides/tenants.md'

test('every example of the page works, and what failed is done after it was mended', async () => {
  const all = ['acme', 'globex', 'initech', 'umbrella']
  const stage = await openTenants(all, { targets: { list: all }, files: {} })
  const mend = 'DELETE FROM notes WHERE id = 2'
  const setting = { stage, servers: { '127.0.0.1:3306': testServer().url }, clients: '' }
  // The rows that the page speaks of are there once its first migration has run, and are gone before its last command.
  const rows = "INSERT INTO notes VALUES (1, 'a'), (2, 'b')"
  const faults = await runGuide(page, setting, {
    before: async (line) => {
      if (line.includes('--error-budget')) await stage.query(rows, 'globex')
      if (line.includes('--failed-only')) await stage.query(mend, 'globex')
    },
  })
  expect(faults).toEqual([])
  for (const name of all)
    expect(await stage.query("SELECT COUNT(*) FROM wwdb_journal WHERE state='closed' AND pass>0", name)).toEqual([[3]])
})

test('the part about servers is what the configuration takes', async () => {
  const [servers] = readBlocks(page).filter(({ label, language }) => language === 'json' && label === '')
  const targets = { list: [{ schema: 'acme', server: 'eu' }], ...JSON.parse(servers?.text ?? '{}') }
  const stage = await openTenants([], { targets, files: {} })
  stage.write('us.secret', 'secret\n')
  expect((await stage.run(['config', 'validate'])).stderr).toBe('')
})
