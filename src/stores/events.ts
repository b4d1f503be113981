import type { StoreKind } from '../core/store.ts'

interface AtStore {
  readonly store: StoreKind
  readonly server: string
  /** What is done, as half a sentence. */
  readonly summary: string
}

/** Events of a change of a store. */
type StoreEvent =
  | (AtStore & { readonly type: 'store-change-started' })
  | (AtStore & { readonly type: 'store-change-finished'; readonly milliseconds: number })

declare module '../command/event.ts' {
  interface RunEvents {
    readonly stores: StoreEvent
  }
}
