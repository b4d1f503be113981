import { toStatement } from '../../../src/sql/classify.ts'
import type { Statement } from '../../../src/sql/statement.ts'

/** A statement as a file would hold it, at a line of its own. */
export function statementOf(text: string, index = 0, file = 'migrations/app/1_test.sql'): Statement {
  return toStatement({ type: 'statement', text, source: text, file, line: index + 1, column: 1 }, index)
}
