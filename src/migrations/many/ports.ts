import type { Emit } from '../../command/event.ts'
import { port } from '../../core/port.ts'
import type { Target } from '../../core/target.ts'
import type { ServerFacts } from '../../mysql/facts.ts'
import type { JournalSnapshot } from '../journal/rows.ts'

/**
 * What is known of a schema that was looked at beside many others.
 * - `absent`  it does not exist, or this account may not see it
 * - `empty`   it has no table of wwdb
 * - `unclear` only a session of its own can tell
 */
export type SchemaLook =
  | { readonly type: 'journal'; readonly snapshot: JournalSnapshot }
  | { readonly type: 'absent' | 'empty' | 'unclear' }

/** One connection that looks at the schemas of a server. */
export interface ManySchemas {
  readonly facts: ServerFacts
  /** The schemas that the account sees. */
  readonly all: readonly string[]
  /** `take` is given each target as its answer comes. */
  readonly look: (targets: readonly Target[], take: (target: Target, look: SchemaLook) => void) => Promise<void>
  /** The rows of a query of the user that only reads, as text; the server ends it after the given milliseconds. */
  readonly query: (text: string, milliseconds: number) => Promise<readonly (readonly (string | null)[])[]>
  readonly close: () => Promise<void>
}

/** How a program of the configuration that lists targets ended. */
export type ListingEnd =
  | { readonly type: 'exited'; readonly code: number; readonly output: string; readonly complaint: string }
  | { readonly type: 'killed'; readonly signal: string; readonly complaint: string }
  | { readonly type: 'timeout'; readonly complaint: string }
  | { readonly type: 'too-long' }
  | { readonly type: 'not-started'; readonly why: string }

/** Starts the program that lists targets, in the folder of the configuration and without a shell. */
export type RunListing = (
  words: readonly string[],
  how: { readonly folder: string; readonly environment: readonly string[]; readonly milliseconds: number },
) => Promise<ListingEnd>

/** What starts the programs that list targets. */
export const targetListing = port<RunListing>('migrations/target-listing')

/** How the work on one target among many ended, for its row in the record of runs. */
export interface TargetEnd {
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly exitCode: number
  readonly error: string | null
  readonly planDigest: string | null
}

/** Closes the row of a target in the record of runs before the command ends, with the connection that holds it; null where nothing is recorded. */
export const targetRecord = port<((target: Target, end: TargetEnd) => Promise<void>) | null>('audit/target-record')

/** Takes what happens to one target among many. It belongs in the log file: on the screen, ten thousand targets are one summary. */
export const targetLog = port<Emit>('cli/target-log')
