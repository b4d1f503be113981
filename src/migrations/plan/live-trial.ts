import { describeDuration } from '../../core/duration.ts'
import { timeText } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import { nameServer } from '../../core/server-place.ts'
import type { ServerLook } from '../../uses/ports.ts'

/** A live statement that a migration breaks, or that is executed in another way or reads something else after it. */
interface BrokenStatement {
  /** With `?` for each literal. */
  readonly text: string
  readonly digest: string
  /** `primary`, the names of replicas, and the addresses of group members. */
  readonly servers: readonly string[]
  /** Executions on all of them. */
  readonly count: number
  readonly lastSeen: string
  /** `fails`: the server refuses it after the migration. `reads`: its tables are read in another way. `result`: with the same rows before, it reads or changes something else. */
  readonly change: 'fails' | 'reads' | 'result'
  /** How its tables are read before, or what: `users: ref by by_nick`, `3 rows`. */
  readonly before: string
  /** The server's message, or how or what is read then. */
  readonly after: string
}

/** What the live statements of a database do before and after its pending migrations. */
export interface LiveTrial {
  readonly database: string
  /** How long ago a statement may have been seen last. Milliseconds. */
  readonly within: number
  /** The tables and views that the migrations change, without those that they make, with the views and triggers through which statements reach them: statements that name none of them were not looked for. */
  readonly tables: readonly string[]
  /** Different statements that were tried before and after. */
  readonly tried: number
  readonly broken: readonly BrokenStatement[]
  /** Statements that were not tried, by the reason. */
  readonly untried: readonly { readonly why: string; readonly statements: number }[]
  /** What the same statements read and changed on rows that were made for it; absent where none was tried. */
  readonly results?: {
    /** Statements that found rows before or after. */
    readonly compared: number
    /** Statements of which no result could be compared, by the reason. */
    readonly uncompared: readonly { readonly why: string; readonly statements: number }[]
  }
  /** Why this proves nothing, as sentences; empty where it is a proof. */
  readonly unproven: readonly string[]
  /** What else was not looked at, as sentences. */
  readonly notes: readonly string[]
}

/** Statements that were last seen before are live no more, where nothing else is said. Milliseconds. */
export const week = 7 * 86_400_000

/** For sentences: `seven days`. */
export const nameTime = (within: number): string => (within === week ? 'seven days' : describeDuration(within))

/** What was found about a database. */
export interface LiveEvidence {
  /** How far back statements are live. Milliseconds. */
  readonly within: number
  readonly looks: readonly ServerLook[]
  readonly tried: number
  /** Statements that name what is changed, and were not tried. */
  readonly untried: number
  /** Whether one of the servers holds a statement that wwdb did not send to this database. */
  readonly isUsed: boolean
  /** What is changed and not looked for in statements. */
  readonly others: readonly string[]
}

/**
 * Why a trial is no proof. What was tried is one where every server was seen. That nothing was to be tried is one where all that servers have seen within that time was looked
 * at, and something was there. Pure.
 */
export function findUnproven({ within, looks, tried, untried, isUsed, others }: LiveEvidence): readonly string[] {
  const unseen = looks.flatMap((look) =>
    look.type === 'unseen' ? [`Live statements were not looked at on ${nameServer(look.name)}: ${look.why}.`] : [],
  )
  if (tried > 0) return unseen
  const seen = looks.flatMap((look) => (look.type === 'seen' ? [look] : []))
  return [
    ...unseen,
    ...(untried === 0 ? [] : ['None of the statements that name what is changed could be tried.']),
    ...seen.flatMap(({ name, countedSince, now }) =>
      countedSince <= now - within
        ? []
        : [
            `Statements have been counted on ${nameServer(name)} only since ${timeText(countedSince)}, less than the required ${nameTime(within)}.`,
          ],
    ),
    ...seen.flatMap((look) => (look.lostAt > look.now - within ? noteLost(look) : [])),
    ...(isUsed || seen.length === 0
      ? []
      : [`No application has sent a statement to this database in the last ${nameTime(within)}.`]),
    ...others.map((other) => `Statements that use the ${other} were not looked for.`),
  ]
}

/** Executions of which the server keeps no text. */
export function noteLost({
  name,
  lost,
}: Pick<Extract<ServerLook, { type: 'seen' }>, 'name' | 'lost'>): readonly string[] {
  if (lost === 0) return []
  const were = lost === 1 ? 'was' : 'were'
  return [
    `${countOf(lost, 'execution')} on ${nameServer(name)} ${were} counted in the row with DIGEST NULL (\`performance_schema_digests_size\`).`,
  ]
}
