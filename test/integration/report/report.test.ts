import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Connection, createConnection } from 'mysql2/promise'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportResult } from '../../../src/report/commands/report-view.ts'
import type { Report } from '../../../src/report/report.ts'
import { readAnswer } from '../../helpers/documents/published.ts'
import { openBrowser } from '../../helpers/report/chromium.ts'
import { dropSchemas, randomName } from '../../helpers/servers/schema.ts'
import { isAvailable, testServer } from '../../helpers/servers/servers.ts'
import type { ToolRun } from '../../helpers/tool/tool.ts'
import { runToolHere } from '../../helpers/tool/tool-here.ts'

const root = resolve(import.meta.dirname, '../../..')
const prefix = `${randomName('rep')}_`
const folder = mkdtempSync(join(tmpdir(), 'wwdb-report-'))

const hostile = `</script><script>alert(1)</script>"'<img src=x onerror=alert(1)>`

let connection: Connection
let report: Report
let browser: Browser | undefined

/** The platform's own project in a folder of this file, on schemas of its own, and no store that is there. */
function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<ToolRun> {
  const stores = Object.fromEntries(
    ['ELASTICSEARCH', 'INFLUXDB', 'MONGODB', 'REDIS'].map((name) => [`WWDB_${name}`, ''] as const),
  )
  return runToolHere(args, {
    cwd: folder,
    environment: { WWDB_URL: testServer().url, WWDB_PREFIX: prefix, ...stores, ...environment },
  })
}

async function done(args: readonly string[]): Promise<void> {
  const { exitCode, stderr, stdout } = await run(args)
  if (exitCode !== 0) throw new Error(`wwdb ${args.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`)
}

async function readReport(args: readonly string[] = [], environment = {}): Promise<ReportResult> {
  const answer = await run(['report', ...args, '--json'], environment)
  expect(answer.exitCode, answer.stderr).toBe(0)
  return readAnswer(answer).answer as unknown as ReportResult
}

