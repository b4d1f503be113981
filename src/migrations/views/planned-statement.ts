import { describeDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import type { Statement } from '../../sql/statement.ts'
import { summarizeStatement } from '../../sql/statement.ts'
import type { Page } from '../../terminal/human/page.ts'
import { longText, renderSql } from '../../terminal/human/statement-text.ts'
import { printable } from '../../terminal/text/printable.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { BatchPlan, Step } from '../plan.ts'
import { shownText } from '../plan-document.ts'

/** Columns before a statement's number, and before its text. */
export const statementIndent = 6
export const textIndent = 11

/** A one-line text up to this length is shown in the heading itself, in place of a summary. */
const longestHeading = 72

/** A statement of a plan: number, summary, algorithm and size of its table, and under it its text where that says more. */
export function renderPlannedStatement(statement: Statement, step: Step, page: Page): readonly Line[] {
  const text = shownText(step, statement)
  const isShort = !text.includes('\n') && text.length <= longestHeading
  const summary = isShort ? printable(text) : summarizeStatement(statement)
  const number = `${' '.repeat(statementIndent)}${String(statement.index + 1).padStart(3)}`
  const heading: Line = [number, '  ', toned('strong', summary), ...describeFacts(statement, step)]
  return [
    ...wrapLine(heading, page.columns, textIndent),
    ...(isShort || isSameWords(text, summary)
      ? []
      : renderSql(text, textIndent, page, (statement.whole ?? statement.text.length) - statement.text.length)),
  ]
}

/** ` INPLACE, about 1,200 rows, 96 KiB`, the parts that are known. */
function describeFacts(statement: Statement, step: Step): readonly Span[] {
  const algorithm = step.algorithms.get(statement.index)
  const size = step.sizes?.get(statement.index)
  const facts: Span[] = []
  if (algorithm !== undefined && statement.retire === undefined) facts.push(toned(algorithmTone(algorithm), algorithm))
  if (size !== undefined) {
    const isNamed = statement.objects.some(({ name }) => name === size.table)
    const place = isNamed ? '' : ` in ${size.table}`
    facts.push(toned('faint', `about ${countOf(size.rows, 'row')}${place}, ${formatSize(size.bytes)}`))
  }
  const batch = step.batches?.get(statement.index)
  if (batch !== undefined) facts.push(toned('faint', describeBatch(batch, size !== undefined)))
  if (statement.retire !== undefined) facts.push(toned('faint', describeRetire(statement.retire)))
  return facts.flatMap((fact, index) => [index === 0 ? '  ' : ', ', fact])
}

/** `hidden, and dropped after 14 days without a use`. */
function describeRetire({ grace, isDefault, back }: NonNullable<Statement['retire']>): string {
  if (back !== undefined) return 'put back as it was'
  const time = grace === null ? '' : ` after ${describeDuration(grace)} without a use`
  return `hidden, and dropped${time}${isDefault === true ? ', as the environment is protected' : ''}`
}

/** `in batches by PRIMARY, about 12,000 rows, 12 chunks at first`. */
function describeBatch({ key, rows, chunks, done, table }: BatchPlan, isSized: boolean): string {
  const by = key === null ? 'in batches' : `in batches by ${key}`
  const size = rows === null || isSized ? '' : `, about ${countOf(rows, 'row')} in ${table}`
  const cut = chunks === null ? '' : `, about ${countOf(chunks, 'chunk')} of the first size`
  const rest = done === undefined ? '' : `, ${countOf(done.rows, 'row')} done in ${countOf(done.chunks, 'chunk')}`
  return `${by}${size}${cut}${rest}`
}

function algorithmTone(algorithm: 'INSTANT' | 'INPLACE' | 'COPY'): 'good' | 'faint' | 'warning' {
  if (algorithm === 'INSTANT') return 'good'
  return algorithm === 'INPLACE' ? 'faint' : 'warning'
}

/** The summary is not repeated. Of a long text it is never everything, and INSERTs of 100 MB must not be copied to see that. */
function isSameWords(text: string, summary: string): boolean {
  return text.length <= longText && sameWords(text) === sameWords(summary)
}

/** Without what does not change the meaning of a short statement. */
function sameWords(text: string): string {
  return text.replaceAll('`', '').replace(/\s+/g, ' ').trim().toLowerCase()
}
