import { pathText } from '../../../core/interpolate.ts'
import type { Fault } from '../../../core/tool-error.ts'
import { checkDocument } from '../../declare/check-documents.ts'
import type { DeclarationDocument } from '../../declare/read-declarations.ts'
import type { ElasticsearchDeclaration } from '../declaration.ts'
import { checkTogether, type Objection } from './check-together.ts'
import { declareElasticsearch } from './declare.ts'
import { type ElasticsearchDocument, elasticsearchSchema } from './schema.ts'

export type ElasticsearchReading =
  | { readonly type: 'declaration'; readonly declaration: ElasticsearchDeclaration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** The declaration that the files of a folder are together, or everything that is wrong with them, each with its place. */
export function readElasticsearchDeclaration(documents: readonly DeclarationDocument[]): ElasticsearchReading {
  const checked = documents.map((document) => checkDocument(document, elasticsearchSchema))
  const faults = checked.flatMap((one) => (one.type === 'faults' ? one.faults : []))
  if (faults.length > 0) return { type: 'faults', faults }
  const read = checked.flatMap((one) => (one.type === 'value' ? [one] : []))
  const declaration = declareElasticsearch(read.map(({ value }) => value))
  const objections = read.flatMap(({ document, value }) =>
    checkTogether(value, declaration).map((one) => faultOf(document, one)),
  )
  const all = [...objections, ...findDoubles(read)]
  return all.length > 0 ? { type: 'faults', faults: all } : { type: 'declaration', declaration }
}

interface ReadDocument {
  readonly document: DeclarationDocument
  readonly value: ElasticsearchDocument
}

/** What is declared twice: a resource in two files, or a data stream or alias by two templates. */
function findDoubles(read: readonly ReadDocument[]): readonly Fault[] {
  const seen = new Map<string, string>()
  return read.flatMap(({ document, value }) =>
    declaredThings(value).flatMap(({ thing, path }) => {
      const earlier = seen.get(thing)
      seen.set(thing, earlier ?? document.file)
      const says = `is declared in ${earlier} as well`
      return earlier === undefined ? [] : [faultOf(document, { path, says, next: 'Keep one of them.' })]
    }),
  )
}

interface DeclaredThing {
  readonly thing: string
  readonly path: readonly PropertyKey[]
}

function declaredThings(document: ElasticsearchDocument): readonly DeclaredThing[] {
  const resources = (['policies', 'component_templates', 'index_templates'] as const).flatMap((group) =>
    Object.keys(document[group] ?? {}).map((name) => ({ thing: `${group} ${name}`, path: [group, name] })),
  )
  const series = Object.entries(document.index_templates ?? {}).flatMap(
    ([template, { data_streams = [], write_alias }]) => {
      const place = ['index_templates', template]
      const streams = data_streams.map((name, index) => ({
        thing: `series ${name}`,
        path: [...place, 'data_streams', index],
      }))
      const alias =
        write_alias === undefined
          ? []
          : [{ thing: `series ${write_alias.name}`, path: [...place, 'write_alias', 'name'] }]
      return [...streams, ...alias]
    },
  )
  return [...resources, ...series]
}

function faultOf(document: DeclarationDocument, { path, says, next }: Objection): Fault {
  return { what: `${pathText(path)} ${says}.`, ...document.locate(path), ...(next === undefined ? {} : { next }) }
}
