import type { Script } from '../../core/migration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { withExcerpts } from '../../files/excerpts.ts'
import { scan } from '../../sql/scanner.ts'
import type { Statement } from '../../sql/statement.ts'
import { type ForeignTable, type Headers, PartReader, type PartRequest } from './part-reader.ts'

/** What stands in a migration's file, split and checked. */
export interface Content {
  readonly up: Script
  readonly down: Script | null
  /** Tables that the up part creates, in lower case. */
  readonly creates: ReadonlySet<string>
  readonly foreign: readonly ForeignTable[]
}

export interface ContentReading {
  readonly headers: Headers
  readonly content: Content
  readonly faults: readonly Fault[]
}

/** Splits a normalised text and checks all of it. */
export function readContent(text: string, request: PartRequest): ContentReading {
  const reader = new PartReader(request)
  const statements = { up: [] as Statement[], down: [] as Statement[] }
  try {
    for (const piece of scan(text, { file: request.file })) {
      const taken = reader.take(piece)
      if (taken !== null) statements[taken.part].push(taken.statement)
    }
    reader.finish()
  } catch (error) {
    reader.refuse(error)
  }
  const { headers, creates, foreign, faults } = reader
  const up: Script = { type: 'statements', statements: statements.up }
  const down: Script | null = statements.down.length === 0 ? null : { type: 'statements', statements: statements.down }
  return { headers, content: { up, down, creates, foreign }, faults: withExcerpts(faults, text) }
}

const upLine = /^--[ \t]+migrate:up[ \t]*$/m
const downLine = /^--[ \t]+migrate:down/m
/** A line that is neither blank nor a line comment. */
const writtenLine = /^[ \t]*(?!--|#)\S/m

/**
 * Reads the headers alone, which cost next to nothing: for files whose statements have been checked before and may
 * never be needed. Null where they cannot be told apart from the rest; then the whole has to be read.
 */
export function readHeaders(text: string, request: PartRequest): Headers | null {
  const begin = upLine.exec(text)
  if (begin === null || !isWritten(text.slice(begin.index + begin[0].length))) return null
  if (begin.index === 0) return { requires: [], conditions: [], accepted: [], shards: null }
  const reader = new PartReader(request)
  try {
    for (const piece of scan(text.slice(0, begin.index), { file: request.file })) {
      if (piece.type === 'statement') return null
      reader.take(piece)
    }
  } catch (error) {
    reader.refuse(error)
  }
  return reader.faults.length === 0 && reader.part === null ? reader.headers : null
}

/** False for an up part that `wwdb new` made and nobody has written yet. */
function isWritten(afterUp: string): boolean {
  const down = afterUp.search(downLine)
  return writtenLine.test(down < 0 ? afterUp : afterUp.slice(0, down))
}
