/** `-- wwdb:when NAME OPERATOR VALUES`: the migration applies only where the condition is true. */
export type Condition =
  | { readonly type: 'references'; readonly value: 'physical' | 'logical' }
  /** A schema of MySQL itself, or a keyspace of Vitess. */
  | { readonly type: 'platform'; readonly value: 'mysql' | 'vitess' }
  | { readonly type: 'environment'; readonly names: readonly string[]; readonly negated: boolean }
  | { readonly type: 'server'; readonly operator: '<' | '<=' | '>=' | '>'; readonly version: string }
