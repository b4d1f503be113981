import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { isServerError } from './errors.ts'
import { saidByVtgate, shardOf } from './no-primary.ts'

/** A user of vtgate that the table ACL of a tablet (`--table-acl-config`, strict) has refused. */
interface Denied {
  /** What it may not do, and where. */
  readonly why: string
  /** What to put into the table ACL, as the rest of a sentence. */
  readonly needs: string
}

/** What a tablet calls its plans, by the list of users that one needs to be in: `Select`, `InsertLimit`, `DDL`, ... */
function listFor(plan: string): readonly [list: string, does: string] {
  if (/^(?:Select|Show|Other|Explain|Set|MessageStream)/.test(plan)) return ['readers', 'read']
  return /^(?:DDL|Flush|Alter|Revert)/.test(plan) ? ['admins', 'create, alter or drop'] : ['writers', 'write to']
}

/** What a tablet (24) says: `Insert command denied to user 'wwdb', in groups [...], for table 'wwdb_lease' (ACL check error)`. Null for any other error. */
export function readDenied(error: unknown): Denied | null {
  if (!isServerError(error)) return null
  const said = /\b(\w+) command denied to user '([^']*)'.*? for table '([^']*)' \(ACL check error\)/.exec(
    saidByVtgate(error.message),
  )
  if (said === null) return null
  const [, plan = '', user = '', table = ''] = said
  const [list, does] = listFor(plan)
  const shard = shardOf(error)
  return {
    why: `the user \`${user}\` of vtgate may not ${does} \`${table}\`, by the table ACL of ${shard === null ? 'its tablet' : `the tablet of shard ${shard}`}`,
    needs: `add \`${user}\` to \`${list}\` of the entry that has \`${table}\` (\`wwdb grants\` prints the entries), and let the tablets read the file again (SIGHUP, or \`--table-acl-config-reload-interval\`)`,
  }
}

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** The same for a statement of wwdb itself, as on its journal or its lease. */
export function deniedToWwdb({ why, needs }: Denied, { database, server, schema }: Target, cause: unknown): ToolError {
  const fault = {
    what: `A tablet refused a statement of wwdb itself, on \`${schema}\` or on the keyspace of its journal.`,
    where: { database, server },
    why: capitalized(why),
    next: `${capitalized(needs)} Then run the command again.`,
  }
  return new ToolError('SERVER_REFUSED', fault, { cause })
}

/** The same for a statement of a user. */
export const explainDenied = ({ why, needs }: Denied): string => `${why}: ${needs}`
