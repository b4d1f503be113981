import type { Objection } from '../declare/check-documents.ts'
import { matches, mustBeKnown } from './check-names.ts'
import type { Declaration } from './declaration.ts'
import type { AliasDocument, ElasticsearchDocument } from './document.ts'

/** An index that a template would make a data stream of, or that a rollover would make, is not one of its own. */
export function checkIndices({ indices = {} }: ElasticsearchDocument, all: Declaration): readonly Objection[] {
  return Object.keys(indices).flatMap((name) => all.templates.flatMap((template) => checkTemplateOf(name, template)))
}

function checkTemplateOf(
  name: string,
  { name: template, series, patterns }: Declaration['templates'][number],
): readonly Objection[] {
  const path = ['indices', name]
  const next = 'Choose another name, or narrow `index_patterns` of the template.'
  if (series.type === 'streams' && patterns.some((pattern) => matches(pattern, name))) {
    return [{ path, says: `has a name of which index template \`${template}\` makes data streams`, next }]
  }
  if (series.type === 'alias' && isNumbered(name, series.name)) {
    return [{ path, says: `has a name that a rollover of \`${series.name}\` gives`, next: 'Choose another name.' }]
  }
  return []
}

function isNumbered(index: string, alias: string): boolean {
  return index.startsWith(`${alias}-`) && /^\d{6}$/.test(index.slice(alias.length + 1))
}

/** An alias leads to declared indices, and at most one of them takes its writes. */
export function checkAliases({ aliases = {} }: ElasticsearchDocument, all: Declaration): readonly Objection[] {
  return Object.entries(aliases).flatMap(([name, alias]) => (alias === null ? [] : checkAlias(name, alias, all)))
}

function checkAlias(name: string, { indices }: AliasDocument, all: Declaration): readonly Objection[] {
  const place = ['aliases', name, 'indices']
  const members = Object.entries(indices)
  const writing = members.filter(([, { is_write_index }]) => is_write_index === true).map(([index]) => index)
  const several = members.filter(([, one]) => (one.index_routing ?? one.routing ?? '').includes(','))
  return [
    ...members.flatMap(([index]) => mustBeKnown([...place, index], index, 'index', all.indices)),
    ...several.map(([index, { index_routing }]) => ({
      path: [...place, index, index_routing === undefined ? 'routing' : 'index_routing'],
      says: 'names several routings, and a document has one',
      next: 'Write several under `search_routing` alone.',
    })),
    ...writing.slice(1).map((index) => ({
      path: [...place, index, 'is_write_index'],
      says: `is set for a second index, after \`${writing[0] ?? ''}\``,
      next: 'Keep one of them: an alias writes to one index.',
    })),
    ...(members.length === 0
      ? [{ path: place, says: 'names no index', next: 'Name one, or write `null` instead of the alias to remove it.' }]
      : []),
  ]
}
