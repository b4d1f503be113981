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
  /** What could not be asked, each with the reason. */
  readonly unasked: readonly string[]
}

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
  const { keyspace } = acl
  const { asked, absent } = listAsked(acl, await server.listTables(keyspace))
  const missing: string[] = []
  const unasked = absent.map((name) =>
    name.endsWith('%') ? `no table is called \`${name}\` so far` : `\`${name}\` does not exist yet`,
  )
  let answered = 0
  for (const { table, roles } of asked)
    for (const role of roles) {
      const answer = await server.ask(keyspace, table, role)
      if (answer.type === 'denied') missing.push(answer.why)
      if (answer.type === 'unknown') unasked.push(`\`${table}\` for \`${role}\`: ${answer.why}`)
      else answered += 1
    }
  return { keyspace, asked: answered, missing, unasked }
}
