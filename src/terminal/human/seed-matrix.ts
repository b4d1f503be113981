import type { Result } from '../../core/result.ts'
import type { SeedMatrixDocument } from '../../seeds/seed.ts'
import { type Line, toned } from '../text/span.ts'
import { alignTable } from '../text/table.ts'
import { wrapLine } from '../text/wrap.ts'
import { type Page, symbols } from './page.ts'

type MatrixResult = Extract<Result, { readonly kind: 'seed-matrix' }>
type MatrixLine = SeedMatrixDocument['lines'][number]

/** Who may do what: a table on the screen, or Markdown for a document. */
export function renderSeedMatrix({ layout, matrices }: MatrixResult, page: Page): readonly Line[] {
  if (matrices.length === 0) return wrapLine(['No seed file has a matrix.'], page.columns)
  const render = layout === 'markdown' ? renderMarkdown : renderTable
  return matrices.flatMap((matrix, index) => [...(index === 0 ? [] : [[]]), ...render(matrix, page)])
}

/** Lines under the heading of their group, in the order of the file. */
function groupLines({ lines }: SeedMatrixDocument): ReadonlyMap<string | null, readonly MatrixLine[]> {
  const groups = new Map<string | null, MatrixLine[]>()
  for (const line of lines) groups.set(line.group, [...(groups.get(line.group) ?? []), line])
  return groups
}

function renderTable(matrix: SeedMatrixDocument, page: Page): readonly Line[] {
  const heads = matrix.columns.map(({ name, label }): Line => [toned('strong', label ?? name)])
  const rows = [...groupLines(matrix)].flatMap(([group, lines]) => [
    ...(group === null ? [] : [[[toned('strong', group)]]]),
    ...lines.map(({ name, label, marks }) => [
      [label ?? ''],
      [name],
      ...marks.map((marked): Line => [marked ? toned('good', symbols.good) : toned('faint', symbols.idle)]),
    ]),
  ])
  const title: Line = [toned('strong', `${matrix.database}.${matrix.table}`), toned('faint', ` ${matrix.file}`)]
  return [
    ...wrapLine(title, page.columns, 2),
    ...alignTable([[[], [], ...heads], ...rows], { columns: page.columns, indent: 2, droppable: [1], flexible: [0] }),
  ]
}

/** Markdown is not cut to the terminal: it is for a file. */
function renderMarkdown(matrix: SeedMatrixDocument): readonly Line[] {
  const escapeBars = (text: string): string => text.replaceAll('|', '\\|')
  const row = (cells: readonly string[]): Line => [`| ${cells.map(escapeBars).join(' | ')} |`]
  const heads = matrix.columns.map(({ name, label }) => (label === null ? name : `${label} (${name})`))
  return [
    [`# ${matrix.database}.${matrix.table}`],
    [],
    row([matrix.down, '', ...heads]),
    [`| --- | --- |${heads.map(() => ' :-: |').join('')}`],
    ...[...groupLines(matrix)].flatMap(([group, lines]) => [
      ...(group === null ? [] : [row([`**${group}**`, '', ...heads.map(() => '')])]),
      ...lines.map(({ name, label, marks }) => row([name, label ?? '', ...marks.map((marked) => (marked ? 'x' : ''))])),
    ]),
  ]
}
