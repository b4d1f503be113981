import type { Config, DatabaseConfig, ServerConfig } from '../../config/config.ts'
import { schemaFault } from '../../config/databases.ts'
import type { TargetEntry, TargetsConfig } from '../../config/targets-config.ts'
import type { Fault } from '../../core/tool-error.ts'

/** A database whose schemas are listed. */
export interface ManyDatabase extends DatabaseConfig {
  readonly targets: TargetsConfig
}

export function isMany(database: DatabaseConfig): database is ManyDatabase {
  return database.targets !== undefined
}

/** One schema of such a database. */
export interface ListedTarget {
  /** As `--target` takes it: `tenant_db/acme`; with the name of the server where two servers have the schema. */
  readonly label: string
  /** With the name of the server, which `--target` takes as well: `tenant_db/eu/acme`; null where the list names none. */
  readonly placedLabel: string | null
  /** Like a database of the configuration that has this schema alone. */
  readonly database: DatabaseConfig
}

/** A list as it is used, with what was noticed about it. */
export interface JudgedList {
  readonly targets: readonly ListedTarget[]
  /** Sentences about entries that are listed twice. */
  readonly notices: readonly string[]
  /** Where there is one, nothing of the list is used. */
  readonly faults: readonly Fault[]
}

/** More faults of one kind are only counted. */
const mostFaults = 5

/** Checks the entries of a list, and gives each its server. Pure. */
export function judgeList(config: Config, database: ManyDatabase, entries: readonly TargetEntry[]): JudgedList {
  const where = { where: { database: database.name } }
  const faults: Fault[] = []
  const found: Placed[] = []
  for (const entry of entries) {
    const placed = place(config, database, entry)
    if (typeof placed === 'string')
      faults.push({ what: placed, ...where, next: 'Correct the list: nothing was done to any target.' })
    else found.push(placed)
  }
  if (entries.length === 0 && !database.targets.allowEmpty)
    faults.push({
      what: `The list of targets of \`${database.name}\` is empty.`,
      ...where,
      why: 'A query or a command that finds nothing is more often wrong than right.',
      next: `Correct the list, or set \`databases.${database.name}.targets.allowEmpty\` to true if it may be empty.`,
    })
  const { unique, twice } = dropTwins(found)
  return { targets: nameAll(database, unique), notices: describeTwins(database, twice), faults: shorten(faults) }
}

interface Placed {
  readonly schema: string
  readonly server: ServerConfig
  /** Its name in `servers`; null for that of the database. */
  readonly named: string | null
}

const quoted = (name: string): string => JSON.stringify(name)

/** Where an entry is, or what is wrong with it. */
function place(config: Config, database: ManyDatabase, entry: TargetEntry): Placed | string {
  const { servers, hasUrl } = database.targets
  const of = `in the list of targets of \`${database.name}\``
  const named = entry.server
  const server = named === null ? (hasUrl ? database.server : undefined) : servers.get(named)
  if (server === undefined && named === null)
    return `${quoted(entry.schema)} ${of} names no server, and the database has no \`url\`.`
  if (server === undefined)
    return `${quoted(entry.schema)} ${of} names the server ${quoted(String(named))}, which is not in \`targets.servers\`.`
  const schema = `${config.prefix}${entry.schema}`
  const why = entry.schema === '' ? 'is empty' : judgeName(schema)
  if (why !== null) return `A schema ${of} cannot be used: the name ${quoted(schema)} ${why}.`
  const other = config.databases.find(
    (one) => one.targets === undefined && one.server.label === server.label && one.schema === schema,
  )
  if (other !== undefined)
    return `${quoted(schema)} ${of} is also the schema of \`databases.${other.name}\` on ${server.label}.`
  return { schema, server, named }
}

/** Why wwdb does not take a name; words that MySQL reserves and hyphens are no reason. */
function judgeName(schema: string): string | null {
  if (schema.includes('`')) return 'has a backtick, which no tool prints so that it can be copied'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
  if (/[\u0000-\u001f\u007f]/.test(schema)) return 'has a control character'
  const fault = schemaFault(schema)
  if (fault === null) return null
  if (fault.startsWith('contain ')) return `has ${fault.slice('contain '.length)}`
  if (fault.startsWith('end ')) return `ends ${fault.slice('end '.length)}`
  return fault.startsWith('"') ? 'belongs to the server itself' : `is ${fault}`
}

function dropTwins(found: readonly Placed[]) {
  const unique = new Map<string, Placed>()
  const twice = new Map<string, Placed>()
  for (const one of found) {
    const key = `${one.server.label}\n${one.schema}`
    if (unique.has(key)) twice.set(key, one)
    else unique.set(key, one)
  }
  return { unique: [...unique.values()], twice: [...twice.values()] }
}

function describeTwins({ name }: ManyDatabase, twice: readonly Placed[]): readonly string[] {
  if (twice.length === 0) return []
  const places = twice.slice(0, mostFaults).map(({ schema, server }) => `\`${schema}\` on ${server.label}`)
  const more = twice.length > mostFaults ? ` and ${twice.length - mostFaults} more` : ''
  return [`The list of targets of \`${name}\` names more than once: ${places.join(', ')}${more}. Each is used once.`]
}

function nameAll(database: ManyDatabase, found: readonly Placed[]): readonly ListedTarget[] {
  const counts = new Map<string, number>()
  for (const { schema } of found) counts.set(schema, (counts.get(schema) ?? 0) + 1)
  const { targets: _, ...plain } = database
  return found.map(({ schema, server, named }) => {
    const placedLabel = named === null ? null : `${database.name}/${named}/${schema}`
    const isShared = (counts.get(schema) ?? 0) > 1
    const label = (isShared ? placedLabel : null) ?? `${database.name}/${schema}`
    return { label, placedLabel, database: { ...plain, schema, server, label } }
  })
}

function shorten(faults: readonly Fault[]): readonly Fault[] {
  const more = faults.length - mostFaults
  const [last] = faults.slice(-1)
  if (more <= 1 || last === undefined) return faults
  return [...faults.slice(0, mostFaults), { ...last, what: `${more} more entries of the list cannot be used.` }]
}
