import type { Condition } from '../../core/condition.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { AcceptedHazard, Suppression } from '../../lint/accepted.ts'
import { toStatement } from '../../sql/classify.ts'
import type { DirectivePiece, Piece, StatementPiece } from '../../sql/piece.ts'
import type { Statement } from '../../sql/statement.ts'
import { BatchMark } from './batch-mark.ts'
import { readHeader, type WrittenReference } from './header.ts'
import { isFault } from './migration-name.ts'
import { OnlineMark } from './online-mark.ts'
import {
  conflictFault,
  downFirstFault,
  emptyFault,
  emptyUpFault,
  noUpFault,
  refusalFault,
  repeatableDownFault,
  secondPartFault,
  strayFault,
  unknownPartFault,
} from './part-faults.ts'
import { findPlaceholderFaults, findShardFaults, placeholderDatabase, refuseShards } from './placeholders.ts'
import { RetireMark } from './retire-mark.ts'

export type Direction = 'up' | 'down'

/** A foreign key of an up part that points at a table of another logical database. */
export interface ForeignTable {
  readonly database: string
  readonly table: string
  readonly line: number
}

/** What a reader must know about its file. */
export interface PartRequest {
  readonly file: string
  readonly repeatable: boolean
  /** The logical database that the file belongs to, and all of them. */
  readonly database: string
  readonly databases: readonly string[]
}

/** The headers of a file. */
export interface Headers {
  readonly requires: readonly WrittenReference[]
  readonly conditions: readonly Condition[]
  readonly accepted: readonly AcceptedHazard[]
  /** The review findings that it turns off. */
  readonly suppressed: readonly Suppression[]
  /** The family whose shards the file's statements run on; null for all other files. */
  readonly shards: string | null
  /** The versions that a squashed file replaced; empty for all other files. */
  readonly squashes: readonly string[]
}

/**
 * Takes a file's pieces one by one and sorts them into headers, up part and down part. Collects every fault instead of
 * stopping at the first; holds no statement, so that a file of any size can pass through.
 */
export class PartReader {
  readonly #request: PartRequest
  readonly faults: Fault[] = []
  readonly #requires: WrittenReference[] = []
  readonly #conditions: Condition[] = []
  readonly #accepted: AcceptedHazard[] = []
  readonly #suppressed: Suppression[] = []
  readonly #squashes: string[] = []
  readonly #online = new OnlineMark()
  readonly #retire = new RetireMark()
  #shards: { readonly family: string; readonly line: number } | null = null
  /** Tables that the up part creates, in lower case. */
  readonly creates = new Set<string>()
  readonly foreign: ForeignTable[] = []
  #part: Direction | null = null
  readonly #counts = { up: 0, down: 0 }
  readonly #begins: { up: number | null; down: number | null } = { up: null, down: null }
  #stray: StatementPiece | null = null
  #isConflict = false
  /** `-- wwdb:batch` above the next statement. */
  readonly #batch = new BatchMark()

  constructor(request: PartRequest) {
    this.#request = request
  }

  get headers(): Headers {
    return {
      requires: this.#requires,
      conditions: this.#conditions,
      accepted: this.#accepted,
      suppressed: this.#suppressed,
      shards: this.#shards?.family ?? null,
      squashes: this.#squashes,
    }
  }

  /** The current part, or null before the first. */
  get part(): Direction | null {
    return this.#part
  }

  count(direction: Direction): number {
    return this.#counts[direction]
  }

