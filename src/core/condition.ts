/** `-- wwdb:when NAME OPERATOR VALUES`: the migration applies only where the condition is true. */
export type Condition =
  | { readonly type: 'references'; readonly value: 'physical' | 'logical' }
  | { readonly type: 'environment'; readonly names: readonly string[]; readonly negated: boolean }
  | { readonly type: 'server'; readonly operator: '<' | '<=' | '>=' | '>'; readonly version: string }
