import { type OnlineTool, onlineTools, readOnlineTool } from '../../core/online-tool.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { DirectivePiece } from '../../sql/piece.ts'
import type { Statement } from '../../sql/statement.ts'

interface Marked {
  readonly statement: Statement
  readonly faults: readonly Fault[]
}

/** Reads `-- wwdb:online` lines: each is about the ALTER TABLE that follows it. */
export class OnlineMark {
  #open: { readonly piece: DirectivePiece; readonly tool: OnlineTool | null } | null = null

  /** @param part the part in which the line stands; null in front of the first */
  take(piece: DirectivePiece, part: string | null): readonly Fault[] {
    const { file, line, argument } = piece
    const where = { file, line }
    if (part === null)
      return [
        {
          what: 'The line `wwdb:online` is above the first part.',
          where,
          next: 'Move it below `-- migrate:up`, directly above the ALTER TABLE that it is about.',
        },
      ]
    const tool = readOnlineTool(argument.replace(/^tool=/, ''))
    if (argument !== '' && (tool === null || !argument.startsWith('tool=')))
      return [
        {
          what: `The line \`wwdb:online\` does not take "${argument}".`,
          where,
          next: `Write \`-- wwdb:online\`, or with a tool: ${onlineTools.map((one) => `\`-- wwdb:online tool=${one}\``).join(', ')}.`,
        },
      ]
    const faults = this.finish()
    this.#open = { piece, tool }
    return faults
  }

  /** The statement with what the line above it asks for. */
  mark(statement: Statement): Marked {
    const line = this.#open
    this.#open = null
    if (line === null) return { statement, faults: [] }
    const fault = objectTo(statement)
    return fault === null
      ? { statement: { ...statement, online: { tool: line.tool } }, faults: [] }
      : { statement, faults: [fault] }
  }

  /** What is left where the file ends. */
  finish(): readonly Fault[] {
    const line = this.#open
    this.#open = null
    if (line === null) return []
    return [
      {
        what: 'No statement follows the line `wwdb:online`.',
        where: { file: line.piece.file, line: line.piece.line },
        next: 'Move it directly above the ALTER TABLE that it is about, or remove it.',
      },
    ]
  }
}

function objectTo({ verb, text, file, line, objects }: Statement): Fault | null {
  const where = { file, line }
  if (verb !== 'ALTER TABLE' || objects.length !== 1)
    return {
      what: `The line \`wwdb:online\` is above ${verb}${verb === 'ALTER TABLE' ? ' that names two tables' : ''}.`,
      where,
      next: 'Write it above an ALTER TABLE that changes one table and does not rename it.',
    }
  const option = /\b(ALGORITHM|LOCK)\s*=?\s*(?:DEFAULT|INSTANT|INPLACE|COPY|NONE|SHARED|EXCLUSIVE)\b/i.exec(text)?.[1]
  if (option === undefined) return null
  return {
    what: `The ALTER TABLE below \`wwdb:online\` has the clause ${option.toUpperCase()}.`,
    where,
    why: 'wwdb tries INSTANT, then INPLACE, then a copy, and writes these clauses itself.',
    next: `Remove the clause ${option.toUpperCase()}, or the line \`wwdb:online\`.`,
  }
}