  /** The statement of a piece with its part; null for every other piece. */
  take(piece: Piece): { readonly part: Direction; readonly statement: Statement } | null {
    switch (piece.type) {
      case 'gap':
        return null
      case 'directive':
        if (piece.name === 'migrate') this.#beginPart(piece)
        else if (piece.name === 'online') this.faults.push(...this.#online.take(piece, this.#part))
        else if (piece.name === 'retire')
          this.faults.push(...this.#retire.take(piece, this.#part, this.#shards !== null))
        else this.#takeHeader(piece)
        return null
      case 'statement':
        return this.#takeStatement(piece)
    }
  }

  /** Adds what is known only at the end of the file. */
  finish(): void {
    this.faults.push(...this.#batch.finish())
    const { file, repeatable } = this.#request
    this.faults.push(...this.#online.finish(), ...this.#retire.finish())
    if (this.#begins.up === null) {
      this.faults.push(this.#stray === null && this.#part === null ? emptyFault(file) : noUpFault(file))
      return
    }
    if (this.#stray !== null) this.faults.push(strayFault(this.#stray))
    if (this.#counts.up === 0) this.faults.push(emptyUpFault(file, this.#begins.up))
    if (repeatable && this.#begins.down !== null) this.faults.push(repeatableDownFault(file, this.#begins.down))
  }

  /** Records the scanner's error for a file that it cannot split; rethrows anything else. */
  refuse(error: unknown): void {
    if (!(error instanceof ToolError)) throw error
    this.faults.push(...error.faults)
  }

  #beginPart(piece: DirectivePiece): void {
    this.faults.push(...this.#batch.finish())
    const { file, line } = piece
    const direction = piece.argument
    if (direction !== 'up' && direction !== 'down') {
      this.faults.push(unknownPartFault(piece))
      return
    }
    const first = this.#begins[direction]
    if (first !== null) this.faults.push(secondPartFault(direction, file, line, first))
    else if (direction === 'down' && this.#begins.up === null) this.faults.push(downFirstFault(file, line))
    this.#begins[direction] ??= line
    this.#part = direction
  }

  #takeHeader(piece: DirectivePiece): void {
    const { file, line } = piece
    if (this.#part !== null && (piece.name === 'batch' || piece.name === 'undo')) {
      this.faults.push(...this.#batch.take(piece))
      return
    }
    if (this.#part !== null && piece.name !== 'nolint') {
      this.faults.push({
        what: `The header \`wwdb:${piece.name}\` is inside the ${this.#part} part.`,
        where: { file, line },
        next: 'Move it above `-- migrate:up`.',
      })
      return
    }
    const header = readHeader(piece.name, piece.argument, { file, line })
    if (isFault(header)) this.faults.push(header)
    else if (header.type === 'requires') this.#requires.push(...header.references)
    else if (header.type === 'when') this.#conditions.push(header.condition)
    else if (header.type === 'accept') this.#accepted.push(header.accepted)
    else if (header.type === 'nolint')
      this.#suppressed.push({ ...header.suppression, scope: this.#part === null ? 'file' : 'next' })
    else if (header.type === 'squashes') this.#squashes.push(...header.versions)
    else this.#takeShards(header, { file, line })
  }

  #takeShards(header: { readonly family: string; readonly line: number }, place: NonNullable<Fault['where']>): void {
    if (this.#request.repeatable) this.faults.push(refuseShards('repeatable', place))
    else if (this.#shards !== null)
      this.faults.push({
        what: 'The file has a second header `wwdb:shards`.',
        where: place,
        why: 'A fan-out applies to the template of one family.',
        next: 'Write one migration for each family.',
      })
    else this.#shards = header
  }

  #takeStatement(piece: StatementPiece): { readonly part: Direction; readonly statement: Statement } | null {
    const part = this.#part
    const marker = piece.text.search(conflictMarker)
    if (marker >= 0 && !this.#isConflict) {
      this.#isConflict = true
      this.faults.push(conflictFault(piece, marker))
    }
    if (part === null) {
      this.#stray ??= piece
      return null
    }
    const batched = this.#batch.mark(toStatement(piece, this.#counts[part]))
    const online = this.#online.mark(batched.statement)
    const { statement, faults } = this.#retire.mark(online.statement)
    this.#counts[part] += 1
    this.faults.push(...batched.faults, ...online.faults, ...faults)
    if (statement.refusal !== null) this.faults.push(refusalFault(statement, statement.refusal))
    this.faults.push(...findPlaceholderFaults(statement, this.#request.databases, this.#shards !== null))
    if (this.#shards !== null) this.faults.push(...findShardFaults(statement))
    if (part === 'up') this.#note(statement)
    return { part, statement }
  }

  /** Remembers what makes migrations depend on each other across databases. */
  #note(statement: Statement): void {
    const { database } = this.#request
    for (const { schema, name } of statement.references) {
      const other = schema === null ? null : placeholderDatabase(schema)
      if (other !== null && other !== database) {
        this.foreign.push({ database: other, table: name.toLowerCase(), line: statement.line })
      }
    }
    if (statement.verb !== 'CREATE TABLE') return
    for (const { type, schema, name } of statement.objects) {
      if (type !== 'table' || (schema !== null && placeholderDatabase(schema) !== database)) continue
      this.creates.add(name.toLowerCase())
    }
  }
}

/** Where a statement begins with one of git's conflict markers, or contains the first of them: no SQL does. */
const conflictMarker = /^(?:<{7}|\|{7}|={7}|>{7})(?=\s|$)|(?<=\n)<{7} (?=\S)/
