import { parseDuration } from '../../core/duration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { readRetirement } from '../../operate/retire/retirement.ts'
import type { DirectivePiece } from '../../sql/piece.ts'
import type { Statement } from '../../sql/statement.ts'

interface Marked {
  readonly statement: Statement
  readonly faults: readonly Fault[]
}

/** Milliseconds; null for those of the configuration. */
type Grace = number | 'never' | null

/** Reads `-- wwdb:retire` lines: each is about the DROP that follows it. */
export class RetireMark {
  #open: { readonly piece: DirectivePiece; readonly grace: Grace } | null = null

  /** @param part the part in which the line stands; null in front of the first */
  take(piece: DirectivePiece, part: 'up' | 'down' | null, isOfShards: boolean): readonly Fault[] {
    const { file, line, argument } = piece
    const where = { file, line }
    if (part !== 'up')
      return [
        {
          what: `The line \`wwdb:retire\` is ${part === null ? 'above the first part' : 'in the down part'}.`,
          where,
          next: 'Move it below `-- migrate:up`, directly above the DROP that it is about.',
        },
      ]
    if (isOfShards)
      return [
        {
          what: 'The line `wwdb:retire` is in a migration of shards.',
          where,
          why: 'Shards are held and dropped by the policy of their family.',
          next: 'Remove the line.',
        },
      ]
    const { grace, why } = readGrace(argument.trim())
    if (why !== null) return [{ what: `"${argument}" is not a time of \`wwdb:retire\`: ${why}.`, where, next: advice }]
    const faults = this.finish()
    this.#open = { piece, grace }
    return faults
  }

  /** The statement with what the line above it asks for. */
  mark(statement: Statement): Marked {
    const open = this.#open
    this.#open = null
    if (open === null) return { statement, faults: [] }
    const fault = objectTo(statement)
    if (fault !== null) return { statement, faults: [fault] }
    if (open.grace === 'never') return { statement: { ...statement, dropsAtOnce: true }, faults: [] }
    return { statement: { ...statement, retire: { grace: open.grace } }, faults: [] }
  }

  /** What is left where the file ends. */
  finish(): readonly Fault[] {
    const open = this.#open
    this.#open = null
    if (open === null) return []
    return [
      {
        what: 'No statement follows the line `wwdb:retire`.',
        where: { file: open.piece.file, line: open.piece.line },
        next: 'Move it directly above the DROP that it is about, or remove it.',
      },
    ]
  }
}

const advice =
  'Write `-- wwdb:retire 30 days`, `-- wwdb:retire` for the time of `retire.grace`, or `-- wwdb:retire never` to drop at once.'

/** The time, or why it cannot be read. */
function readGrace(argument: string): { readonly grace: Grace; readonly why: string | null } {
  if (argument === '') return { grace: null, why: null }
  if (argument === 'never') return { grace: 'never', why: null }
  const read = parseDuration(argument)
  if (read.type === 'duration') return { grace: read.milliseconds, why: null }
  return { grace: null, why: read.type === 'none' ? 'a grace has an end' : read.why }
}

function objectTo(statement: Statement): Fault | null {
  const { verb, file, line, online } = statement
  const where = { file, line }
  const retirement = readRetirement(statement)
  if (online !== undefined)
    return {
      what: 'The statement below `wwdb:retire` has a line `wwdb:online`, too.',
      where,
      next: 'Remove the line `wwdb:online`: hiding changes only metadata.',
    }
  if (retirement === null)
    return {
      what: `The statement below \`wwdb:retire\` is ${verb} that does not drop exactly one table, column or index.`,
      where,
      next: 'Write one statement for each: `DROP TABLE t`, `ALTER TABLE t DROP COLUMN c` or `DROP INDEX i ON t`, without IF EXISTS, ALGORITHM and LOCK.',
    }
  if (retirement.table.schema === null) return null
  return {
    what: 'The statement below `wwdb:retire` names a table of another schema.',
    where,
    next: 'Write it as a migration of that database.',
  }
}
