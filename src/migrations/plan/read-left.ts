import { isPlainData, nameTakenRows } from '../../lint/find-hazards.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'

/**
 * For a file too large to hold, only the statements that matter for hazards. @param visit is called with each remaining statement, held or not
 */
export async function readLeft(step: Step, visit: (statement: Statement) => void): Promise<readonly Statement[]> {
  const script = scriptOf(step)
  if (script === null || script.type === 'module') return []
  const left: Statement[] = []
  const seen = new Set<string>()
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (statement.index < step.from) continue
    visit(statement)
    if (script.type === 'statements') {
      left.push(statement)
      continue
    }
    const taken = nameTakenRows(statement)
    const isAlike = taken !== null && isPlainData(statement) && seen.has(taken)
    if (taken !== null) seen.add(taken)
    if (taken === null ? !isPlainData(statement) : !isAlike) left.push(statement)
  }
  return left
}

/** The session changes of the part of a migration that has run: a run that continues repeats them. */
export async function readSessionBefore(step: Step): Promise<readonly Statement[]> {
  const script = scriptOf(step)
  const found: Statement[] = []
  if (script === null || script.type === 'module') return found
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (statement.index >= step.from) break
    if (statement.class === 'session') found.push(statement)
  }
  return found
}
