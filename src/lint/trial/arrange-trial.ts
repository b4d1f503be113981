import type { TrialStep } from '../../probe/algorithm-question.ts'
import { listNames } from '../../sql/confine.ts'
import type { Statement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { ReviewedMigration } from '../review/read-history.ts'

type Mark = Extract<TrialStep, { readonly type: 'mark' }>

/** A statement at its place in a trial. */
export interface Placed {
  readonly migration: ReviewedMigration
  readonly part: 'up' | 'down'
  /** True for the up part after the down part. */
  readonly again: boolean
  readonly statement: Statement
}

/** The statements of a file that a trial runs. */
export interface TriedFile {
  readonly migration: ReviewedMigration
  readonly up: readonly Statement[]
  /** Null where there is no down part, or none is tried. */
  readonly down: readonly Statement[] | null
}

export interface Arrangement {
  readonly placed: readonly Placed[]
  /** The places where the scratch schema is read, by the position of the next statement. */
  readonly marks: ReadonlyMap<number, readonly Mark[]>
}

/**
 * All statements in the order in which they are tried: up parts in their order, down parts from the newest back, as a rollback runs them, and the up parts
 * again. A file without a down part ends a rollback: the files before it go down and up before it runs.
 */
export function arrangeTrial(files: readonly TriedFile[]): Arrangement {
  const trial = new Trial()
  let returning: TriedFile[] = []
  for (const file of files) {
    if (file.down !== null) {
      trial.up(file, false)
      returning.push(file)
    } else if (isPassed(file)) trial.put(file, 'up', false)
    else {
      trial.thereAndBack(returning)
      returning = []
      trial.put(file, 'up', false)
    }
  }
  trial.thereAndBack(returning)
  return trial
}

/** A rollback leaves out fan-outs, which change only shards, and repeatable migrations. */
function isPassed({ migration: { kind, shards } }: TriedFile): boolean {
  return kind === 'repeatable' || shards !== undefined
}

class Trial implements Arrangement {
  readonly placed: Placed[] = []
  readonly marks = new Map<number, Mark[]>()

  put({ migration, up, down }: TriedFile, part: Placed['part'], again: boolean): void {
    for (const statement of (part === 'up' ? up : down) ?? []) this.placed.push({ migration, part, again, statement })
  }

  up(file: TriedFile, again: boolean): void {
    if (!again) this.#mark(file, 'before')
    this.put(file, 'up', again)
    this.#mark(file, again ? 'again' : 'made')
  }

  thereAndBack(files: readonly TriedFile[]): void {
    for (const file of files.toReversed()) {
      this.#mark(file, 'reached')
      this.put(file, 'down', false)
      this.#mark(file, 'back')
    }
    for (const file of files) this.up(file, true)
  }

  /** The scratch schema is read here, as far as the file names its objects. */
  #mark({ migration: { file }, up, down }: TriedFile, name: string): void {
    const at = this.placed.length
    const names = [...up, ...(down ?? [])].flatMap(({ text }) => listNames(tokenize(text)))
    this.marks.set(at, [...(this.marks.get(at) ?? []), { type: 'mark', name: `${file} ${name}`, names }])
  }
}
