import type { Fault } from '../../../core/tool-error.ts'
import type { DeclarationDocument } from '../../declare/declaration-document.ts'
import type { FamilyDocument, RedisDocument, UserDocument } from './schema.ts'

/** A part of a document, and where it stands. */
export interface Placed<Value> {
  readonly value: Value
  readonly document: DeclarationDocument
  readonly path: readonly PropertyKey[]
}

type Section = 'cluster' | 'persistence' | 'memory' | 'verify'

export type Merged = {
  readonly [Name in Section]: Placed<NonNullable<RedisDocument[Name]>> | null
} & {
  readonly settings: ReadonlyMap<string, Placed<string | number | boolean>>
  readonly users: ReadonlyMap<string, Placed<UserDocument>>
  readonly families: ReadonlyMap<string, Placed<FamilyDocument>>
  /** What was given twice. */
  readonly faults: readonly Fault[]
}

interface Document {
  readonly value: RedisDocument
  readonly document: DeclarationDocument
}

/** All files of the folder as one: what stands once may stand in any of them, and nothing in two. */
export function mergeDocuments(documents: readonly Document[]): Merged {
  const faults: Fault[] = []
  return {
    cluster: only('cluster', documents, faults),
    persistence: only('persistence', documents, faults),
    memory: only('memory', documents, faults),
    verify: only('verify', documents, faults),
    settings: named('settings', documents, faults),
    users: named('users', documents, faults),
    families: named('families', documents, faults),
    faults,
  }
}

function only<Name extends Section>(
  name: Name,
  documents: readonly Document[],
  faults: Fault[],
): Placed<NonNullable<RedisDocument[Name]>> | null {
  let found: Placed<NonNullable<RedisDocument[Name]>> | null = null
  for (const { value, document } of documents) {
    const part = value[name]
    if (part === undefined) continue
    if (found === null) found = { value: part, document, path: [name] }
    else faults.push(twice(name, found, document, [name]))
  }
  return found
}

function named<Name extends 'settings' | 'users' | 'families'>(
  name: Name,
  documents: readonly Document[],
  faults: Fault[],
): ReadonlyMap<string, Placed<NonNullable<RedisDocument[Name]>[string]>> {
  const found = new Map<string, Placed<NonNullable<RedisDocument[Name]>[string]>>()
  for (const { value, document } of documents) {
    for (const [key, part] of Object.entries(value[name] ?? {})) {
      const path = [name, key]
      const earlier = found.get(key)
      if (earlier === undefined)
        found.set(key, { value: part as NonNullable<RedisDocument[Name]>[string], document, path })
      else faults.push(twice(path.join('.'), earlier, document, path))
    }
  }
  return found
}

function twice(
  name: string,
  earlier: Placed<unknown>,
  document: DeclarationDocument,
  path: readonly PropertyKey[],
): Fault {
  const { where } = earlier.document.locate(earlier.path)
  return {
    what: `${name} is declared twice.`,
    ...document.locate(path),
    why: `It stands in ${where.file}${where.line === undefined ? '' : `:${where.line}`} already.`,
    next: 'Keep one of them.',
  }
}
