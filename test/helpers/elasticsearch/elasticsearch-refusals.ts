import type { IndexTemplate } from '../../../src/stores/elasticsearch/declaration.ts'

interface Refusal {
  readonly name: string
  readonly change: (template: IndexTemplate) => IndexTemplate
  readonly why: RegExp
}

/** A template whose mapping has one field, and that one wrong. */
function field(definition: Readonly<Record<string, unknown>>): Refusal['change'] {
  return (template) => ({ ...template, mappings: { properties: { wrong: definition } } })
}

/** Templates that a real server does not take, and what it says of them. */
export const invalid: readonly Refusal[] = [
  {
    name: 'unknown field type',
    change: field({ type: 'keywor' }),
    why: /mapper type \[keywor\] declared on field \[wrong\]/,
  },
  { name: 'unknown parameter', change: field({ type: 'keyword', anlyzer: 'x' }), why: /unknown parameter \[anlyzer\]/ },
  {
    name: 'unknown analyzer',
    change: field({ type: 'text', analyzer: 'nosuch' }),
    why: /analyzer \[nosuch\] has not been configured/,
  },
  {
    name: 'unknown setting',
    change: (template) => ({ ...template, settings: { number_of_shardss: 1 } }),
    why: /unknown setting \[index.number_of_shardss\] did you mean/,
  },
  {
    name: 'setting out of range',
    change: (template) => ({ ...template, settings: { number_of_replicas: -1 } }),
    why: /number_of_replicas\] must be >= 0/,
  },
  {
    name: 'unknown filter in an analyzer',
    change: (template) => ({
      ...template,
      settings: { analysis: { analyzer: { own: { type: 'custom', tokenizer: 'standard', filter: ['nosuch'] } } } },
    }),
    why: /failed to find filter under name \[nosuch\]/,
  },
  {
    name: 'timestamp that is no date',
    change: (template) => ({ ...template, mappings: { properties: { '@timestamp': { type: 'keyword' } } } }),
    why: /data stream timestamp field \[@timestamp\] is of type \[keyword\]/,
  },
]
