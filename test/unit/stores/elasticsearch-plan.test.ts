import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noOptions } from '../../../src/stores/contract.ts'
import { chooseAnalysis, type DesiredState, writeBodies } from '../../../src/stores/elasticsearch/bodies.ts'
import { childOf, isObject } from '../../../src/stores/elasticsearch/compare-trees.ts'
import type { Declaration, JsonObject } from '../../../src/stores/elasticsearch/declaration.ts'
import { prefixNames, seriesNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { type PlanInput, planChanges } from '../../../src/stores/elasticsearch/plan-changes.ts'
import type { ObservedTemplate, ServerState } from '../../../src/stores/elasticsearch/ports.ts'
import { sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

const desiredOf = (declaration: Declaration, analysis: 'smartcn' | 'cjk' = 'smartcn'): DesiredState =>
  writeBodies(declaration, new Map([['chinese', analysis]]), { prefix: '', existing: new Map() })

/** Settings as a server gives them back: nested, and every scalar a text. */
function nest(settings: JsonObject): JsonObject {
  const tree: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(settings)) {
    const parts = key.split('.')
    const last = parts.pop() ?? ''
    let branch = tree
    for (const part of parts) {
      branch[part] = isObject(branch[part]) ? branch[part] : {}
      branch = branch[part] as Record<string, unknown>
    }
    branch[last] = isObject(value) || Array.isArray(value) ? value : String(value)
  }
  return tree
}

function echo(body: JsonObject): ObservedTemplate {
  const { template, _meta, ...rest } = body
  const { data_stream, ...others } = rest
  return {
    settings: nest((childOf(template === undefined ? {} : { template }, 'template')['settings'] as JsonObject) ?? {}),
    mappings: childOf(template, 'mappings'),
    meta: _meta as JsonObject,
    body,
    rest:
      data_stream === undefined ? others : { ...others, data_stream: { hidden: false, allow_custom_routing: false } },
  }
}

/** What a server has that was just brought to its declarations. */
function observe(desired: DesiredState): ServerState {
  const series = desired.templates.flatMap(({ source, merged }) =>
    seriesNames(source).map((name) => {
      const writeIndex = { name: `${name}-000001`, settings: nest(merged.settings), mappings: merged.mappings }
      return [
        name,
        {
          type: source.series.type === 'alias' ? 'alias' : 'stream',
          indices: [writeIndex.name],
          writeIndex,
          older: [],
        },
      ] as const
    }),
  )
  return {
    version: '8.19.21',
    access: null,
    leftovers: [],
    plain: { synonyms: new Map(), pipelines: new Map(), clusterSettings: {} },
    strays: [],
    snapshots: { repositories: new Map(), policies: new Map(), others: new Map(), earlier: new Map() },
    plainIndices: { indices: new Map(), aliases: new Map(), taken: new Map() },
    existing: new Map(),
    nodes: [{ name: 'node-1', parts: ['analysis-smartcn'] }],
    policies: new Map(
      desired.policies.map(({ name, body }) => [
        name,
        { phases: body['phases'] as JsonObject, meta: body['_meta'] as JsonObject, indices: [], body },
      ]),
    ),
    components: new Map(desired.components.map(({ name, body }) => [name, echo(body)])),
    templates: new Map(desired.templates.map(({ name, body }) => [name, echo(body)])),
    series: new Map(series),
    moves: new Map(),
  }
}

function inputOf(desired: DesiredState, observed: ServerState): PlanInput {
  const simulations = new Map(desired.templates.map(({ name, merged }) => [name, { ...merged, overlapping: [] }]))
  return { desired, observed, simulations, contents: new Map(), facts: new Map(), now: 0, options: noOptions }
}

describe('the plan of an Elasticsearch', () => {
  const desired = desiredOf(sampleDeclaration)

  it('is empty on a server that was brought to the same declaration', () => {
    const { changes, unchanged } = planChanges(inputOf(desired, observe(desired)))
    expect(changes).toEqual([])
    expect(unchanged).toHaveLength(9)
  })

  it('rolls over every index whose analyzer is another now, and says so of each', () => {
    const { changes } = planChanges(inputOf(desiredOf(sampleDeclaration, 'cjk'), observe(desired)))
    expect(changes.map(({ change: { action, resource } }) => `${action} ${resource.kind} ${resource.name}`)).toEqual([
      'update component template chinese',
      'replace write index system-logs',
      'replace write index messages',
      'replace write index contacts',
    ])
    expect(changes.map(({ change: { loss } }) => loss?.code ?? null)).toEqual([null, null, null, 'duplicate-documents'])
    expect(changes[0]?.change.differences.map(({ path }) => path)).toContain('_meta.chinese_analysis')
  })

  it('reports what was added by hand only once the declaration has changed, and removes it then', () => {
    const observed = observe(desired)
    const base = observed.components.get('base')
    if (base === undefined) throw new Error('there is no base')
    const added = {
      ...base,
      settings: { ...base.settings, index: { ...childOf(base.settings, 'index'), priority: '7' } },
    }
    const components = new Map([...observed.components, ['base', added] as const])
    expect(planChanges(inputOf(desired, { ...observed, components })).changes).toEqual([])
    const changed = desiredOf({
      ...sampleDeclaration,
      components: sampleDeclaration.components.map((one) =>
        one.name === 'base' ? { ...one, mappings: { dynamic: 'strict' } } : one,
      ),
    })
    const [first] = planChanges(inputOf(changed, { ...observed, components })).changes
    expect(first?.change.differences).toContainEqual({ path: 'settings.index.priority', actual: '7', declared: null })
    expect(first?.change.differences).toContainEqual(
      expect.objectContaining({ path: 'mappings.properties', declared: null }),
    )
  })

  it('asks before an index that nothing expired follows a policy that does', () => {
    const observed = observe(desired)
    const stream = observed.series.get('system-logs')
    if (stream?.writeIndex == null) throw new Error('there is no stream')
    const index = childOf(stream.writeIndex.settings, 'index')
    const { lifecycle: _, ...others } = index
    const writeIndex = { ...stream.writeIndex, settings: { index: others } }
    const series = new Map([...observed.series, ['system-logs', { ...stream, writeIndex }] as const])
    const { changes } = planChanges(inputOf(desired, { ...observed, series }))
    expect(changes).toMatchObject([
      {
        change: { action: 'update', loss: { code: 'shorter-retention' } },
        operation: { affected: ['system-logs-000001'] },
      },
    ])
  })

  it('puts the prefix before every name and every reference', () => {
    const { policies, components, templates } = desiredOf(prefixNames(sampleDeclaration, 'pr_7_'))
    const text = JSON.stringify([policies, components, templates].flat().map(({ name, body }) => ({ name, body })))
    expect(text).toContain('"index.lifecycle.rollover_alias":"pr_7_messages"')
    for (const name of ['logs', 'chinese', 'base', 'system-logs', 'messages', 'contacts'])
      expect(text).not.toMatch(new RegExp(`"${name}(?:-\\*)?"`))
  })

  it('finds any setting of a write index that is another', () => {
    const keys = Object.keys(desired.templates[0]?.merged.settings ?? {}).filter(
      (key) => key !== 'index.lifecycle.name',
    )
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string({ minLength: 1 }), (key, value) => {
        const observed = observe(desired)
        const stream = observed.series.get('system-logs')
        const settings = desired.templates[0]?.merged.settings ?? {}
        fc.pre(stream?.writeIndex != null && String(settings[key]) !== value && !isObject(settings[key]))
        if (stream?.writeIndex == null) return
        const writeIndex = { ...stream.writeIndex, settings: nest({ ...settings, [key]: value }) }
        const series = new Map([...observed.series, ['system-logs', { ...stream, writeIndex }] as const])
        const { changes } = planChanges(inputOf(desired, { ...observed, series }))
        expect(changes.flatMap(({ change: { differences } }) => differences.map(({ path }) => path))).toEqual([
          `settings.${key}`,
        ])
      }),
    )
  })
})

describe('the choice of an analysis', () => {
  const analyzers = { index: 'i', search: 's', preferred: ['ik', 'smartcn', 'cjk', 'standard'] as const }
  const node = (name: string, ...parts: readonly string[]) => ({ name, parts })

  it.each([
    [[node('a', 'analysis-ik', 'analysis-smartcn'), node('b', 'analysis-ik')], 'ik', []],
    [
      [node('a', 'analysis-ik', 'analysis-smartcn'), node('b', 'analysis-smartcn')],
      'smartcn',
      ['analysis-ik is missing on b'],
    ],
    [
      [node('a', 'analysis-common'), node('b', 'analysis-common', 'analysis-smartcn')],
      'cjk',
      ['analysis-ik is missing on every node', 'analysis-smartcn is missing on a'],
    ],
    [
      [node('a')],
      'standard',
      [
        'analysis-ik is missing on the node',
        'analysis-smartcn is missing on the node',
        'analysis-common is missing on the node',
      ],
    ],
  ] as const)('takes what every node has: %j', (nodes, analysis, passedOver) => {
    expect(chooseAnalysis(analyzers, nodes)).toEqual({ analysis, passedOver })
  })
})
