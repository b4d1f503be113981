import { cutLine, type Line, lineWidth, padLine } from './span.ts'

export interface TableOptions {
  /** Columns of the terminal; Infinity where nothing is cut. */
  readonly columns: number
  /** Blanks before every row. */
  readonly indent: number
  /** Columns (from 0) that are left out, one after the other, as long as the rows are too wide. */
  readonly droppable?: readonly number[]
  /** Columns (from 0) that shrink where the rows are too wide, the first of them first. */
  readonly flexible: readonly number[]
}

const gap = 2
const narrowest = 8

/** Rows of cells as aligned lines. A row may have fewer cells than others. No line is wider than the terminal. */
export function alignTable(rows: readonly (readonly Line[])[], options: TableOptions): readonly Line[] {
  return alignTables([rows], options)[0] ?? []
}

/**
 * The same, one line at a time: neither the cells nor the lines of many rows are kept, and each row is made twice, once to be measured. @param cellsOf what a row shows, the same each time
 */
export function* alignEach<Row>(
  rows: readonly Row[],
  cellsOf: (row: Row) => readonly Line[],
  options: TableOptions,
): Iterable<Line> {
  const natural: number[] = []
  for (const row of rows) measureRow(cellsOf(row), natural)
  const widths = fitWidths(dropCells(natural, options), options)
  for (const row of rows) yield alignRow(cellsOf(row), widths, options)
}

/** Several tables with the same columns, which have the same widths in each, and are left out of all or of none. */
export function alignTables(
  tables: readonly (readonly (readonly Line[])[])[],
  options: TableOptions,
): readonly (readonly Line[])[] {
  const widths = fitWidths(dropCells(measure(tables.flat()), options), options)
  return tables.map((rows) => rows.map((cells) => alignRow(cells, widths, options)))
}

function measure(rows: readonly (readonly Line[])[]): number[] {
  const widths: number[] = []
  for (const cells of rows) measureRow(cells, widths)
  return widths
}

/** Widens the columns to fit the cells of a row. */
function measureRow(cells: readonly Line[], widths: number[]): void {
  for (const [index, cell] of cells.entries()) widths[index] = Math.max(widths[index] ?? 0, lineWidth(cell))
}

function totalWidth(widths: readonly number[], options: TableOptions): number {
  const used = widths.filter((width) => width > 0)
  return options.indent + used.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, used.length - 1)
}

/** A cell that is left out has no width. */
function dropCells(natural: readonly number[], options: TableOptions): readonly number[] {
  const widths = [...natural]
  for (const index of options.droppable ?? []) {
    if (totalWidth(widths, options) <= options.columns) break
    if (widths[index] !== undefined) widths[index] = 0
  }
  return widths
}

function fitWidths(natural: readonly number[], options: TableOptions): readonly number[] {
  const widths = [...natural]
  let excess = totalWidth(natural, options) - options.columns
  for (const index of options.flexible) {
    if (excess <= 0) break
    const width = widths[index] ?? 0
    const given = Math.min(excess, Math.max(0, width - narrowest))
    widths[index] = width - given
    excess -= given
  }
  return widths
}

function alignRow(cells: readonly Line[], widths: readonly number[], options: TableOptions): Line {
  const last = cells.findLastIndex((cell, index) => lineWidth(cell) > 0 && (widths[index] ?? 0) > 0)
  const line = cells.slice(0, last + 1).flatMap((cell, index) => {
    const width = widths[index] ?? 0
    // A column that is empty in every row takes no space.
    if (width === 0) return []
    const fitted = cutLine(cell, width)
    return index === last ? fitted : [...padLine(fitted, width), ' '.repeat(gap)]
  })
  return cutLine(options.indent > 0 ? [' '.repeat(options.indent), ...line] : line, options.columns)
}
