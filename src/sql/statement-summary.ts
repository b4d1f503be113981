import type { ObjectName, StatementFacts } from './statement.ts'

/** What a summary is made of; verb and objects alone will do. */
type SummaryFacts = Pick<StatementFacts, 'verb' | 'objects'> &
  Partial<Pick<StatementFacts, 'prepared' | 'userVariables' | 'sessionVariables'>>

const mostNames = 3

/**
 * Verb and names: `ALTER TABLE users`, `RENAME TABLE a, b`, `SET sql_mode`, `EXECUTE change`. Never the text, which may hold
 * secrets; this is what journal, events and plans call a statement.
 */
export function summarizeStatement(facts: SummaryFacts): string {
  const names = namesOf(facts)
  const shown = names.slice(0, mostNames).join(', ')
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  return shown === '' ? facts.verb : `${facts.verb} ${shown}${more}`
}

function namesOf(facts: SummaryFacts): readonly string[] {
  if (facts.prepared !== null && facts.prepared !== undefined) return [facts.prepared]
  if (facts.verb !== 'SET') return facts.objects.map(qualifiedName)
  return [...(facts.userVariables ?? []).map((name) => `@${name}`), ...(facts.sessionVariables ?? [])]
}

function qualifiedName(object: ObjectName): string {
  return object.schema === null ? object.name : `${object.schema}.${object.name}`
}
