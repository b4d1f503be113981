import type { Fault } from '../../core/tool-error.ts'
import type { OpenTarget } from '../targets.ts'

/** The setting of the journal that says how the server compared the names of tables that the first migration ran on. */
export const namesSetting = 'lower_case_table_names'

/** What the journal is to say of the server; null where it does already. */
export function unrecordedNames({ snapshot, session }: Pick<OpenTarget, 'snapshot' | 'session'>): string | null {
  const { tableNames } = session.facts
  if (tableNames === undefined || snapshot.settings.get(namesSetting) === String(tableNames)) return null
  return String(tableNames)
}

/**
 * A server that compares names otherwise than the one that the journal was written on: a dump was restored on another one. Null where it is the same, or not
 * known. Pure.
 */
export function describeMovedNames(target: Pick<OpenTarget, 'snapshot' | 'session'>): Fault | null {
  const { database, server } = target.session.target
  const was = target.snapshot.settings.get(namesSetting)
  const is = unrecordedNames(target)
  if (was === undefined || is === null) return null
  const what = `\`${database}\` was migrated with \`${namesSetting}\` ${was}, but on this server it is ${is}.`
  const where = { database, server }
  return is === '0'
    ? {
        what,
        where,
        why: 'Table names are case-sensitive here: a statement that names `Users` does not find `users`.',
        next: `Write names in new migrations as \`SHOW TABLES\` shows them, or use a server with the former setting. The next run that records the schema records the setting, and so does \`wwdb repair --rebuild-record --target ${database}\`.`,
      }
    : {
        what,
        where,
        why: 'Table names are not case-sensitive here: `Users` in a migration is the same table as `users`.',
        next: `Check with \`wwdb drift\` that nothing else differs. The next run that records the schema records the setting, and so does \`wwdb repair --rebuild-record --target ${database}\`.`,
      }
}
