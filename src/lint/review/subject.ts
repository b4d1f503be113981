import { findObject } from '../../ddl/schema.ts'
import type { LintFile, ReadStatement, StatementSubject } from '../subjects.ts'

/** What a rule of statements is given; its tokens and its schemas are read when they are asked for. */
export class Subject implements StatementSubject {
  readonly statement: StatementSubject['statement']
  readonly part: StatementSubject['part']
  readonly file: LintFile
  readonly options: StatementSubject['options']
  readonly target: StatementSubject['target']
  readonly #read: ReadStatement
  readonly #made: ReadonlySet<string>

  constructor(
    read: ReadStatement,
    file: LintFile,
    { options, target }: Pick<StatementSubject, 'options' | 'target'>,
    made: ReadonlySet<string>,
  ) {
    this.statement = read.statement
    this.part = read.part
    this.file = file
    this.options = options
    this.target = target
    this.#read = read
    this.#made = made
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
    this.#made.has(nameKey(name.schema, name.name))
}

/** A table by its name, for a set. With regard to case: `t` is not new because `T` is. */
export function nameKey(schema: string | null, name: string): string {
  return `${schema ?? ''}\0${name}`
}

/** A statement of an up part, by its file and its position. */
export function statementKey(file: string, index: number): string {
  return `${file}\0${index}`
}
