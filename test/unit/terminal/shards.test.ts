import { describe, expect, test } from 'vitest'
import type { Result } from '../../../src/command/result.ts'
import { formatSize } from '../../../src/core/size.ts'
import type { TargetInspection } from '../../../src/shards/inspection.ts'
import { renderShardMetrics } from '../../../src/shards/metrics.ts'
import { openReporter } from './harness.ts'
import { shardResults } from './shard-samples.ts'

async function show(kind: Result['kind'], changes: Parameters<typeof openReporter>[0] = {}): Promise<string> {
  const result = shardResults.find((one) => one.kind === kind)
  if (result === undefined) throw new Error(`no sample of ${kind}`)
  const { reporter, out } = await openReporter(changes)
  await reporter.result(result, 0)
  reporter.close()
  return out()
}

describe('what people see of shards in 80 columns', () => {
  test.each(shardResults.map(({ kind }) => [kind]))('%s', async (kind) => {
    const text = await show(kind)
    expect(text).toMatchSnapshot()
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
  })

  test('--verbose names every table', async () => {
    expect(await show('shard-check')).not.toContain('messages_202506')
    expect(await show('shard-check', { verbose: true })).toContain('messages_202506')
  })
})

describe('metrics', () => {
  const [check] = shardResults
  const targets: readonly TargetInspection[] = check?.kind === 'shard-check' ? check.targets : []
  const text = renderShardMetrics(
    { targets, unseen: check?.kind === 'shard-check' ? check.unseen : [] },
    Date.parse('2026-11-24T20:48:04.250Z'),
  )

  test('each has its help and type once, before its samples', () => {
    expect(text).toMatchSnapshot()
    const names = text.split('\n').flatMap((line) => /^# TYPE (\w+) gauge$/.exec(line)?.[1] ?? [])
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(text.indexOf(`# HELP ${name} `)).toBeLessThan(text.indexOf(`\n${name}`))
  })

  test('what does not apply has no sample, and a metric without samples is left out', () => {
    const keys = targets.map((target) => ({
      ...target,
      families: target.families.map((family) => ({
        ...family,
        headroom: null,
        lastSuccessAt: null,
        held: { tables: 1, bytes: null },
      })),
    }))
    const without = renderShardMetrics({ targets: keys, unseen: [] }, 0)
    for (const name of ['headroom_seconds', 'last_success_timestamp_seconds', 'held_bytes']) {
      expect(without).not.toContain(name)
    }
    expect(without).toContain('wwdb_shard_held_tables{database="message_db",family="messages"} 1\n')
  })

  test('labels are escaped', () => {
    const [target] = targets
    const [family] = target?.families ?? []
    if (target === undefined || family === undefined) throw new Error('there is a sample')
    const odd = renderShardMetrics(
      { targets: [{ ...target, families: [{ ...family, family: 'a"b\\c\nd' }] }], unseen: [] },
      0,
    )
    expect(odd).toContain('family="a\\"b\\\\c\\nd"')
    for (const line of odd.trimEnd().split('\n')) expect(line).toMatch(/^(#|wwdb_shard_\w+)/)
  })
})

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [98_304, '96 KiB'],
  [1_503_238_553, '1.4 GiB'],
  [5 * 1024 ** 5, '5120 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
