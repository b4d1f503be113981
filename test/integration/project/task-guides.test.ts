import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readCron } from '../../../src/calendar/cron.ts'
import { parseCommandLine } from '../../../src/cli/program.ts'
import { findManifestFaults } from '../../helpers/documents/kubernetes-schemas.ts'
import { testServer, testServer80 } from '../../helpers/servers/servers.ts'
import { findInstallation } from '../../helpers/servers/shared-servers.ts'
import { readBlocks, readCommands, readWords, runGuide } from '../../helpers/tool/guide.ts'
import { type Stage, withStages } from '../../helpers/tool/stage.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = 'docs/guides/tasks'
const pages = readdirSync(resolve(root, folder)).map((name) => `${folder}/${name}`)
const openStage = withStages()

let clients = ''
beforeAll(async () => {
  clients = testServer().bin ?? (await findInstallation('9.7')).bin ?? ''
})

const orders = `-- migrate:up
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer VARCHAR(100) NOT NULL,
  ordered_at DATETIME(3) NOT NULL
);

-- migrate:down
DROP TABLE orders;
`

/** The project that the pages begin with: one database with one table. */
function openProject(url: string): Promise<Stage> {
  const files = { 'migrations/shop/20260101090000_create_orders.sql': orders }
  return openStage({ url, databases: ['shop'], create: false, files })
}

describe.each(pages)('%s', (page) => {
  test('its commands have flags that exist', () => {
    const blocks = readBlocks(page).filter(({ language }) => ['sh', 'console'].includes(language))
    const lines = blocks.flatMap(readCommands).map(({ line }) => line)
    for (const line of lines.filter((text) => /^(npx )?wwdb /.test(text)))
      expect(() => parseCommandLine([...readWords(line).words], 100), line).not.toThrow()
  })

  test('the files of this repository that it names are there', () => {
    const named = readBlocks(page).flatMap(({ text }) => text.match(/\bops\/[\w./-]+/g) ?? [])
    expect(named.filter((path) => !existsSync(resolve(root, path)))).toEqual([])
  })

  test('its manifests and crontabs are valid, and start commands that exist', () => {
    const blocks = readBlocks(page)
    for (const { text } of blocks.filter(({ language }) => language === 'yaml'))
      expect(findManifestFaults(parse(text))).toEqual([])
    const entries = blocks.filter(({ label }) => label === 'crontab').flatMap(({ text }) => text.trimEnd().split('\n'))
    for (const entry of entries) {
      const [, schedule = '', line = ''] = /^((?:\S+ +){5})cd \S+ && (.*)$/.exec(entry) ?? []
      expect(readCron(schedule.trim().replaceAll(/ +/g, ' ')), entry).toMatchObject({ type: 'cron' })
      expect(() => parseCommandLine([...readWords(line).words], 100), line).not.toThrow()
    }
  })

  test('its commands do what the page says', async () => {
    // Pages of two servers go from an older one to a newer one.
    const both = readBlocks(page).some(({ text }) => text.includes('db-2.example'))
    const first = both ? await testServer80() : testServer()
    const servers = { 'db-1.example:3306': first.url, 'db-2.example:3306': testServer().url }
    const stage = await openProject(first.url)
    await stage.run(['db', 'create'])
    await stage.run(['migrate'])
    expect(await runGuide(page, { stage, servers, clients })).toEqual([])
  })
})
