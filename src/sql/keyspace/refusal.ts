import type { InBoth } from '../../core/in-both.ts'

/** A keyspace, as far as it decides what may run there. */
export interface KeyspaceShape {
  readonly keyspace: string
  /** Null where nobody has asked vtgate: then nothing is refused that depends on it. */
  readonly isSharded: boolean | null
  /** Whether Vitess changes tables by copies (`ddlStrategy` is `vitess`): what changes rows or files of the table itself then changes the copy alone. */
  readonly isOnline: boolean
  /** Puts the names of schemas in place of `{{schema:DATABASE}}`. */
  readonly resolve: (text: string) => string
}

/** Why something does not run through vtgate, and what to do instead. A plan says it, and lint. */
export interface Refusal {
  readonly why: InBoth
  readonly next: InBoth
}

/** What a server of a shard does, and vtgate does not. */
export const elsewhere: InBoth = {
  en: 'Do it in the application, or run it on each shard with `vtctldclient ExecuteFetchAsDBA`.',
  zh: '请在应用中完成，或用 `vtctldclient ExecuteFetchAsDBA` 在每个 shard 上执行。',
}
