import type { Target } from '../core/target.ts'
import { asSentence, ToolError } from '../core/tool-error.ts'
import { listsFor } from './denied-lists.ts'
import { isServerError } from './errors.ts'
import { partsOfVtgate, shardOf } from './no-primary.ts'

/** A user of vtgate that the table ACL of a tablet (`--table-acl-config`, strict) has refused. */
interface Denied {
  /** What it may not do, and where. */
  readonly why: string
  /** What to put into the table ACL, as the rest of a sentence. */
  readonly needs: string
}

const deeds = { readers: 'read', writers: 'write to', admins: 'create, alter or drop' } as const

/** The statement of an error, which mysql2 adds to it; a tablet (24) adds it to no refusal of its own. */
const statementOf = (error: Error): string | null =>
  'sql' in error && typeof error.sql === 'string' ? error.sql : null

const denial =
  /\b(\w+) command denied to user '([^']*)'.*? for (?:table '([^']*)'|a table set that cannot be determined) \(ACL check error\)/

/**
 * What a tablet (24) says: `Insert command denied to user 'wwdb', in groups [...], for table 'wwdb_lease' (ACL check error)`, or `for a table set that cannot be determined`. Where several shards
 * have answered, one that refuses is enough. Null for any other error.
 */
export function readDenied(error: unknown): Denied | null {
  if (!isServerError(error)) return null
  const part = partsOfVtgate(error.message).find((one) => denial.test(one))
  const said = part === undefined ? null : denial.exec(part)
  if (part === undefined || said === null) return null
  const [, plan = '', user = '', table] = said
  const shard = shardOf(part)
  const whose = `by the table ACL of ${shard === null ? 'its tablet' : `the tablet of shard ${shard}`}`
  if (table === undefined)
    return {
      why: `the user \`${user}\` of vtgate may not run this statement, ${whose}, as Vitess cannot tell which tables it uses`,
      needs: `no list can allow it: write it in another form (\`ALTER TABLE ... ENGINE=InnoDB\` for \`OPTIMIZE TABLE\`, the statements of a procedure for its \`CALL\`), or put \`${user}\` into the ACL that is exempt (\`--queryserver-config-acl-exempt-acl\` of the tablets)`,
    }
  const lists = listsFor(plan, table, statementOf(error))
  const named = lists.map((list) => `\`${list}\``).join(' or ')
  const which = lists.length > 1 ? ', by what the statement does with it' : ''
  return {
    why: `the user \`${user}\` of vtgate may not ${lists.map((list) => deeds[list]).join(' or ')} \`${table}\`, ${whose}`,
    needs: `add \`${user}\` to ${named} of the entry that has \`${table}\`${which} (\`wwdb grants\` prints the entries), and let the tablets read the file again (SIGHUP, or \`--table-acl-config-reload-interval\`)`,
  }
}

/** The same for a statement of wwdb itself, as on its journal or its lease. Without its cause, whose number is that of a login. */
export const deniedToWwdb = ({ why, needs }: Denied, { database, server, schema }: Target): ToolError =>
  new ToolError('SERVER_REFUSED', {
    what: `A tablet refused a statement of wwdb itself, on \`${schema}\` or on the keyspace of its journal.`,
    where: { database, server },
    why: asSentence(why),
    next: `${asSentence(needs)} Then run the command again.`,
  })

/** The same for a statement of a user. */
export const explainDenied = ({ why, needs }: Denied): string => `${why}: ${needs}`
