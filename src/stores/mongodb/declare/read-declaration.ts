import { pathText } from '../../../core/interpolate.ts'
import type { Fault } from '../../../core/tool-error.ts'
import { checkDocument } from '../../declare/check-documents.ts'
import type { DeclarationDocument } from '../../declare/declaration-document.ts'
import type { MongodbDeclaration } from '../declaration.ts'
import { checkParts } from './check-parts.ts'
import { checkReferences } from './check-together.ts'
import { declareMongodb } from './declare.ts'
import type { Objection } from './objections.ts'
import { type MongodbDocument, mongodbSchema } from './schema.ts'

export type MongodbReading =
  | { readonly type: 'declaration'; readonly declaration: MongodbDeclaration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** The declaration that the files of a folder are together, or everything that is wrong with them, each with its place. */
export function readMongodbDeclaration(documents: readonly DeclarationDocument[]): MongodbReading {
  const checked = documents.map((document) => checkDocument(document, mongodbSchema))
  const faults = checked.flatMap((one) => (one.type === 'faults' ? one.faults : []))
  if (faults.length > 0) return { type: 'faults', faults }
  const read = checked.flatMap((one) => (one.type === 'value' ? [one] : []))
  const declaration = declareMongodb(read.map(({ value }) => value))
  const objections = read.flatMap(({ document, value }) =>
    [...checkParts(value), ...checkReferences(value, declaration)].map((one) => faultOf(document, one)),
  )
  const all = [...objections, ...findDoubles(read)]
  return all.length > 0 ? { type: 'faults', faults: all } : { type: 'declaration', declaration }
}

interface ReadDocument {
  readonly document: DeclarationDocument
  readonly value: MongodbDocument
}

/** What two files declare; within one file YAML itself refuses it. */
function findDoubles(read: readonly ReadDocument[]): readonly Fault[] {
  const seen = new Map<string, string>()
  return read.flatMap(({ document, value }) =>
    declaredPaths(value).flatMap((path) => {
      const key = JSON.stringify(path)
      const earlier = seen.get(key)
      seen.set(key, earlier ?? document.file)
      return earlier === undefined
        ? []
        : [faultOf(document, { path, says: `is declared in ${earlier} as well`, next: 'Keep one of them.' })]
    }),
  )
}

function declaredPaths({
  replicaSet,
  databases = {},
  roles = {},
  users = {},
}: MongodbDocument): readonly (readonly PropertyKey[])[] {
  return [
    ...(replicaSet === undefined ? [] : [['replicaSet']]),
    ...Object.entries(databases).flatMap(([database, { collections }]) =>
      Object.keys(collections).map((name) => ['databases', database, 'collections', name]),
    ),
    ...Object.keys(roles).map((name) => ['roles', name]),
    ...Object.keys(users).map((name) => ['users', name]),
  ]
}

function faultOf(document: DeclarationDocument, { path, says, next }: Objection): Fault {
  return { what: `${pathText(path)} ${says}.`, ...document.locate(path), ...(next === undefined ? {} : { next }) }
}
