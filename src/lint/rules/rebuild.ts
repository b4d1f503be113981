import { isAtLeast } from '../../core/version.ts'
import { type Clause, findWords, hasWords, isWord, readAlterations, readTableOption } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { readColumnChanges } from '../column-changes.ts'
import { compareStorage } from '../narrowing.ts'
import type { HazardRule } from '../rule.ts'
import { addsPrimaryKey } from './copy.ts'

/** Guesses from the text; where the server was asked, its answer is used instead (`explainHazards`). */
export const rebuild: HazardRule = {
  code: 'REBUILDING_TABLE',
  kind: 'rebuilding',
  title: 'The table is rebuilt in place; other sessions can read and write meanwhile',
  find: (tokens, statement, context) => {
    const changes = readColumnChanges(tokens, statement, context.tables)
    const known = changes.some(({ before, after }) => before !== null && compareStorage(before, after) === 'rebuild')
    if (!known && !rebuildsByText(tokens, context.serverVersion)) return []
    return [{ why: whyRebuild, instead: insteadOfRebuild }]
  },
}

export const whyRebuild =
  'The server rebuilds the whole table: other sessions can use it meanwhile, but it takes time and disk space and causes replication lag.'

export const insteadOfRebuild =
  'Combine such changes of one table in one ALTER TABLE, and run it at a time of low load.'

/** True when InnoDB rebuilds the table in place (manual, "Online DDL Operations"; measured on 8.0.12 and 9.7). */
export function rebuildsByText(tokens: readonly Token[], serverVersion: string | undefined): boolean {
  if (hasWords(tokens, 0, 'OPTIMIZE')) return true
  const oldServer = serverVersion !== undefined && !isAtLeast(serverVersion, '8.0.29')
  return readAlterations(tokens).some((clause) => rebuildsAlways(clause) || (oldServer && rebuildsOnOldServers(clause)))
}

function rebuildsAlways(clause: Clause): boolean {
  const options = ['ROW_FORMAT', 'KEY_BLOCK_SIZE'] as const
  if (options.some((option) => readTableOption(clause, option) !== null)) return true
  if (readTableOption(clause, 'ENGINE') === 'INNODB') return true
  if (clause.length === 1 && isWord(clause[0], 'FORCE')) return true
  if (hasWords(clause, 0, 'OPTIMIZE', 'PARTITION') || hasWords(clause, 0, 'REBUILD', 'PARTITION')) return true
  return addsPrimaryKey(clause) || (isWord(clause[0], 'MODIFY', 'CHANGE') && isMoved(clause))
}

/** Since 8.0.29 columns are added anywhere and dropped without touching the rows. */
function rebuildsOnOldServers(clause: Clause): boolean {
  if (hasWords(clause, 0, 'DROP', 'COLUMN')) return true
  return isWord(clause[0], 'ADD') && isMoved(clause)
}

function isMoved(clause: Clause): boolean {
  const last = clause.length - 1
  return isWord(clause[last], 'FIRST') || findWords(clause, 'AFTER') === last - 1
}
