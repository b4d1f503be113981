import { inspect } from 'node:util'
import type { ConfigEntry } from '../../config/layer.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { printable } from '../../terminal/text/printable.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** The answer of `config show`. */
export interface ConfigResult {
  readonly kind: 'config'
  readonly file: string | null
  readonly environment: string | null
  readonly entries: readonly ConfigEntry[]
}

/** The answer of commands that write files of the project. */
export interface FilesResult {
  readonly kind: 'files'
  readonly created: readonly string[]
  readonly changed: readonly string[]
  /** Only for commands that remove files. */
  readonly removed?: readonly string[]
  readonly next: readonly string[]
}

export const configView: View<ConfigResult> = {
  render: renderConfig,
}

export const filesView: View<FilesResult> = {
  render: renderFiles,
}

/** Every value with its source; secrets are `***`. */
function renderConfig(result: ConfigResult, page: Page): readonly Line[] {
  const file = result.file === null ? 'No configuration file.' : `File: ${result.file}`
  const environment = result.environment === null ? [] : wrapLine([`Environment: ${result.environment}`], page.columns)
  return [
    ...wrapLine([file], page.columns, 6),
    ...environment,
    ...alignTable(result.entries.map(row), { columns: page.columns, indent: 2, flexible: [1, 0] }),
  ]
}

function row(entry: ConfigEntry): readonly Line[] {
  const source: Line = [toned(entry.source === 'default' ? 'faint' : 'active', entry.source)]
  return [[entry.path], [describeValue(entry.value)], source]
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return value
  return printable(inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }))
}

/** Which files were written, and what to do with them. */
function renderFiles(result: FilesResult, page: Page): readonly Line[] {
  const { created, changed, removed = [] } = result
  const none: Line[] = created.length + changed.length + removed.length === 0 ? [['No file was written.']] : []
  return [
    ...created.flatMap((file) => wrapLine([symbol('good'), ' created ', toned('strong', file)], page.columns, 2)),
    ...changed.flatMap((file) => wrapLine([symbol('good'), ' changed ', toned('strong', file)], page.columns, 2)),
    ...removed.flatMap((file) => wrapLine([symbol('good'), ' removed ', toned('strong', file)], page.columns, 2)),
    ...none,
    ...nextLines(result.next, page),
  ]
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly config: ConfigResult
    readonly files: FilesResult
  }
}
