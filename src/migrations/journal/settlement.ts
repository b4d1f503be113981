/** What an open row of an earlier run comes to. */
export type Settlement =
  | { readonly type: 'ran'; readonly why: string }
  | { readonly type: 'not-run'; readonly why: string }
  /** The server does not show it: a person must decide. */
  | { readonly type: 'unknown'; readonly why: string }
