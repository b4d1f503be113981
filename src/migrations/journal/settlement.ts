/** What an open row of an earlier run comes to. */
export type Settlement =
  | { readonly type: 'ran'; readonly why: string }
  /** `partly`: some of its objects were changed, so that they differ is no change by hand. `mayHaveRun`: it is repeated all the same, or whoever repeats it finds out. */
  | { readonly type: 'not-run'; readonly why: string; readonly partly?: true; readonly mayHaveRun?: true }
  /** The server does not show it: a person must decide. @param next what else is to be done first */
  | { readonly type: 'unknown'; readonly why: string; readonly next?: string }

/** Why a person cannot say yet what a row comes to, and what to do first. As sentences. */
export interface Pending {
  readonly why: string
  readonly next: string
}

/** Is told again and again what is waited for. What it throws ends the wait. */
export type Meanwhile = (waitsFor: string) => void

/** Why the row of a seed program fails that was cut off while the shards of a keyspace committed it: by these words, seeds find it again. */
export const programCutOff =
  'the run ended while its shards committed it, one after another: some may have it, and `wwdb seed` runs it again on all of them'
