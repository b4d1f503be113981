import type { JournalRow } from '../journal/journal.ts'

/** How a statement begins that takes back a migration of Vitess; its row of the journal is known by it. */
export const revertVerb = 'REVERT VITESS_MIGRATION'

export const revertText = (uuid: string): string => `${revertVerb} '${uuid}'`

/** The migration that a statement takes back; null for any other statement. */
export const revertedBy = (text: string): string | null => /^REVERT VITESS_MIGRATION '(\w+)'$/.exec(text)?.[1] ?? null

export const isRevertRow = ({ summary }: Pick<JournalRow, 'summary'>): boolean => summary.startsWith(`${revertVerb} `)

/** What the migrations of one statement have in common. Vitess gives a REVERT no context, and runs it once all the same: by then, what it takes back is no longer the last migration of its table. */
export type Sought =
  | { readonly type: 'context'; readonly context: string }
  | { readonly type: 'revert'; readonly uuid: string }
