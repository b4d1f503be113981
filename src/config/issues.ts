import { explainIssue as explainInGeneral, type Issue, type IssueText, valueAt } from '../core/document-issue.ts'
import { adviseUnit } from '../core/duration.ts'
import type { Fault } from '../core/tool-error.ts'
import { faultAt, type Origin } from './origin.ts'
import { knownKeys } from './schema.ts'

/** One sentence for each thing that is wrong with a configuration. */
export function explainIssue(issue: Issue, document: unknown, origin: Origin): readonly Fault[] {
  const unit = explainUnit(issue, valueAt(document, issue.path))
  if (unit !== null) return [faultAt(origin, issue.path, unit)]
  return explainInGeneral(issue, document, knownKeys).map(({ path, text }) => faultAt(origin, path, text))
}

/** The commonest mistake: a duration as a number. */
function explainUnit({ code, path }: Issue, value: unknown): IssueText | null {
  if (code !== 'invalid_type' || typeof value !== 'number') return null
  const says = `is ${value}, a number without a unit`
  if (path.at(-2) === 'timeouts') return { says, next: adviseUnit(String(Math.abs(value))) }
  if (!/^(?:alertDelay|late|keep|grace|premake)$/.test(String(path.at(-1)))) return null
  return { says, next: `Write "${Math.abs(value)} days", for instance.` }
}
