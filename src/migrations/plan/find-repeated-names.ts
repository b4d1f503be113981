import type { Fault } from '../../core/tool-error.ts'
import { applyStatement } from '../../ddl/apply-statement.ts'
import { nothingKnown, type Schema } from '../../ddl/schema.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Migration } from '../migration.ts'
import { findExisting, followOwn, hide, noOwnNames } from './find-existing.ts'

/**
 * What the files of one database create twice: tables, views, columns, indexes, constraints, routines, triggers and events. Without a server, so only what the files themselves show: the check ends where one of them may do anything. @param migrations in the order in which they run @param serverVersion the version of the target server, null where it is unknown
 */
export async function findRepeatedNames(
  migrations: readonly Migration[],
  serverVersion: string | null,
): Promise<readonly Fault[]> {
  const faults: Fault[] = []
  const own = noOwnNames(serverVersion)
  let tables: Schema = nothingKnown
  for (const migration of migrations) {
    if (migration.kind === 'repeatable' || migration.shards !== undefined || migration.up.type === 'module') continue
    const { up } = migration
    for await (const statement of up.type === 'statements' ? up.statements : up.open()) {
      if (mayDoAnything(statement)) return faults
      // The environment determines which of its statements count.
      if (migration.conditions.length > 0) hide(own, statement.objects)
      const found = findExisting(statement, tables, own)
      if (found !== null && !found.isOnServer)
        faults.push({
          what: found.what,
          where: { file: statement.file, line: statement.line, column: statement.column },
          why: found.why,
          next: 'Change the existing object with ALTER TABLE, use another name, or drop the existing one first.',
        })
      followOwn(own, statement, tables)
      tables = applyStatement(tables, statement)
    }
  }
  return faults
}

function mayDoAnything({ class: kind, verb }: Statement): boolean {
  return kind === 'call' || kind === 'execute' || verb === 'DROP DATABASE'
}
