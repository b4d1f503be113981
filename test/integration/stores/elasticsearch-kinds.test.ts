import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergeMappings } from '../../../src/stores/elasticsearch/bodies.ts'
import { compareMappings, isFixedSetting } from '../../../src/stores/elasticsearch/compare-indices.ts'
import { normalText } from '../../../src/stores/entries.ts'
import { withElasticsearch } from '../../helpers/elasticsearch/elasticsearch-stage.ts'
import { isAvailable } from '../../helpers/servers/servers.ts'

/** Every setting that Elasticsearch 8.19 registers for an index and lets people set, groups left out. */
const settings = readFileSync(join(import.meta.dirname, '../../fixtures/elasticsearch/index-settings.txt'), 'utf8')
  .trim()
  .split('\n')

/** A field before and after, of one parameter each. */
const parameters: readonly (readonly [string, object, object])[] = [
  ['type', { type: 'keyword' }, { type: 'long' }],
  ['ignore_above', { type: 'keyword' }, { type: 'keyword', ignore_above: 9 }],
  ['doc_values', { type: 'keyword' }, { type: 'keyword', doc_values: false }],
  ['index', { type: 'keyword' }, { type: 'keyword', index: false }],
  ['store', { type: 'keyword' }, { type: 'keyword', store: true }],
  ['null_value', { type: 'keyword' }, { type: 'keyword', null_value: 'x' }],
  ['eager_global_ordinals', { type: 'keyword' }, { type: 'keyword', eager_global_ordinals: true }],
  ['split_queries_on_whitespace', { type: 'keyword' }, { type: 'keyword', split_queries_on_whitespace: true }],
  ['meta', { type: 'keyword' }, { type: 'keyword', meta: { unit: 'ms' } }],
  ['copy_to', { type: 'keyword' }, { type: 'keyword', copy_to: 'all' }],
  ['fields', { type: 'keyword' }, { type: 'keyword', fields: { text: { type: 'text' } } }],
  ['analyzer', { type: 'text' }, { type: 'text', analyzer: 'cjk' }],
  ['search_analyzer', { type: 'text' }, { type: 'text', analyzer: 'standard', search_analyzer: 'cjk' }],
  ['search_quote_analyzer', { type: 'text' }, { type: 'text', analyzer: 'standard', search_quote_analyzer: 'cjk' }],
  ['fielddata', { type: 'text' }, { type: 'text', fielddata: true }],
  ['norms', { type: 'text' }, { type: 'text', norms: false }],
  ['similarity', { type: 'text' }, { type: 'text', similarity: 'boolean' }],
  ['index_options', { type: 'text' }, { type: 'text', index_options: 'docs' }],
  ['term_vector', { type: 'text' }, { type: 'text', term_vector: 'yes' }],
  ['position_increment_gap', { type: 'text' }, { type: 'text', analyzer: 'standard', position_increment_gap: 7 }],
  ['format', { type: 'date' }, { type: 'date', format: 'epoch_second' }],
  ['locale', { type: 'date' }, { type: 'date', locale: 'fr' }],
  ['ignore_malformed', { type: 'long' }, { type: 'long', ignore_malformed: true }],
  ['coerce', { type: 'long' }, { type: 'long', coerce: false }],
  ['dynamic', { type: 'object', properties: {} }, { type: 'object', dynamic: false }],
  ['enabled', { type: 'object', properties: {} }, { type: 'object', enabled: false }],
  ['depth_limit', { type: 'flattened' }, { type: 'flattened', depth_limit: 7 }],
]

describe.runIf(isAvailable('elasticsearch'))('what a real server lets change in an index that exists', () => {
  const stage = withElasticsearch()

  /** True when the server did it. */
  const tries = async (method: string, path: string, body: unknown): Promise<boolean> => {
    const answer = await stage()
      .request(method, path, body)
      .catch((error: Error) => error.message)
    if (typeof answer === 'string' && !/: 400 |mapper_exception/.test(answer)) throw new Error(answer)
    return typeof answer !== 'string'
  }

  it('is each setting that is not called fixed', async () => {
    const path = `/${stage().prefix}settings`
    await stage().request('PUT', path)
    const wrong: string[] = []
    for (const key of settings) {
      const changes = await tries('PUT', `${path}/_settings`, { [key]: null })
      if (changes === isFixedSetting(key)) wrong.push(key)
    }
    expect(settings.length).toBeGreaterThan(120)
    expect(wrong).toEqual([])
  })

  it('is each parameter of a field that is called changeable', async () => {
    const path = `/${stage().prefix}parameters`
    const before = Object.fromEntries(parameters.map(([name, field]) => [name, field]))
    await stage().request('PUT', path, { mappings: { properties: before } })
    const wrong: string[] = []
    for (const [name, field, after] of parameters) {
      const expected = { properties: { [name]: after } }
      const differences = compareMappings({ declared: expected, expected, live: { properties: { [name]: field } } })
      const changes = await tries('PUT', `${path}/_mapping`, expected)
      if (differences.length === 0 || differences.every(({ kind }) => kind === 'changeable') !== changes)
        wrong.push(name)
    }
    expect(wrong).toEqual([])
  })

  it('is joined of templates as it is here', async () => {
    const { prefix, request } = stage()
    const parts = [
      {
        _meta: { first: 1 },
        dynamic: false,
        dynamic_templates: [{ one: { match: 'a*', mapping: { type: 'keyword' } } }],
        properties: {
          retyped: { type: 'text', fields: { keyword: { type: 'keyword' } } },
          again: { type: 'keyword', ignore_above: 5 },
          branch: { properties: { kept: { type: 'keyword' } } },
          nested: { type: 'nested', properties: { kept: { type: 'long' } } },
        },
      },
      {
        _meta: { second: 2 },
        dynamic_templates: [
          { two: { match: 'b*', mapping: { type: 'long' } } },
          { one: { match: 'c*', mapping: { type: 'keyword' } } },
        ],
        properties: {
          retyped: { type: 'keyword' },
          again: { type: 'keyword', doc_values: false },
          branch: { properties: { added: { type: 'keyword' } } },
          nested: { type: 'nested', properties: { added: { type: 'long' } } },
        },
      },
    ]
    for (const [number, mappings] of parts.entries()) {
      await request('PUT', `/_component_template/${prefix}part-${number}`, { template: { mappings } })
    }
    const body = {
      index_patterns: [`${prefix}joined`],
      composed_of: [`${prefix}part-0`, `${prefix}part-1`],
      priority: 500,
    }
    const { template } = await request('POST', '/_index_template/_simulate', body)
    expect(JSON.parse(normalText(mergeMappings(parts)))).toEqual(JSON.parse(normalText(template.mappings)))
  })
})
