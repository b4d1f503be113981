import { expect, test } from 'vitest'
import { nothingPlain, prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import { planPlain } from '../../../src/stores/elasticsearch/plain-resources.ts'
import { emptyDeclaration, sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

const lower = { lowercase: { field: 'message' } }
const drop = { drop: {} }
const pipeline = { name: 'words', description: null, processors: [lower, drop], onFailure: [] }
const declared = { ...nothingPlain, pipelines: [pipeline] }
const meta = { managed_by: 'wwdb' }

test.each([
  ['as declared', { processors: [lower, drop], _meta: meta, version: 3 }, []],
  ['in another order', { processors: [drop, lower], _meta: meta }, ['processors']],
  ['with one that was added', { processors: [lower, drop, drop], _meta: meta }, ['processors']],
  ['with processors for failures', { processors: [lower, drop], on_failure: [drop], _meta: meta }, ['on_failure']],
  ['made by hand', { processors: [lower, drop] }, []],
])('a pipeline %s differs in what the order and the processors say', (_what, observed, paths) => {
  const plain = { synonyms: new Map(), pipelines: new Map([['words', observed]]), clusterSettings: {} }
  const [planned] = planPlain(declared, plain, '')
  expect(planned?.change?.change.differences.map(({ path }) => path) ?? []).toEqual(paths)
})

test('a pipeline keeps what the server has of it besides, and no empty list is sent', () => {
  const observed = { processors: [], on_failure: [drop], version: 3, _meta: { owner: 'ops' } }
  const [planned] = planPlain(
    declared,
    { synonyms: new Map(), pipelines: new Map([['words', observed]]), clusterSettings: {} },
    'p_',
  )
  expect(planned?.change?.operation.write).toEqual({
    type: 'put-pipeline',
    name: 'words',
    body: {
      processors: [lower, drop],
      version: 3,
      _meta: { owner: 'ops', managed_by: 'wwdb', prefix: 'p_', made_sha256: expect.any(String) },
    },
  })
})

test('a cluster setting is compared as a text, and null resets it', () => {
  const settings = { 'a.b': 5, 'a.c': null, 'a.d': null, 'a.e': ['x'] }
  const observed = {
    synonyms: new Map(),
    pipelines: new Map(),
    clusterSettings: { 'a.b': '5', 'a.c': 'old', 'a.e': ['x'], 'a.f': 'by hand' },
  }
  const plan = planPlain({ ...nothingPlain, clusterSettings: settings }, observed, '')
  expect(plan.flatMap(({ change }) => change?.change.summary ?? [])).toEqual(['reset cluster setting a.c'])
})

test('the prefix stands before pipelines wherever they are named, and before no component that is made elsewhere', () => {
  const [template] = sampleDeclaration.templates
  if (template === undefined) throw new Error('no template')
  const settings = { index: { default_pipeline: 'words' }, 'index.final_pipeline': '_none' }
  const templates = [{ ...template, settings, components: ['base', 'logs@settings'], existing: ['logs@settings'] }]
  const calling = {
    ...pipeline,
    name: 'first',
    processors: [{ pipeline: { name: 'words' } }, { set: { name: 'words' } }],
  }
  const prefixed = prefixNames(
    { ...emptyDeclaration, templates, plain: { ...nothingPlain, pipelines: [pipeline, calling] } },
    'p_',
  )
  expect(prefixed.templates).toMatchObject([
    {
      components: ['p_base', 'logs@settings'],
      settings: { index: { default_pipeline: 'p_words' }, 'index.final_pipeline': '_none' },
    },
  ])
  expect(prefixed.plain.pipelines[1]?.processors).toEqual([
    { pipeline: { name: 'p_words' } },
    { set: { name: 'words' } },
  ])
})
