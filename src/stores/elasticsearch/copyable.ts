import { childOf, flattenSettings } from './compare-trees.ts'
import type { TemplateContent } from './declaration.ts'

/** Why the documents of an index cannot be copied into a new one, as a sentence; null where they can. */
export function explainUncopyable(index: TemplateContent, desired: TemplateContent): string | null {
  const mode = flattenSettings(index.settings).get('index.mode')
  if (mode === 'time_series')
    return 'It is a time series index, which takes documents of its own span of time alone, and a copy has another one.'
  if (flattenSettings(desired.settings).get('index.mode') === 'time_series')
    return 'A new index would be one of a time series, which takes documents of its own span of time alone.'
  const hidden = describeHidden(index, mode)
  return hidden === null
    ? null
    : `It has \`${hidden}\`, so the server does not store whole documents that it could copy.`
}

/** What keeps a document from being stored as it was sent, as the mapping and the settings have it. */
function describeHidden({ mappings, settings }: TemplateContent, mode: string | undefined): string | null {
  const source = childOf(mappings, '_source')
  const own = flattenSettings(settings).get('index.mapping.source.mode') ?? source['mode']
  if (own === 'disabled') return 'source.mode: disabled'
  if (own === 'synthetic') return 'source.mode: synthetic'
  if (mode === 'logsdb' && own !== 'stored') return 'index.mode: logsdb'
  if (String(source['enabled']) === 'false') return '_source.enabled: false'
  const partial = ['includes', 'excludes'].find((key) => {
    const fields = source[key]
    return Array.isArray(fields) && fields.length > 0
  })
  return partial === undefined ? null : `_source.${partial}`
}
