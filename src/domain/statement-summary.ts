import type { ObjectName, StatementFacts } from './statement.ts'

const mostNames = 3

/**
 * Verb and objects: `ALTER TABLE users`, `RENAME TABLE a, b`. Never the text, which may hold secrets; this is what journal,
 * events and plans call a statement.
 */
export function summarizeStatement(statement: Pick<StatementFacts, 'verb' | 'objects'>): string {
  const names = statement.objects.slice(0, mostNames).map(qualifiedName)
  const more = statement.objects.length - names.length
  const list = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
  return list === '' ? statement.verb : `${statement.verb} ${list}`
}

function qualifiedName(object: ObjectName): string {
  return object.schema === null ? object.name : `${object.schema}.${object.name}`
}
