import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nothingPlain, prefixNames } from '../../../src/stores/elasticsearch/declaration.ts'
import type { ObservedSynonyms } from '../../../src/stores/elasticsearch/plain-ports.ts'
import { makerOfSynonyms, planSynonyms, refuseWithoutSynonyms } from '../../../src/stores/elasticsearch/synonyms.ts'
import { emptyDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

function written(name: string, rules: readonly string[], prefix: string): ObservedSynonyms {
  const write = planSynonyms({ name, rules }, undefined, prefix).change?.operation.write
  if (write?.type !== 'put-synonyms') throw new Error('nothing is written')
  return write.rules
}

const texts = fc.array(fc.constantFrom('a, b', 'c => d', 'e, f', 'a, b '), { maxLength: 6 })

test('a set that was written is as declared, ours, and none of another environment or name', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('', 'p_'), (rules, prefix) => {
      const found = written('x', rules, prefix)
      expect(planSynonyms({ name: 'x', rules: rules.toReversed() }, found, prefix).change).toBeNull()
      expect(new Set(found.map(({ id }) => id)).size).toBe(rules.length)
      // The server answers in the order of the IDs.
      expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).toSorted())
      if (rules.length === 0) return
      expect(makerOfSynonyms('x', found, prefix)).toBe('ours')
      expect(makerOfSynonyms('y', found, prefix)).toBe('changed')
      expect(makerOfSynonyms('x', found, 'q_')).toBe('other environment')
      expect(makerOfSynonyms('x', [...found, { id: 'own', synonyms: 'g, h' }], prefix)).toBe('changed')
      expect(makerOfSynonyms('x', [{ id: 'own', synonyms: 'g, h' }], prefix)).toBe('by hand')
    }),
  )
})

test('a rule that is there twice counts twice, and of many differences twenty are shown', () => {
  const plan = (rules: readonly string[], found: readonly string[]) =>
    planSynonyms({ name: 'x', rules }, written('x', found, ''), '').change?.change.differences ?? []
  expect(plan(['a, b'], ['a, b', 'a, b'])).toEqual([{ path: 'rules', actual: 'a, b', declared: null }])
  const many = Array.from({ length: 30 }, (_, number) => `a${number}, b`)
  expect(plan(many, [])).toHaveLength(21)
  expect(plan(many, []).at(-1)?.declared).toBe('and 10 more')
})

test('the prefix stands before a set wherever an analyzer names it', () => {
  const settings = {
    analysis: { filter: { one: { type: 'synonym_graph', synonyms_set: 'goods' } } },
    'analysis.filter.two.synonyms_set': ['goods', 'elsewhere'],
  }
  const prefixed = prefixNames(
    {
      ...emptyDeclaration,
      indices: [{ name: 'i', settings, mappings: {} }],
      plain: { ...nothingPlain, synonyms: [{ name: 'goods', rules: [] }] },
    },
    'p_',
  )
  expect(prefixed.plain.synonyms).toEqual([{ name: 'p_goods', rules: [] }])
  expect(prefixed.indices[0]?.settings).toEqual({
    analysis: { filter: { one: { type: 'synonym_graph', synonyms_set: 'p_goods' } } },
    'analysis.filter.two.synonyms_set': ['p_goods', 'elsewhere'],
  })
})

test('a server without synonyms sets is refused where one is declared', () => {
  const declared = [{ name: 'goods', rules: [] }]
  for (const version of ['8.10.0', '8.19.21', '9.0.0']) refuseWithoutSynonyms(declared, version, 's')
  refuseWithoutSynonyms([], '8.9.2', 's')
  expect(() => refuseWithoutSynonyms(declared, '8.9.2', 's')).toThrow(
    '`goods` is declared, and Elasticsearch 8.9.2 has no synonyms sets',
  )
})
