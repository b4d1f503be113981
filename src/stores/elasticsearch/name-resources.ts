import type { ElasticsearchDeclaration, IndexTemplate, SeriesDeclaration } from './declaration.ts'
import type { WantedNames } from './ports.ts'

/** The same declaration under the names it has on the server: the prefix stands before each, patterns and references included. */
export function nameResources(declaration: ElasticsearchDeclaration, prefix: string): ElasticsearchDeclaration {
  if (prefix === '') return declaration
  const named = (name: string): string => `${prefix}${name}`
  return {
    policies: declaration.policies.map((policy) => ({ ...policy, name: named(policy.name) })),
    components: declaration.components.map((component) => ({ ...component, name: named(component.name) })),
    templates: declaration.templates.map((template) => ({
      ...template,
      name: named(template.name),
      patterns: template.patterns.map(named),
      components: template.components.map(named),
      policy: template.policy === null ? null : named(template.policy),
      series: nameSeries(template.series, named),
    })),
  }
}

function nameSeries(series: SeriesDeclaration, named: (name: string) => string): SeriesDeclaration {
  if (series.type === 'streams') return { ...series, names: series.names.map(named) }
  return series.type === 'alias' ? { ...series, name: named(series.name) } : series
}

/** The data streams or the alias of a template. */
export function seriesNames({ series }: IndexTemplate): readonly string[] {
  if (series.type === 'streams') return series.names
  return series.type === 'alias' ? [series.name] : []
}

/** The index that an alias begins with; rollover counts on from its number. */
export function firstIndex(alias: string): string {
  return `${alias}-000001`
}

/** @param declaration with the prefix before its names already */
export function wantedNames(declaration: ElasticsearchDeclaration, prefix: string): WantedNames {
  const of = (type: SeriesDeclaration['type']): readonly string[] =>
    declaration.templates.filter(({ series }) => series.type === type).flatMap(seriesNames)
  return {
    prefix,
    policies: declaration.policies.map(({ name }) => name),
    components: declaration.components.map(({ name }) => name),
    templates: declaration.templates.map(({ name }) => name),
    streams: of('streams'),
    aliases: of('alias'),
  }
}
