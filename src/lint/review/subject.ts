import { findObject, isMadeIn } from '../../ddl/schema.ts'
import type { LintFile, ReadStatement, StatementSubject } from '../subjects.ts'

/** The subject of rules of statements; its tokens and schemas are read on demand. */
export class Subject implements StatementSubject {
  readonly statement: StatementSubject['statement']
  readonly part: StatementSubject['part']
  readonly file: LintFile
  readonly options: StatementSubject['options']
  readonly target: StatementSubject['target']
  readonly #read: ReadStatement
  readonly #judged: ReadonlySet<string>

  constructor(
    read: ReadStatement,
    file: LintFile,
    { options, target }: Pick<StatementSubject, 'options' | 'target'>,
    judged: ReadonlySet<string>,
  ) {
    this.statement = read.statement
    this.part = read.part
    this.file = file
    this.options = options
    this.target = target
    this.#read = read
    this.#judged = judged
  }

  get tokens(): StatementSubject['tokens'] {
    return this.#read.tokens
  }

  get before(): StatementSubject['before'] {
    return this.#read.before
  }

  get after(): StatementSubject['after'] {
    return this.#read.after
  }

  get object(): StatementSubject['object'] {
    const [name] = this.statement.objects
    return name === undefined ? { type: 'unknown' } : findObject(this.#read.before, name)
  }

  // Bound: rules take it out of the subject.
  readonly isNew = (name: { readonly schema: string | null; readonly name: string }): boolean =>
    isMadeIn(this.#read.before, name, this.#judged)
}

/** A statement of an up part, by its file and its position. */
export function statementKey(file: string, index: number): string {
  return `${file}\0${index}`
}
