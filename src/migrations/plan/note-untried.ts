import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { TrialReport } from '../../probe/probe-result.ts'
import { type Statement, summarizeStatement } from '../../sql/statement.ts'

/** What a trial left out, in one sentence: the first statement with its reason, and how many follow. */
export function noteUntried(trial: TrialReport | undefined, statements: readonly Statement[]): readonly string[] {
  const [first, ...others] = trial?.untried ?? []
  const statement = first === undefined ? undefined : statements[first[0]]
  if (first === undefined || statement === undefined) return []
  const place = `${statement.file}:${statement.line}`
  const more = others.length === 0 ? '' : ` So were ${countOf(others.length, 'other')}.`
  return [
    `${summarizeStatement(statement)} (${place}) was not tried in a scratch schema: ${first[1].replace(/\.$/, '')}.${more}`,
  ]
}

/** The error of a trial that is required but impossible. @param notes why, as sentences */
export function notTried({ database, server }: Target, notes: readonly string[]): ToolError {
  return new ToolError('NOT_TRIED', {
    what: 'The pending statements could not be tried in a scratch schema, which the configuration requires.',
    where: { database, server },
    ...(notes[0] !== undefined && { why: notes[0] }),
    next: 'Grant what `wwdb grants` prints for `wwdb_scratch_%`, or set `trial` to `auto`.',
  })
}
