import { mayCommitItself } from '../../sql/procedures/read-call.ts'
import { noTablesKnown } from '../../sql/table-state.ts'
import { readKnownCall } from '../follow-calls.ts'
import type { HazardRule } from '../rule.ts'

export const call: HazardRule = {
  code: 'UNRESUMABLE_CALL',
  kind: 'unresumable',
  title:
    '`CALL` of a procedure that commits, or may commit, on its own: which of its changes were committed cannot be seen from outside',
  find: (_tokens, statement, context) => {
    if (statement.class !== 'call') return []
    const called = readKnownCall(context.tables ?? noTablesKnown, statement)
    if (called !== null && !mayCommitItself(called)) return []
    return [
      {
        why: 'If it is interrupted, it cannot be determined which changes of the procedure were committed.',
        instead:
          "Write the procedure's statements into the migration; or make it harmless to call twice and accept this hazard in the file: then it is called again.",
      },
    ]
  },
}
