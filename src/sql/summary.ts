import type { StatementFacts } from '../domain/statement.ts'
import { summarizeStatement } from '../domain/statement-summary.ts'

/**
 * What a statement is called in journal, plans and messages: `ALTER TABLE users`, `SET sql_mode`, `EXECUTE change`.
 * Made of verbs and names only; literals, which may be secrets, never get in.
 */
export function summarise(facts: StatementFacts): string {
  if (facts.prepared !== null) return `${facts.verb} ${facts.prepared}`
  if (facts.verb !== 'SET') return summarizeStatement(facts)
  const names = [...facts.userVariables.map((name) => `@${name}`), ...facts.sessionVariables]
  return `SET ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`.trim()
}
