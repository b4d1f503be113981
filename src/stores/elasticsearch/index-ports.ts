import type { AliasMember, JsonObject, TemplateContent } from './declaration.ts'

/** An index, as the server returns it. */
export type ObservedIndex = TemplateContent & { readonly name: string }

/** Whether an index has a name that wwdb gives to what takes the place of an index of this name, or is kept of it. */
export function isSuccessorOf(name: string, index: string): boolean {
  return index.startsWith(name) && /^-(?:reindexed|replaced)(?:-\d+)?$/.test(index.slice(name.length))
}

/** True for an alias that finds every document of its index, and writes as that does. */
export function isWhole({ filter, indexRouting, searchRouting, isWriteIndex }: Omit<AliasMember, 'index'>): boolean {
  return [filter, indexRouting, searchRouting].every((one) => one === null) && isWriteIndex !== false
}

/** What the server has of declared indices that nothing rolls over, and of declared aliases of them. */
export interface ObservedIndices {
  /** By declared name. After a reindex, that name is an alias of the index. */
  readonly indices: ReadonlyMap<string, ObservedIndex>
  /** Where an alias leads. */
  readonly aliases: ReadonlyMap<string, readonly AliasMember[]>
  /** Declared names that something of another kind has, such as `an alias of products-1`. */
  readonly taken: ReadonlyMap<string, string>
}

/** An index or alias that no file declares and no template makes, or a snapshot repository that no file declares: none has a mark. */
export interface Stray {
  readonly kind: 'index' | 'alias' | 'snapshot repository'
  readonly name: string
}

/** What changes them. */
export type IndexWrite =
  | { readonly type: 'create-plain-index'; readonly name: string; readonly body: JsonObject }
  /** All at once: no search meets an alias that leads to half of its indices. */
  | { readonly type: 'change-alias'; readonly name: string; readonly actions: readonly JsonObject[] }
