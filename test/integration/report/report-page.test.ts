import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderHtml } from '../../../src/report/html/render-html.ts'
import type { Report } from '../../../src/report/report.ts'
import { openBrowser } from '../../helpers/report/chromium.ts'
import { dailyFamily, sampleColumn, sampleReport, sampleTable } from '../../helpers/report/report-sample.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

/** Each table but the first is a child of an earlier one; names and types are as long as they are in practice. */
const tables = Array.from({ length: 300 }, (_, index) =>
  sampleTable(`customer_subscription_items_${index}`, {
    columns: [
      sampleColumn('id', { key: 'primary', default: 'AUTO_INCREMENT' }),
      sampleColumn('parent_subscription_item_identifier', { type: "enum('active','suspended','canceled')" }),
      sampleColumn('updated_at', {
        type: 'timestamp(6)',
        default: 'CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)',
      }),
    ],
    keys:
      index === 0
        ? []
        : [
            {
              columns: ['parent_subscription_item_identifier'],
              database: 'large_db',
              table: `customer_subscription_items_${Math.floor(index / 3)}`,
              parentColumns: ['id'],
              physical: true,
            },
          ],
  }),
)

const large = {
  schema: 'large_db',
  server: '127.0.0.1:3306',
  serverVersion: '9.7.4',
  others: [],
  leftOut: 0,
  migrations: null,
}

const report: Report = {
  ...sampleReport,
  databases: [...sampleReport.databases, { ...large, name: 'large_db', source: 'server', tables }],
  families: [...sampleReport.families, dailyFamily(700)],
}

/** Runs of letters, digits and `_` that stand on more than one line, each with its element. */
const brokenWords = `[...document.querySelectorAll('main *')].flatMap((element) => [...element.childNodes].flatMap((node) => {
  if (node.nodeType !== 3 || element.closest('.hidden') !== null) return []
  return [...node.data.matchAll(/[A-Za-z0-9_]+/g)].flatMap(({ 0: word, index }) => {
    const range = document.createRange()
    range.setStart(node, index)
    range.setEnd(node, index + word.length)
    const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))
    if (tops.size > 0 && element.closest('.table') !== null) window.seen = (window.seen ?? 0) + 1
    return tops.size > 1 ? [element.tagName + ': ' + word] : []
  })
}))`

describe.runIf(isAvailable('chromium'))('the page of a report with 300 tables', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-report-page-'))
  const file = join(folder, 'report.html')
  let browser: Browser

  beforeAll(async () => {
    writeFileSync(file, renderHtml(report, 'en'))
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(width: number): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    await page.goto(pathToFileURL(file).href)
    return page
  }

  it.each([1600, 1280, 1000, 390])('at %i pixels breaks no word, and does not scroll to the side', async (width) => {
    const page = await open(width)
    expect([...new Set((await page.evaluate(brokenWords)) as readonly string[])].slice(0, 20)).toEqual([])
    expect(await page.evaluate('window.seen')).toBeGreaterThan(1000)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.evaluate(axe.source)
    const violations =
      await page.evaluate(`axe.run('#verdict, #shards, #databases figure', { resultTypes: ['violations'] })
      .then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
    expect(violations).toEqual([])
    await page.close()
  })

  it('a diagram that is larger than its frame is shown whole, enlarged and reduced by buttons and keys', async () => {
    const page = await open(1280)
    const figure = page.locator('figure').last()
    const frame = figure.locator('.scroll')
    const size = (): Promise<{ width: number; height: number }> =>
      figure.locator('svg').evaluate((svg) => ({ width: svg.clientWidth, height: svg.clientHeight }))
    const natural = await size()
    const inner = await frame.evaluate((element) => element.clientWidth)
    expect(natural.width).toBeGreaterThan(2 * inner)
    await figure.getByRole('button', { name: 'Whole diagram' }).click()
    const whole = await size()
    expect(whole.width).toBeLessThanOrEqual(inner)
    expect(whole.height).toBeLessThanOrEqual(720)
    await figure.getByRole('button', { name: 'Zoom in' }).click()
    const larger = await size()
    expect(larger.width / whole.width).toBeCloseTo(1.5, 1)
    await frame.focus()
    await page.keyboard.press('-')
    expect((await size()).width).toBeCloseTo(whole.width, -1)
    expect(await page.locator('figure').first().locator('.zoom').isVisible()).toBe(false)
    await page.close()
  })
})