beforeAll(async () => {
  for (const name of ['wwdb.config.json', 'migrations', 'shard-templates'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  for (const words of ['db create', 'migrate', 'rotate run', 'shards create --family messages --key 2026-07'])
    await done(words.split(' '))
  connection = await createConnection({ uri: testServer().url })
  await connection.query(`ALTER TABLE \`${prefix}user_db\`.users ADD COLUMN by_hand INT COMMENT ?`, [hostile])
  // The commands of the guide, word for word.
  for (const command of commandsOfGuide()) await done(command)
  report = (await readReport()).report
  if (isAvailable('chromium')) browser = await openBrowser()
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await connection?.end()
  await dropSchemas(testServer().url, prefix)
  rmSync(folder, { recursive: true, force: true })
})

/** Blocks of the page of the documentation, of which every line is a command. */
function commandsOfGuide(): readonly (readonly string[])[] {
  const text = readFileSync(join(root, 'docs/guides/report.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'))
  expect(blocks.length).toBeGreaterThan(3)
  return blocks.map((line) => {
    const [tool, ...words] = line.replace(/\s+#.*$/, '').split(/\s+/)
    expect(tool).toBe('wwdb')
    return words
  })
}

describe('wwdb report on the platform', () => {
  it('knows every table with comments, the migration that made each column, and keys to other databases', () => {
    expect(report.databases.map(({ name, source, migrations }) => [name, source, migrations?.pending])).toEqual(
      ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db'].map((name) => [name, 'server', 0]),
    )
    const tables = report.databases.flatMap(({ name, tables: own }) =>
      own.map((table) => ({ ...table, database: name })),
    )
    expect(tables.length).toBeGreaterThan(20)
    for (const { name, columns } of tables)
      for (const column of columns)
        expect([name, column.name, column.made === null]).toEqual([name, column.name, column.name === 'by_hand'])
    const find = (name: string): (typeof tables)[number] | undefined => tables.find((table) => table.name === name)
    expect(find('users')?.comment).toBe('用户表')
    expect(find('users')?.columns[1]).toMatchObject({
      name: 'username',
      comment: '用户名',
      key: 'unique',
      made: {
        file: 'migrations/user_db/20260101000100_create_users.sql',
        applied: expect.stringMatching(/^2\d{3}-.*Z$/),
      },
    })
    expect(find('message_receivers')?.keys.length).toBeGreaterThan(0)
    const across = tables.flatMap(({ database, keys }) => keys.filter((key) => key.database !== database))
    expect(across.length).toBeGreaterThan(5)
    expect(find('group_members_{key}')?.keys).toContainEqual(
      expect.objectContaining({ database: 'contact_db', table: 'groups_{key}', physical: true }),
    )
  })

  it('folds each family to one with all its shards, and names those that are missing', () => {
    const messages = report.families.find(({ name }) => name === 'messages')
    const looks = new Set(messages?.shards.map(({ look }) => look))
    expect(looks).toEqual(new Set(['past', 'missing', 'live', 'premade']))
    expect(messages?.shards[0]).toMatchObject({ key: '2026-07', look: 'past' })
    expect(report.runs.map(({ command }) => command)).toContain('rotate run')
    expect(report.runs.find(({ command }) => command === 'migrate')).toMatchObject({
      outcome: 'done',
      milliseconds: expect.any(Number),
    })
  })

  it('shows what was changed by hand, and stores that cannot be read with the reason', () => {
    expect(report.drift).toMatchObject([{ place: 'user_db.users', what: expect.stringContaining('by_hand') }])
    expect(report.lint.length).toBeGreaterThan(0)
    expect(report.stores.map(({ store, state }) => [store, state])).toEqual(
      ['elasticsearch', 'influxdb', 'mongodb', 'redis'].map((store) => [store, 'unread']),
    )
    expect(JSON.stringify(report)).not.toContain('"password"')
  })

  it('a server that is down leaves its parts with the reason, its tables from the files, and ends with 0', async () => {
    const url = 'mysql://someone:secret-password@127.0.0.1:1'
    const { report: down } = await readReport(['--out', 'down.html'], { WWDB_URL: url })
    const parts = new Set(down.gaps.map(({ part }) => part))
    expect([...parts].toSorted()).toEqual(['drift', 'runs', 'shards', 'tables'])
    expect(down.gaps.every(({ why }) => why.includes('127.0.0.1:1'))).toBe(true)
    expect(down.databases.every(({ source }) => source === 'files')).toBe(true)
    const users = down.databases[0]?.tables.find(({ name }) => name === 'users')
    expect(users?.columns[1]).toMatchObject({ name: 'username', type: 'varchar(50)', comment: '用户名', key: 'unique' })
    expect(readFileSync(join(folder, 'down.html'), 'utf8')).not.toContain('secret-password')
  })

  it('--tables describes what it names, keeps families, and says how many tables are left out', async () => {
    const { report: some } = await readReport(['--tables', 'user_db/users', '--tables', 'no_such_*'])
    const before = report.databases.find(({ name }) => name === 'user_db')
    const own = some.databases.find(({ name }) => name === 'user_db')
    expect(own?.tables.map(({ name, family }) => family ?? name)).toEqual(['users'])
    expect(own?.leftOut).toBe((before?.tables.length ?? 0) - 1)
    expect(own?.tables).toEqual(before?.tables.filter(({ name }) => name === 'users'))
    expect(some.families.map(({ name }) => name)).toEqual(report.families.map(({ name }) => name))
    expect(some.gaps).toContainEqual({
      part: 'tables',
      place: 'user_db',
      why: `The report leaves out ${own?.leftOut} of ${before?.tables.length} tables, whose names match no pattern of \`--tables\`.`,
      next: null,
    })
  })

  it('the folder of the wiki has a file for each database', () => {
    expect(readdirSync(join(folder, 'wiki')).toSorted()).toEqual(
      ['README', 'contact_db', 'instance_db', 'message_db', 'monitor_db', 'user_db'].map((name) => `${name}.md`),
    )
  })
})

/** Opens the page from disk, notes what it says of errors and what it asks for, and gives it to a test. */
async function visit(
  options: { readonly width: number; readonly theme: 'light' | 'dark'; readonly file?: string },
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const { width, theme, file = 'report.html' } = options
  if (browser === undefined) throw new Error('there is no browser')
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme })
  page.setDefaultTimeout(10_000)
  const troubles: string[] = []
  page.on('pageerror', ({ message }) => troubles.push(message))
  page.on('console', (message) => troubles.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) troubles.push(request.url())
  })
  await page.goto(pathToFileURL(join(folder, file)).href)
  await look(page)
  expect(troubles).toEqual([])
  await page.close()
}

