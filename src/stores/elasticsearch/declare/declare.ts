import {
  type ComponentTemplate,
  chineseAnalyses,
  type ElasticsearchDeclaration,
  type IndexTemplate,
  type SeriesDeclaration,
} from '../declaration.ts'
import type { ComponentDocument, ElasticsearchDocument, TemplateDocument } from './schema.ts'

/** Above all that comes with Elasticsearch (100) and with its Fleet (200). */
const defaultPriority = 500

/** The declaration that documents are together, in their order, with defaults in place. */
export function declareElasticsearch(documents: readonly ElasticsearchDocument[]): ElasticsearchDeclaration {
  return {
    policies: documents
      .flatMap(({ policies = {} }) => Object.entries(policies))
      .map(([name, { description, phases }]) => ({ name, description: description ?? null, phases })),
    components: documents
      .flatMap(({ component_templates = {} }) => Object.entries(component_templates))
      .map(([name, component]) => declareComponent(name, component)),
    templates: documents
      .flatMap(({ index_templates = {} }) => Object.entries(index_templates))
      .map(([name, template]) => declareTemplate(name, template)),
  }
}

function declareComponent(name: string, component: ComponentDocument): ComponentTemplate {
  const { description, chinese_analysis, settings, mappings } = component
  const chinese =
    chinese_analysis === undefined
      ? null
      : {
          index: chinese_analysis.index ?? 'zh_index',
          search: chinese_analysis.search ?? 'zh_search',
          preferred: chinese_analysis.prefer ?? chineseAnalyses,
        }
  return { name, description: description ?? null, chinese, settings: settings ?? {}, mappings: mappings ?? {} }
}

function declareTemplate(name: string, template: TemplateDocument): IndexTemplate {
  const series = declareSeries(template)
  return {
    name,
    description: template.description ?? null,
    patterns: template.index_patterns ?? defaultPatterns(series),
    priority: template.priority ?? defaultPriority,
    components: template.composed_of ?? [],
    policy: template.policy ?? null,
    series,
    settings: template.settings ?? {},
    mappings: template.mappings ?? {},
  }
}

function declareSeries({ data_streams, write_alias }: TemplateDocument): SeriesDeclaration {
  if (data_streams !== undefined) return { type: 'streams', names: data_streams }
  if (write_alias === undefined) return { type: 'none' }
  return { type: 'alias', name: write_alias.name, documents: write_alias.documents ?? 'added' }
}

function defaultPatterns(series: SeriesDeclaration): readonly string[] {
  if (series.type === 'streams') return series.names
  return series.type === 'alias' ? [`${series.name}-*`] : []
}
