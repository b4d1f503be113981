import type { ReviewFinding } from './finding.ts'

interface PlacedEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * A file's text with the safe fixes of its findings. Fixes that overlap one that is applied are left for the next time. The file keeps its
 * line ends and its byte order mark.
 */
export function applyTextEdits(text: string, findings: readonly ReviewFinding[]): string {
  const isWindows = /\r\n/.test(text)
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const plain = text.slice(mark.length).replaceAll('\r\n', '\n')
  const starts = lineStarts(plain)
  const groups = findings.map((finding) => placeEdits(finding, plain, starts)).filter((edits) => edits.length > 0)
  const chosen: PlacedEdit[] = []
  for (const edits of groups) {
    const isFree = edits.every((edit) => !chosen.some((other) => edit.start < other.end && other.start < edit.end))
    const isNew = edits.every((edit) => !chosen.some((other) => isSame(edit, other)))
    if (isFree && isNew) chosen.push(...edits)
  }
  const fixed = chosen
    .toSorted((one, other) => other.start - one.start || other.end - one.end)
    .reduce((current, { start, end, text: put }) => current.slice(0, start) + put + current.slice(end), plain)
  return mark + (isWindows ? fixed.replaceAll('\n', '\r\n') : fixed)
}

function isSame(one: PlacedEdit, other: PlacedEdit): boolean {
  return one.start === other.start && one.end === other.end && one.text === other.text
}

/** The edits as offsets in the file; none where the file is no longer the one that was read. */
function placeEdits(
  { statement, edits }: ReviewFinding,
  text: string,
  starts: readonly number[],
): readonly PlacedEdit[] {
  if (statement === null) return []
  const offset = (starts[statement.line - 1] ?? text.length) + statement.column - 1
  if (!text.startsWith(statement.text, offset)) return []
  return edits.map(({ start, end, text: put }) => ({ start: offset + start, end: offset + end, text: put }))
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
