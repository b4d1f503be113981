import type { Fault } from '../../core/tool-error.ts'
import type { SeenTarget } from '../targets.ts'

/** The journal's setting for how the server of the first migration compared the names of tables. */
export const namesSetting = 'lower_case_table_names'

/** The new value of that setting; null where it is already correct. */
export function unrecordedNames({ snapshot, session }: Pick<SeenTarget, 'snapshot' | 'session'>): string | null {
  const { tableNames } = session.facts
  if (tableNames === undefined || snapshot.settings.get(namesSetting) === String(tableNames)) return null
  return String(tableNames)
}

/**
 * A server that compares names differently than the one on which the journal was written: a dump was restored on it. Null where they agree, or where that is
 * unknown. Pure.
 */
export function describeMovedNames(target: Pick<SeenTarget, 'snapshot' | 'session'>): Fault | null {
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
