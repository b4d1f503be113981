import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findingInChinese, inChinese } from '../../../src/doctor/chinese-stores.ts'

const root = join(import.meta.dirname, '../../../src/stores')

const sources = ['redis', 'mongodb', 'elasticsearch', 'influxdb'].flatMap((store) =>
  readdirSync(join(root, store))
    .filter((file) => /^(?:verify|check-(?:cluster|families|users))\.ts$/.test(file))
    .map((file) => readFileSync(join(root, store, file), 'utf8')),
)

/** The names that the sources give checks, with a word for what they fill in. */
const names = sources.flatMap((text) =>
  [
    ...text.matchAll(
      /(?:\bcheck\(\s*|\bname(?:: | = ))(['`])((?:every|all|the|no|a|one|keys|users|task|bucket|points|new|settings|snapshots|replicas|declared|lifecycle|access|there|\$\{host\}) ?[^'`]*)\1/g,
    ),
  ].map(([, , name = '']) => name.replaceAll(/\$\{[^}]*\}/g, 'x')),
)

/** What the sources say is to be done, where nothing is filled in. */
const steps = sources.flatMap((text) =>
  [...text.matchAll(/(?:\bnext(?:: | = )|[?:] |, )'([A-Z][^'$]*\.)'/g)].map(([, step = '']) => step),
)

describe('what stores say', () => {
  test.each([...new Set(steps)])('the step "%s" is said in Chinese', (step) => {
    expect(inChinese(step)).toMatch(/[\u4e00-\u9fff]/)
  })

  test.each([...new Set(names)])('the check `%s` is said in Chinese', (name) => {
    expect(inChinese(name)).toMatch(/[\u4e00-\u9fff]/)
  })

  test('there are names of checks to be found in the sources', () => {
    expect(new Set(names).size).toBeGreaterThan(25)
  })

  test('what a text fills in stands at its place', () => {
    expect(inChinese('bucket hot keeps points longer than task hourly reads back')).toBe(
      'bucket hot 的保留期长于任务 hourly 的回溯时间',
    )
    expect(inChinese('every node answers')).toBe('每个节点都有应答')
    expect(inChinese('10.0.0.1:27017 answers')).toBe('10.0.0.1:27017 有应答')
    expect(inChinese('words that nobody has translated')).toBe('words that nobody has translated')
  })

  test('a difference keeps its names, values and commands', () => {
    const finding = {
      code: 'STORE_DRIFT',
      severity: 'error',
      store: 'influxdb',
      server: '127.0.0.1:8086',
      resource: { kind: 'bucket', name: 'hot' },
      what: 'Bucket `hot` is not as declared.',
      why: 'To bring it back: x.',
      differences: [],
      next: 'Look at `wwdb setup plan --only influxdb`, then run `wwdb setup apply --only influxdb --allow shorter-retention`, if the loss is meant (shorter-retention).',
    } as const
    expect(findingInChinese(finding, '`retention`: 1 day -> 30 days。')).toEqual({
      what: 'bucket `hot` 与声明不一致。',
      why: '`retention`: 1 day -> 30 days。',
      fix: '请先查看 `wwdb setup plan --only influxdb`，再执行 `wwdb setup apply --only influxdb --allow shorter-retention`（前提是确认接受该损失：shorter-retention）。',
    })
  })
})
