import type { Fault } from '../../core/tool-error.ts'

/** Why something cannot be hidden: the plan says it before anything runs, and the run where it has come true since. */
export type RetireRefusal = Pick<Fault, 'what' | 'why' | 'next'>

/** The server would not drop it, and its foreign keys would follow it to its hold name. */
export const isReferenced = (table: string, keys: readonly string[]): RetireRefusal => ({
  what: `\`${table}\` cannot be retired: ${keys.map((key) => `\`${key}\``).join(', ')} ${keys.length === 1 ? 'references' : 'reference'} it.`,
  why: 'MySQL would not drop it while foreign keys of other tables reference it, either.',
  next: 'Drop these foreign keys first, in an earlier statement.',
})

/** Rows could not be written without a column that needs a value. */
export const needsValue = (table: string, column: string): RetireRefusal => ({
  what: `\`${table}.${column}\` cannot be retired: it is NOT NULL and has no default.`,
  why: 'While it is kept, rows that are written without it would be refused.',
  next: `Give it a default in an earlier statement (\`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT ...\`), or write \`-- wwdb:retire never\` above the statement.`,
})
