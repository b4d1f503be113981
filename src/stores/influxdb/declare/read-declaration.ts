import { pathText } from '../../../core/interpolate.ts'
import type { Fault } from '../../../core/tool-error.ts'
import { checkDocument } from '../../declare/check-documents.ts'
import type { DeclarationDocument } from '../../declare/read-declarations.ts'
import type { InfluxDeclaration } from '../declaration.ts'
import { checkParts } from './check-parts.ts'
import { declareInflux } from './declare.ts'
import type { Objection } from './objections.ts'
import { type InfluxdbDocument, influxdbSchema } from './schema.ts'

export type InfluxReading =
  | { readonly type: 'declaration'; readonly declaration: InfluxDeclaration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/**
 * The declaration that the files of a folder are together, or everything that is wrong with them, each with its place.
 * @param folder absolute path of the folder: the files of tokens are named from there.
 */
export function readInfluxDeclaration(documents: readonly DeclarationDocument[], folder: string): InfluxReading {
  const checked = documents.map((document) => checkDocument(document, influxdbSchema))
  const faults = checked.flatMap((one) => (one.type === 'faults' ? one.faults : []))
  if (faults.length > 0) return { type: 'faults', faults }
  const read = checked.flatMap((one) => (one.type === 'value' ? [one] : []))
  const declaration = declareInflux(
    read.map(({ value }) => value),
    folder,
  )
  const all = [
    ...read.flatMap(({ document, value }) => checkParts(value, declaration).map((one) => faultOf(document, one))),
    ...findDoubles(read),
    ...findGaps(read, declaration),
  ]
  return all.length > 0 ? { type: 'faults', faults: all } : { type: 'declaration', declaration }
}

interface ReadDocument {
  readonly document: DeclarationDocument
  readonly value: InfluxdbDocument
}

/** What may be declared once, where it stands, and what of it would be there twice. */
interface Unique {
  readonly key: string
  readonly path: readonly PropertyKey[]
}

function findDoubles(read: readonly ReadDocument[]): readonly Fault[] {
  const seen = new Map<string, string>()
  return read.flatMap(({ document, value }) =>
    uniquesOf(value).flatMap(({ key, path }) => {
      const earlier = seen.get(key)
      seen.set(key, earlier ?? document.file)
      if (earlier === undefined) return []
      return [
        faultOf(document, { path, says: `is declared a second time (first in ${earlier})`, next: 'Keep one of them.' }),
      ]
    }),
  )
}

function uniquesOf(document: InfluxdbDocument): readonly Unique[] {
  const { organization, buckets = {}, downsampling = {}, access = {}, mappings = [] } = document
  const named = (section: string, names: object): readonly Unique[] =>
    Object.keys(names).map((name) => ({ key: `${section} ${name}`, path: [section, name] }))
  return [
    ...(organization === undefined ? [] : [{ key: 'organization', path: ['organization'] }]),
    ...named('buckets', buckets),
    ...named('downsampling', downsampling),
    ...named('access', access),
    ...Object.entries(access).map(([name, { file }]) => ({ key: `file ${file}`, path: ['access', name, 'file'] })),
    ...mappings.flatMap((mapping, index) => [
      { key: `mapping ${mapping.database}/${mapping.retentionPolicy}`, path: ['mappings', index] },
      ...(mapping.default === true
        ? [{ key: `default ${mapping.database}`, path: ['mappings', index, 'default'] }]
        : []),
    ]),
  ]
}

/** What must be declared somewhere; said of the first file. A server that nobody has set up wants a bucket at once. */
function findGaps(read: readonly ReadDocument[], declaration: InfluxDeclaration): readonly Fault[] {
  const [first] = read
  if (first === undefined) return []
  const where = { file: first.document.file }
  return [
    ...(declaration.organization.name === ''
      ? [{ what: 'No file declares the organisation.', where, next: 'Add: organization: {name: ...}.' }]
      : []),
    ...(declaration.buckets.length === 0
      ? [{ what: 'No file declares a bucket.', where, next: 'Add one under "buckets".' }]
      : []),
  ]
}

function faultOf(document: DeclarationDocument, { path, says, next }: Objection): Fault {
  return { what: `${pathText(path)} ${says}.`, ...document.locate(path), ...(next === undefined ? {} : { next }) }
}
