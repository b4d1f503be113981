import { expect, test } from 'vitest'
import { nothingPlain } from '../../../src/stores/elasticsearch/declaration.ts'
import { knows, refuseLaterParts } from '../../../src/stores/elasticsearch/since.ts'
import { emptyDeclaration, sampleDeclaration } from '../../helpers/elasticsearch/elasticsearch-declaration.ts'

const withSets = { ...emptyDeclaration, plain: { ...nothingPlain, synonyms: [{ name: 'goods', rules: [] }] } }
const withLifecycle = {
  ...emptyDeclaration,
  templates: sampleDeclaration.templates.map((one) => ({ ...one, lifecycle: { data_retention: '7d' } })),
}

test.each([
  ['8.0.0', withSets, '`goods` is declared, and Elasticsearch 8.0.0 has no synonyms sets'],
  ['8.9.2', withSets, 'has no synonyms sets'],
  ['8.10.0', withSets, null],
  ['9.0.0', withSets, null],
  ['8.10.4', withLifecycle, 'declares a `lifecycle`, and Elasticsearch 8.10.4 has no data stream lifecycles'],
  ['8.11.0', withLifecycle, null],
  ['8.0.0', emptyDeclaration, null],
])('a server of %s is asked for nothing that it does not know', (version, declared, refusal) => {
  const check = (): void => refuseLaterParts(declared, version, 's')
  if (refusal === null) check()
  else expect(check).toThrow(refusal)
})

test('a part is known from its first version on', () => {
  expect(['8.9.2', '8.10.0', '8.19.21', '9.0.0'].map((version) => knows(version, 'synonyms sets'))).toEqual([
    ...[false, true, true, true],
  ])
})
