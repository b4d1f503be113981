import type { ServerAnswer } from '../sql/algorithm-question.ts'
import type { TableState } from '../sql/table-state.ts'
import type { Finding, HazardRule } from './rule.ts'
import { copy, describeCopy, insteadOfCopy } from './rules/copy.ts'
import { insteadOfLock, lock } from './rules/lock.ts'
import { insteadOfRebuild, rebuild, whyRebuild } from './rules/rebuild.ts'
import { isLargeEnough } from './stakes.ts'

/** A rule that applies, with its reason. */
export interface RuleFinding {
  readonly rule: HazardRule
  readonly finding: Finding
}

/**
 * What the server's own answer means for others who use the table. COPY blocks writes, INPLACE under a lock blocks, INPLACE
 * that writes the table anew is told, INSTANT is nothing; none of it counts for a table too small to notice.
 */
export function explainHazards(answer: ServerAnswer, table: TableState): readonly RuleFinding[] {
  if (!isLargeEnough(table)) return []
  const size = describeSize(table)
  switch (answer.algorithm) {
    case 'COPY':
      return [
        {
          rule: copy,
          finding: { why: describeCopy(`The server has no other way to do it${size}`), instead: insteadOfCopy },
        },
      ]
    case 'INPLACE':
      if (answer.lock !== 'NONE')
        return [{ rule: lock, finding: { why: describeLock(answer, size), instead: insteadOfLock } }]
      return answer.rebuilds ? [{ rule: rebuild, finding: { why: whyRebuild, instead: insteadOfRebuild } }] : []
    case 'INSTANT':
      return []
  }
}

function describeLock(answer: ServerAnswer, size: string): string {
  const others = answer.lock === 'SHARED' ? 'Nobody can write to the table' : 'Nobody can read or write the table'
  return `${others} while the server changes it in place${size}.`
}

function describeSize(table: TableState): string {
  if (table.type !== 'present') return ''
  const megabytes = Math.max(1, Math.round(table.bytes / 1024 / 1024))
  return ` (about ${table.rows} rows, ${megabytes} MB)`
}
