/** What can have a label, by the names of the API, which are those of the files but for the two kinds of tasks. */
export const labeledKinds = ['buckets', 'tasks', 'checks', 'notificationEndpoints', 'notificationRules'] as const

export type LabeledKind = (typeof labeledKinds)[number]

/** A label with its resources. */
export interface LabelDeclaration {
  readonly name: string
  /** Null keeps the server's. */
  readonly color: string | null
  readonly description: string | null
  /** Names of resources; null for a kind that is left as it is. */
  readonly on: Readonly<Record<LabeledKind, readonly string[] | null>>
}

/** The server holds two names for one that differ in case or in blanks around them. */
export function labelKey(name: string): string {
  return name.trim().toLowerCase()
}

/** Labels that wwdb uses itself: for its lock and the progress of backfills. */
export function isOwnLabel(name: string): boolean {
  return name === 'wwdb-setup-lock' || name.startsWith('wwdb-backfill ')
}

export function prefixLabel(label: LabelDeclaration, named: (name: string) => string): LabelDeclaration {
  const { buckets, tasks, checks, notificationEndpoints, notificationRules } = label.on
  const all = (names: readonly string[] | null): readonly string[] | null => names?.map(named) ?? null
  return {
    ...label,
    name: named(label.name),
    on: {
      buckets: all(buckets),
      tasks: all(tasks),
      checks: all(checks),
      notificationEndpoints: all(notificationEndpoints),
      notificationRules: all(notificationRules),
    },
  }
}