describe.runIf(isAvailable('chromium'))('the page of a report in a browser', () => {
  const views = [1280, 390].flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ width, theme })))

  it.each(views)(
    'at $width pixels in the $theme theme has no serious finding of axe, and no scroll to the side',
    async (view) => {
      await visit(view, async (page) => {
        await page.evaluate(axe.source)
        const violations = (await page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
        violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes[0].html))`)) as readonly string[]
        expect(violations).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width)
        expect(await page.locator('.diagram, .calendar, .findings, .store, .runs').count()).toBeGreaterThan(15)
      })
    },
  )

  it('search is reached by /, found by words, chosen by arrows, opened by Enter and closed by Escape', async () => {
    await visit({ width: 1280, theme: 'light' }, async (page) => {
      await page.keyboard.press('/')
      await page.keyboard.type('users 密码')
      const options = page.getByRole('option')
      expect(await options.count()).toBeGreaterThan(1)
      expect(await options.first().getAttribute('aria-selected')).toBe('true')
      await page.keyboard.press('ArrowDown')
      const second = await page.locator('[role=option][aria-selected=true] code').textContent()
      await page.keyboard.press('Enter')
      const focused = await page.evaluate(
        'document.activeElement.closest("section").id + "." + document.activeElement.textContent',
      )
      expect(focused).toContain(second)
      await page.keyboard.press('/')
      await page.keyboard.type('user')
      await page.keyboard.press('Escape')
      expect(await options.count()).toBe(0)
      expect(await page.locator('#search').inputValue()).toBe('')
    })
  })

  it('arrow keys name one shard of a calendar after the other', async () => {
    await visit({ width: 390, theme: 'dark' }, async (page) => {
      const output = page.locator('#family\\.messages output')
      await page.locator('#family\\.messages .calendar').focus()
      await page.keyboard.press('Home')
      expect(await output.textContent()).toMatch(/^messages_202607: past/)
      await page.keyboard.press('ArrowRight')
      expect(await output.textContent()).toBe('messages_202608: missing')
    })
  })

  it('the switch of the theme and the first stop of Tab work in Chinese, too', async () => {
    await visit({ width: 1280, theme: 'light', file: 'report-zh.html' }, async (page) => {
      const background = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor')
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.textContent')).toBe('跳到正文')
      expect(await background()).toBe('rgb(255, 255, 255)')
      const button = page.getByRole('button', { name: '主题' })
      await button.click()
      await button.click()
      expect(await button.textContent()).toBe('主题：深色')
      expect(await background()).toBe('rgb(13, 17, 23)')
      expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
      const health = page.locator('#doctor li [lang=zh-CN]').first()
      expect(await health.textContent()).toMatch(/[\u4e00-\u9fff].*。/)
    })
  })

  it('is whole on paper: folded parts are open, tables keep their heads, and nothing is there to be pressed', async () => {
    await visit({ width: 700, theme: 'dark' }, async (page) => {
      const open = (): Promise<unknown> =>
        page.evaluate('[...document.querySelectorAll("details")].map(({ open }) => open)')
      const shown = (selector: string): Promise<unknown> =>
        page.evaluate(`getComputedStyle(document.querySelector('${selector}')).display`)
      expect(await open()).toContain(false)
      await page.emulateMedia({ media: 'print' })
      await page.evaluate('dispatchEvent(new Event("beforeprint"))')
      expect(await open()).not.toContain(false)
      expect(await Promise.all(['nav', 'search', '#theme', '.table thead', '.table tr'].map(shown))).toEqual([
        'none',
        'none',
        'none',
        'table-header-group',
        'table-row',
      ])
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
      await page.evaluate('dispatchEvent(new Event("afterprint"))')
      expect(await open()).not.toContain(true)
    })
  })

  it('a comment with markup is text', async () => {
    await visit({ width: 1280, theme: 'light' }, async (page) => {
      const row = page.locator('#user_db\\.users tr', { hasText: 'by_hand' })
      expect(await row.locator('td').nth(2).textContent()).toBe(hostile)
    })
  })
})
