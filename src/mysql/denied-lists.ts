import { classifyStatement } from '../sql/classify.ts'
import { listTablesRead } from '../sql/read-sources.ts'

/** A list of an entry of a table ACL. */
type List = 'readers' | 'writers' | 'admins'

/** Statements that read other tables than the one that they define. */
const definedByQuery: ReadonlySet<string> = new Set(['CREATE TABLE', 'CREATE VIEW', 'ALTER VIEW'])

const isTold = (name: string, table: string): boolean => name.toLowerCase() === table.toLowerCase()

/**
 * The lists of which one lacks the user, by what a tablet (24) calls its plan (`Select`, `InsertLimit`, `DDL`, ...), the table that it names, and the statement, where that is known. A plan
 * alone does not tell: `INSERT INTO a SELECT ... FROM b` needs `writers` of `a` and `readers` of `b`. Pure.
 */
export function listsFor(plan: string, table: string, text: string | null): readonly [List, ...List[]] {
  if (/^Nextval/.test(plan)) return ['writers']
  const facts = text === null ? null : classifyStatement(text)
  // Its plan is `Select`, or that of SHOW.
  if (facts?.verb === 'ANALYZE TABLE') return ['writers']
  const isTarget = facts?.objects.some(({ name }) => isTold(name, table))
  if (/^(?:Select|Show|Other|Explain|Set|MessageStream)/.test(plan))
    return facts === null && /^(?:Select|Other)/.test(plan) ? ['readers', 'writers'] : ['readers']
  if (/^(?:DDL|Flush|Alter|Revert)/.test(plan)) {
    if (facts === null) return ['admins', 'readers']
    return definedByQuery.has(facts.verb) && isTarget === false ? ['readers'] : ['admins']
  }
  // Of several tables of an UPDATE or a DELETE, each is one to write to, except those in its subqueries.
  if (text === null || facts === null || facts.objects.length === 0) return ['writers', 'readers']
  if (isTarget === false) return ['readers']
  const { verb } = facts
  const read = listTablesRead({ verb, text }).filter(({ name }) => isTold(name, table)).length
  // The head of an UPDATE and of a DELETE is among what is read.
  return read > (verb === 'UPDATE' || verb === 'DELETE' ? 1 : 0) ? ['writers', 'readers'] : ['writers']
}
