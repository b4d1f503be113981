import type { HazardRule } from '../rule.ts'

export const call: HazardRule = {
  code: 'UNRESUMABLE_CALL',
  kind: 'unresumable',
  title: '`CALL`: what the procedure commits itself cannot be seen from outside',
  find: (_tokens, statement) => {
    if (statement.class !== 'call') return []
    return [
      {
        why: 'If it is interrupted, nobody can tell which of the changes that the procedure makes were committed.',
        instead: "Write the procedure's statements into the migration, or make it harmless to call twice.",
      },
    ]
  },
}
