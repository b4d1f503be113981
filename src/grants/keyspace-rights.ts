import { inOneSentence, ToolError } from '../core/tool-error.ts'
import type { RightsAtKeyspace } from './ports.ts'
import { metadataTables, type TableAcl, type TableRole, tableRoles } from './table-acl.ts'

/** What one table of a keyspace is to be asked for. */
interface AskedTable {
  readonly table: string
  readonly roles: readonly TableRole[]
}

/** What an account may do on one keyspace, as far as it was asked. */
export interface CheckedKeyspace {
  readonly keyspace: string
  /** Questions that were answered. */
  readonly asked: number
  /** What tablets refuse, each with the list in which the user is missing. */
  readonly missing: readonly string[]
  /** Tables of its entries that are not there, each as a sentence without its end: nothing can be asked of them. */
  readonly absent: readonly string[]
  /** What the account needs beside that and nothing was asked for, each a sentence. */
  readonly untried: readonly string[]
  /** What was asked and not answered, each with the reason: whether it is allowed was not seen. */
  readonly unanswered: readonly string[]
}

/** Whether something was seen, and nothing is missing or open. */
export const isProven = ({ asked, missing, unanswered }: CheckedKeyspace): boolean =>
  asked > 0 && missing.length === 0 && unanswered.length === 0

/** The tables of a keyspace that its entries are about; a name that ends with `%` is the beginning of names. Pure. */
function listAsked(
  { config }: TableAcl,
  present: readonly string[],
): { readonly asked: readonly AskedTable[]; readonly absent: readonly string[] } {
  const isMetadata = new Set(metadataTables)
  const asked: AskedTable[] = []
  const absent: string[] = []
  for (const group of config.table_groups) {
    const roles = tableRoles.filter((role) => group[role].length > 0)
    for (const name of group.table_names_or_prefixes) {
      const own = name.endsWith('%')
        ? present.filter((table) => table.startsWith(name.slice(0, -1)))
        : present.filter((table) => table === name)
      const tables = isMetadata.has(name) ? [name] : own
      if (tables.length === 0) absent.push(name)
      asked.push(...tables.map((table) => ({ table, roles })))
    }
  }
  return { asked, absent }
}

/** Asks for each table what its entry is for. */
export async function checkKeyspace(acl: TableAcl, server: RightsAtKeyspace): Promise<CheckedKeyspace> {
  const { keyspace, notes: untried } = acl
  const present = await server.listTables(keyspace).catch((error: unknown) => {
    if (!(error instanceof ToolError) || error.code === 'CONNECTION_LOST') throw error
    return inOneSentence(error.faults[0] ?? { what: error.message })
  })
  // Of the other keyspaces is told what they allow.
  if (typeof present === 'string')
    return {
      ...{ keyspace, asked: 0, missing: [], absent: [], untried },
      unanswered: [`its tables: ${present}`.replace(/\.$/, '')],
    }
  const { asked, absent } = listAsked(acl, present)
  const missing: string[] = []
  const unanswered: string[] = []
  let answered = 0
  for (const { table, roles } of asked)
    for (const role of roles) {
      const answer = await server.ask(keyspace, table, role)
      if (answer.type === 'denied') missing.push(answer.why)
      if (answer.type === 'unknown') unanswered.push(`\`${table}\` for \`${role}\`: ${answer.why}`)
      else answered += 1
    }
  return {
    ...{ keyspace, asked: answered, missing, unanswered, untried },
    absent: absent.map((name) => (name.endsWith('%') ? `no table is called \`${name}\`` : `\`${name}\` is not there`)),
  }
}
