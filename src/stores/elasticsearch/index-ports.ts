import type { AliasMember, JsonObject, TemplateContent } from './declaration.ts'

/** An index, as the server returns it. */
export type ObservedIndex = TemplateContent & { readonly name: string }

/** What the server has of declared indices that nothing rolls over, and of declared aliases of them. */
export interface ObservedIndices {
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
