import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { longestInterval, readCron } from '../../../src/calendar/cron.ts'
import { findShortHorizons } from '../../../src/calendar/horizon.ts'
import { compileNaming } from '../../../src/calendar/naming.ts'
import { periodAt } from '../../../src/calendar/period.ts'
import type { CommandResult } from '../../../src/command/context.ts'
import type { Division, PeriodKind } from '../../../src/core/shard-family.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { command as next } from '../../../src/shards/commands/schedule-next.ts'
import { command as render } from '../../../src/shards/commands/schedule-render.ts'
import { openHealthFile } from '../../../src/shards/schedule/run-schedule.ts'
import { offlineContext } from '../../helpers/tool/offline-context.ts'
import { openReporter } from '../../unit/terminal/harness.ts'

const document = readFileSync(new URL('../../../docs/guides/calendar-and-schedules.md', import.meta.url), 'utf8')
const blocks = new Map(
  [...document.matchAll(/^```\w+ (\w+)\n(.*?)^```$/gms)].map(([, label = '', text = '']) => [label, text]),
)

const folder = mkdtempSync(join(tmpdir(), 'wwdb-document-'))
const context = { ...offlineContext(folder), now: () => Date.parse('2026-11-24T18:00:00Z') }
writeFileSync(join(folder, 'wwdb.config.json'), textOf('config'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function textOf(label: string): string {
  const text = blocks.get(label)
  if (text === undefined) throw new Error(`the page has no block ${label}`)
  return text
}

/** The lines of a block, cut at their first blanks into so many words; what is left is the last. */
function linesOf(label: string, words: number): readonly (readonly string[])[] {
  const cut = new RegExp(`^${'(\\S+) '.repeat(words - 1)}(.*)$`)
  return textOf(label)
    .trimEnd()
    .split('\n')
    .map((line) => cut.exec(line)?.slice(1) ?? [line])
}

function divisionOf(kind: string): Division {
  const source = { database: 'd', table: 't', column: 'id', deletedAt: null }
  return kind === 'key' ? { type: 'key', source } : { type: 'period', kind: kind as PeriodKind, zone: 'UTC' }
}

test('every fenced block of the page is an example that is tested', () => {
  const tested = `at names refused config cron next horizon health crontab systemd kubernetes`
  expect([...blocks.keys()]).toEqual(tested.split(' '))
  expect(document.match(/^```/gm)).toHaveLength(2 * blocks.size)
})

test.each(linesOf('at', 4))('%s is by %s in %s in %s', (instant = '', kind = '', zone = '', key = '') => {
  expect(periodAt(Date.parse(instant), kind as PeriodKind, zone).key).toBe(key)
})

describe('patterns', () => {
  test.each(linesOf('names', 4))('%s by %s: %s is %s', (pattern = '', kind = '', key = '', name = '') => {
    const naming = compileNaming(pattern, divisionOf(kind))
    expect([naming.name(key), naming.parse(name)]).toEqual([name, key])
  })

  test.each(linesOf('refused', 3))('%s by %s: %s', (pattern = '', kind = '', why = '') => {
    try {
      compileNaming(pattern, divisionOf(kind))
      expect.unreachable()
    } catch (error) {
      expect(error instanceof ToolError ? error.faults[0]?.why : error).toBe(why)
    }
  })
})

test.each(linesOf('cron', 6))('the schedule %s %s %s %s %s: %s', (...words) => {
  const outcome = readCron(words.slice(0, 5).join(' '))
  expect(outcome.type === 'fault' ? outcome.why : 'accepted').toBe(words[5])
})

test('the next times', async () => {
  const { reporter, out } = await openReporter({})
  const { result, exitCode } = await next.run({ limit: 2 }, context)
  await reporter.result(result, exitCode)
  reporter.close()
  expect(`$ wwdb schedule next --limit 2\n${out()}`).toBe(textOf('next'))
})

test('shards that may run out', async () => {
  const { rotation } = await context.config()
  const cron = readCron(rotation.schedule ?? '')
  if (cron.type === 'fault') throw new Error(cron.why)
  const family = (name: string, kind: string) => ({
    name,
    database: 'd',
    division: divisionOf(kind),
    policy: { premake: { periods: 3, days: 0 } },
    template: { file: `shard-templates/d/${name}.sql` },
  })
  const families = [family('messages', 'month'), family('system_logs', 'day')]
  const faults = findShortHorizons(families, longestInterval(cron.fields), rotation.alertDelay)
  expect(faults.map(({ what, why, next: advice }) => `${what}\n${why}\n${advice}\n`)).toEqual([textOf('horizon')])
})

test('the health file', async () => {
  const at = Date.parse('2026-11-23T19:17:20Z')
  const path = join(folder, 'health.json')
  const file = openHealthFile(
    path,
    () => Date.parse('2026-11-24T18:00:15Z'),
    (error) => expect.unreachable(String(error)),
  )
  await file.write({
    phase: 'waiting',
    due: Date.parse('2026-11-24T19:17:12Z'),
    runs: 3,
    failures: 0,
    lastSuccessAt: at + 1000,
    last: { startedAt: at, endedAt: at + 1000, exitCode: 0, fault: null },
  })
  file.close()
  expect(readFileSync(path, 'utf8')).toBe(textOf('health'))
})

test.each(['crontab', 'systemd', 'kubernetes'] as const)('the schedule for %s', async (as) => {
  const image = as === 'kubernetes' ? { image: 'registry.example/app:1' } : {}
  const { result }: CommandResult = await render.run({ as, ...image }, context)
  const content = result.kind === 'document' ? result.content : ''
  expect(content.replaceAll(folder, '/srv/app')).toBe(textOf(as))
})
