import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { commandEntries } from '../../../src/cli/registry.generated.ts'
import { renderDriftMetrics, renderShardMetrics } from '../../../src/shards/metrics.ts'
import { shardResults } from '../terminal/shard-samples.ts'

const require = createRequire(import.meta.url)

interface SyntaxNode {
  readonly name: string
  readonly from: number
  readonly to: number
}
interface Parser {
  readonly parse: (text: string) => { readonly iterate: (how: { readonly enter: (node: SyntaxNode) => void }) => void }
}
// Prometheus' own grammar, as its user interface reads expressions.
const { parser } = require('@prometheus-io/lezer-promql') as { readonly parser: Parser }

/** The names of metrics that an expression has; throws where Prometheus could not read it. */
function metricsOf(expression: string): readonly string[] {
  const names: string[] = []
  parser.parse(expression).iterate({
    enter: ({ name, from, to }) => {
      const text = expression.slice(from, to)
      if (name === '⚠') throw new Error(`${expression} cannot be read at ${from}: ${text}`)
      if (name === 'Identifier') names.push(text)
    },
  })
  return names
}

const ops = join(import.meta.dirname, '../../../ops')
const read = (file: string): string => readFileSync(join(ops, file), 'utf8')

const check = shardResults.find((result) => result.kind === 'shard-check')
if (check === undefined) throw new Error('there is no sample of a check')

/** What the tool writes, by writing it. */
const written = new Set(
  [renderShardMetrics(check, 0), renderDriftMetrics({ drift: [{ database: 'a', objects: 1 }] }, 0)]
    .join('')
    .split('\n')
    .flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []),
)

const rulesFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Wwdb[A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smhdw]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
})

describe('the alerts of Prometheus', () => {
  const { groups } = rulesFile.parse(parse(read('prometheus/wwdb-alerts.yml')))
  const rules = groups.flatMap((group) => group.rules)

  test('have a name of their own each, and an expression that Prometheus reads', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { alert, expr } of rules) expect(metricsOf(expr), alert).not.toEqual([])
    expect(() => metricsOf('wwdb_shard_missing >')).toThrow('cannot be read')
  })

  test('ask for metrics that the tool writes, and leave out none that is a reason to act', () => {
    const asked = new Set(rules.flatMap(({ expr }) => metricsOf(expr)))
    expect([...asked].filter((name) => !written.has(name))).toEqual([])
    // How many tables there are, and how large those are that wait, is no fault.
    const left = [...written].filter((name) => !asked.has(name))
    expect(left.sort()).toEqual(['wwdb_shard_held_bytes', 'wwdb_shard_tables'])
  })

  test('use no label that their expression does not keep', () => {
    for (const { alert, expr, annotations } of rules) {
      const labels = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label]) => label)
      const has =
        /timestamp_seconds(?: >|\))/.test(expr) && !expr.includes('last_success') ? [] : ['database', 'family']
      const kept = /database_checked|drift_objects/.test(expr) ? ['database'] : has
      expect(kept, alert).toEqual(expect.arrayContaining(labels))
    }
  })

  test('have their tests, which promtool runs, of alerts that exist', () => {
    const { tests, rule_files: files } = parse(read('prometheus/wwdb-alerts.test.yml'))
    expect(files).toEqual(['wwdb-alerts.yml'])
    const tested: readonly string[] = tests.flatMap(
      (one: { readonly alert_rule_test: readonly { alertname: string }[] }) =>
        one.alert_rule_test.map(({ alertname }) => alertname),
    )
    expect(tested.filter((name) => rules.every(({ alert }) => alert !== name))).toEqual([])
  })
})

describe('the dashboard of Grafana', () => {
  const dashboard = JSON.parse(read('grafana/wwdb-shards.json'))
  interface Panel {
    readonly id: number
    readonly title: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets: readonly { readonly expr: string; readonly refId: string }[]
  }
  const panels: readonly Panel[] = dashboard.panels

  test('asks for metrics that the tool writes, and shows each of them', () => {
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
    const asked = new Set(expressions.flatMap((expr) => metricsOf(expr.replaceAll(/\$\w+/g, 'x'))))
    expect([...asked].sort()).toEqual([...written].sort())
  })

  test('knows every variable that its queries have', () => {
    const known: readonly string[] = dashboard.templating.list.map(({ name }: { readonly name: string }) => name)
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name)
    expect([...new Set(used)].sort()).toEqual([...known].sort())
  })

  test('has panels with an id of their own that do not lie over one another, 24 columns wide', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)}:${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    for (const { targets } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
  })
})

test('every command that a file of ops names is one of the tool', () => {
  const names = commandEntries.map(({ name }) => name)
  const files = [
    'prometheus/wwdb-alerts.yml',
    'grafana/wwdb-shards.json',
    'README.md',
    'kubernetes/schedules.yaml',
    'kubernetes/secret.example.yaml',
  ]
  for (const file of files) {
    const texts = [...read(file).matchAll(/`wwdb ([a-z]+(?: [a-z]+)?)/g)].map(([, text = '']) => text)
    for (const text of texts)
      expect(
        names.some((name) => `${text} `.startsWith(`${name} `)),
        `${file}: ${text}`,
      ).toBe(true)
  }
})
