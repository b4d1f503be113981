import type { BatchOptions } from '../../core/batch-options.ts'
import type { Fault } from '../../core/tool-error.ts'
import { readWalk } from '../../operate/batches/read-walk.ts'
import { readInserted } from '../../operate/undo/read-inserted.ts'
import type { DirectivePiece } from '../../sql/piece.ts'
import type { Statement } from '../../sql/statement.ts'
import { readBatchHeader, readUndoHeader, refuseBatch } from './batch-header.ts'
import { isFault } from './migration-name.ts'

interface Place {
  readonly file: string
  readonly line: number
}

interface Taken<Options> extends Place {
  readonly options: Options
}

/** Reads `-- wwdb:batch` and `-- wwdb:undo` lines: each is about the statement that follows it. */
export class BatchMark {
  #batch: Taken<BatchOptions> | null = null
  #undo: Taken<NonNullable<BatchOptions['undo']>> | null = null

  /** A line of either name. */
  take({ name, argument, file, line }: DirectivePiece): readonly Fault[] {
    const place = { file, line }
    if (name === 'undo') {
      const faults = this.#undo === null ? [] : [stray('undo', this.#undo)]
      const options = readUndoHeader(argument, place)
      this.#undo = isFault(options) ? null : { options, ...place }
      return isFault(options) ? [...faults, options] : faults
    }
    const faults = this.#batch === null ? [] : [stray('batch', this.#batch)]
    const options = readBatchHeader(argument, place)
    this.#batch = isFault(options) ? null : { options, ...place }
    return isFault(options) ? [...faults, options] : faults
  }

  /** The statement with what the lines above it ask for. */
  mark(statement: Statement): { readonly statement: Statement; readonly faults: readonly Fault[] } {
    const [batch, undo] = [this.#batch, this.#undo]
    this.#batch = null
    this.#undo = null
    if (batch === null) return { statement, faults: undo === null ? [] : [undoAlone(undo)] }
    const refusal = refuseBatch(statement) ?? (undo === null ? null : refuseUndo(statement, undo))
    const options = undo === null ? batch.options : { ...batch.options, undo: undo.options }
    return { statement: { ...statement, batch: options }, faults: refusal === null ? [] : [refusal] }
  }

  /** What stands above no statement, where a part or the file ends. */
  finish(): readonly Fault[] {
    const faults = [
      ...(this.#batch === null ? [] : [stray('batch', this.#batch)]),
      ...(this.#undo === null ? [] : [stray('undo', this.#undo)]),
    ]
    this.#batch = null
    this.#undo = null
    return faults
  }
}

function stray(name: 'batch' | 'undo', { file, line }: Place): Fault {
  return {
    what: `There is no statement below \`wwdb:${name}\`.`,
    where: { file, line },
    next: 'Move the line above the UPDATE, DELETE or INSERT ... SELECT that it is for.',
  }
}

function refuseUndo({ verb, text }: Statement, { file, line }: Place): Fault | null {
  if (verb !== 'INSERT' && verb !== 'REPLACE') return null
  const reading = readWalk(text)
  const inserted = reading.type === 'walk' ? readInserted(reading.walk) : null
  if (typeof inserted !== 'string') return null
  return {
    what: 'The statement below `wwdb:undo` cannot be undone.',
    where: { file, line },
    why: inserted,
    next: 'Rewrite the statement, or remove the line and delete the rows in the down part.',
  }
}

function undoAlone({ file, line }: Place): Fault {
  return {
    what: 'The statement below `wwdb:undo` does not run in batches.',
    where: { file, line },
    why: 'Rows are kept chunk by chunk, each in the transaction of its chunk.',
    next: 'Write `-- wwdb:batch` beside it, or remove the line.',
  }
}
