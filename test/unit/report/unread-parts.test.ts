import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reportView } from '../../../src/report/commands/report-view.ts'
import { renderHtml } from '../../../src/report/html/render-html.ts'
import { renderMarkdown } from '../../../src/report/markdown/render-markdown.ts'
import type { Report, ReportGap } from '../../../src/report/report.ts'
import { wordsOf } from '../../../src/report/words.ts'
import { spanText } from '../../../src/terminal/text/span.ts'
import { sampleReport } from '../../helpers/report/report-sample.ts'

type Part = ReportGap['part']

const parts: readonly Part[] = ['tables', 'shards', 'runs', 'drift', 'lint', 'doctor', 'stores']

/** A report of which the given parts could not be read at all. */
function without(unread: readonly Part[]): Report {
  const gone = (part: Part): boolean => unread.includes(part)
  const { databases, families } = sampleReport
  return {
    ...sampleReport,
    databases: gone('tables') ? databases.map((one) => ({ ...one, tables: [] })) : databases,
    families: gone('shards') ? families.map((one) => ({ ...one, shards: [] })) : families,
    runs: gone('runs') ? [] : sampleReport.runs,
    drift: gone('drift') ? [] : sampleReport.drift,
    lint: gone('lint') ? [] : sampleReport.lint,
    doctor: gone('doctor') ? [] : sampleReport.doctor,
    stores: gone('stores') ? [] : sampleReport.stores,
    gaps: unread.map((part) => ({ part, place: null, why: 'It took too long.', next: null })),
  }
}

test('a report never says that what was not read is not there, whatever was not read', () => {
  fc.assert(
    fc.property(fc.subarray([...parts], { minLength: 1 }), fc.constantFrom('en', 'zh'), (unread, language) => {
      const report = without(unread)
      const words = wordsOf(language)
      const html = renderHtml(report, language)
      const markdown = renderMarkdown(report, language)
        .map(({ text }) => text)
        .join('\n')
      for (const part of unread) {
        expect(html).not.toContain(words.none[part])
        expect(markdown).not.toContain(words.none[part])
      }
      expect(html.split(words.notRead).length - 1).toBeGreaterThan(0)
      const lines = reportView.render({ kind: 'report', written: [], report }, { columns: 200, verbose: false })
      const said = [...lines].map((line) => line.map(spanText).join('')).join('\n')
      expect(said).not.toMatch(/\b0 (?:tables|shards|runs|stores|findings)\b/)
    }),
  )
})

test('a part that was read and has nothing says so', () => {
  const report: Report = { ...without([]), runs: [], drift: [], stores: [] }
  const html = renderHtml(report, 'en')
  for (const part of ['runs', 'drift', 'stores'] as const) expect(html).toContain(wordsOf('en').none[part])
  expect(html).not.toContain(wordsOf('en').notRead)
})
