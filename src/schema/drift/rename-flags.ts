/** What was said about names: that two are the same, and that two are not. */
export interface RenameFlags {
  readonly rename: readonly string[]
  readonly notRenamed: readonly string[]
}

/** The flags of every command that writes the statements from one schema to another. */
export const renameFlags = {
  rename: {
    value: 'RENAME',
    description: 'old=new for a table, table.old=new for a column: it was renamed, and keeps its data; may be repeated',
    repeatable: true,
  },
  notRenamed: {
    value: 'RENAME',
    description: 'the same for a pair that only looks renamed: one is dropped, the other added; may be repeated',
    repeatable: true,
  },
} as const
