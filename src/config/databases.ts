import { resolve } from 'node:path'
import type { DatabaseConfig, ServerConfig, SessionConfig } from './config.ts'
import { pick, type Setting, settingFault } from './layer.ts'
import { noServer, pickUrl, type Reading, readSetting, resolveServer, resolveServerAt } from './server.ts'
import { defaultSession, splitModes } from './session.ts'
import { listMeaningVariables, normalValue } from './session-variables.ts'
import { resolveTargets } from './targets.ts'
import { resolveVitess } from './vitess.ts'

/** MySQL's limit for a schema's name, in characters (reference manual, "Identifier Length Limits"). */
const longestSchemaName = 64

const serverOwned = new Set(['mysql', 'sys', 'information_schema', 'performance_schema'])

/**
 * Resolves every database; reports those that cannot be resolved, and any two that would share a schema or a folder.
 */
export function resolveDatabases(reading: Reading, names: readonly string[]): readonly DatabaseConfig[] {
  reportMissingUrls(reading, names)
  const databases = shareServers(names.map((name) => resolveDatabase(reading, name, names)))
  reportSharedSchemas(reading, databases)
  reportSharedFolders(reading, databases)
  return databases
}

/** One object for each account on a server, so that a run asks only once about what applies to all its databases. */
function shareServers(databases: readonly DatabaseConfig[]): readonly DatabaseConfig[] {
  const known = new Map<string, ServerConfig>()
  return databases.map((database) => {
    const { server } = database
    const text = revealed(server)
    const shared = known.get(text)
    if (shared === undefined) known.set(text, server)
    return shared === undefined ? database : { ...database, server: shared }
  })
}

/** Everything about a server as one text. Secrets are in it, too: as objects, all of them look alike. */
function revealed(server: ServerConfig): string {
  const { password, tls } = server
  return JSON.stringify({ ...server, password: password?.reveal(), tls: tls && { ...tls, key: tls.key?.reveal() } })
}

/** Where the name of a database's schema comes from: its own setting, or the URL's path; null for its own name. */
export function pickSchema(reading: Pick<Reading, 'layers'>, database: string): Setting | null {
  return pick(reading.layers, `databases.${database}.schema`)
}

function resolveDatabase(reading: Reading, name: string, names: readonly string[]): DatabaseConfig {
  const found = resolveServer(reading, name)
  const schemaSetting = pickSchema(reading, name)
  const plain = readSetting(reading, schemaSetting, false) ?? found?.url.schema ?? name
  const schema = `${readSetting(reading, pick(reading.layers, 'prefix'), false) ?? ''}${plain}`
  const named = schemaSetting ?? (found?.url.schema == null ? null : pickUrl(reading, name))
  reportSchemaName(reading, name, schema, named)
  const folder = pick(reading.layers, `databases.${name}.migrations`)
  const templates = pick(reading.layers, `databases.${name}.templates`)
  const seeds = pick(reading.layers, `databases.${name}.seeds`)
  const targets = resolveTargets(
    reading,
    name,
    names.filter((one) => pick(reading.layers, `databases.${one}.targets`) === null),
  )
  const section = pick(reading.layers, `databases.${name}.vitess`)
  const vitess = resolveVitess(section !== null, (key) => {
    const setting = pick(reading.layers, `databases.${name}.vitess.${key}`)
    return { text: readSetting(reading, setting, false), folder: setting?.origin.folder ?? '' }
  })
  const scratchUrl = pick(reading.layers, `databases.${name}.vitess.scratchUrl`)
  const scratch = scratchUrl === null ? null : resolveServerAt(reading, `databases.${name}`, scratchUrl, 'in-url')
  const server = found?.server ?? noServer
  if (targets !== null && vitess !== null && section !== null)
    reading.report(
      settingFault(section, {
        says: 'stands beside `targets`, which lists schemas of MySQL itself',
        next: 'Remove one of them.',
      }),
    )
  return {
    name,
    schema,
    server: vitess === null || server === noServer ? server : { ...server, isVtgate: true },
    session: resolveSession(reading),
    migrations: resolve(folder?.origin.folder ?? '', readSetting(reading, folder, false) ?? `migrations/${name}`),
    templates: resolve(
      templates?.origin.folder ?? '',
      readSetting(reading, templates, false) ?? `shard-templates/${name}`,
    ),
    templatesNamed: templates !== null && templates.origin.source !== 'default',
    seeds: resolve(seeds?.origin.folder ?? '', readSetting(reading, seeds, false) ?? `seeds/${name}`),
    seedsNamed: seeds !== null && seeds.origin.source !== 'default',
    ...(targets === null ? {} : { targets }),
    ...(vitess === null ? {} : { vitess }),
    ...(scratch === null ? {} : { scratchServer: scratch.server }),
  }
}

function reportMissingUrls(reading: Reading, names: readonly string[]): void {
  const isMany = (name: string): boolean => pick(reading.layers, `databases.${name}.targets`) !== null
  const without = names.filter((name) => pickUrl(reading, name) === null && !isMany(name))
  if (without.length === 0 || !reading.serversNeeded) return
  const variable = `WWDB_${(without[0] ?? '').toUpperCase()}_URL`
  reading.report({
    what: `No URL is given for ${without.map((name) => `\`databases.${name}\``).join(', ')}.`,
    next: `Write \`url\` there or once at the top, set WWDB_URL or \`${variable}\`, or use \`--url\`.`,
  })
}

function reportSchemaName(reading: Reading, database: string, schema: string, named: Setting | null): void {
  const why = schemaFault(schema)
  if (why === null) return
  const says = `makes the schema name ${why}`
  if (named !== null) reading.report(settingFault(named, { says, next: 'Choose another name, or another prefix.' }))
  else
    reading.report({
      what: `The name of \`databases.${database}\` ${says}.`,
      next: 'Give it a `schema`, or another prefix.',
    })
}

/** Why a name cannot be that of a schema, else null (reference manual, "Schema Object Names"). */
export function schemaFault(schema: string): string | null {
  const length = [...schema].length
  if (length === 0) return 'empty'
  if (length > longestSchemaName) return `${length} characters long; MySQL allows ${longestSchemaName}`
  if (schema.includes('\0')) return 'contain a NUL character'
  if (/[\u{10000}-\u{10FFFF}]/u.test(schema)) return 'contain a character beyond U+FFFF, which MySQL refuses in names'
  if (schema.endsWith(' ')) return 'end with a space, which MySQL refuses'
  if (serverOwned.has(schema.toLowerCase())) return `"${schema}", which belongs to the server itself`
  return null
}

function reportSharedSchemas(reading: Reading, databases: readonly DatabaseConfig[]): void {
  const connected = databases.filter(({ server, targets }) => server !== noServer && targets === undefined)
  for (const [one, other] of sameBy(connected, (database) => `${database.server.label} ${database.schema}`)) {
    reading.report({
      what: `\`databases.${one.name}\` and \`databases.${other.name}\` both use the schema \`${one.schema}\` on ${one.server.label}.`,
      next: 'Give each its own `schema`, or leave the path out of the URL, so that each uses its own name.',
    })
  }
}

function reportSharedFolders(reading: Reading, databases: readonly DatabaseConfig[]): void {
  for (const kind of ['migrations', 'templates', 'seeds'] as const) {
    for (const [one, other] of sameBy(databases, (database) => database[kind])) {
      const given = pick(reading.layers, `databases.${other.name}.${kind}`)?.value
      reading.report({
        what: `\`databases.${one.name}\` and \`databases.${other.name}\` both read their ${kind} from \`${given}\`.`,
        next: `Give each its own "${kind}" folder.`,
      })
    }
  }
}

/** Each item with the first one before it that has the same key. */
function sameBy<Item>(items: readonly Item[], key: (item: Item) => string): readonly (readonly [Item, Item])[] {
  const first = new Map<string, Item>()
  const pairs: (readonly [Item, Item])[] = []
  for (const item of items) {
    const earlier = first.get(key(item))
    if (earlier === undefined) first.set(key(item), item)
    else pairs.push([earlier, item])
  }
  return pairs
}

/** What the sessions of all databases are pinned to. */
function resolveSession(reading: Reading): SessionConfig {
  const zone = pick(reading.layers, 'session.timeZone')
  const modes = pick(reading.layers, 'session.sqlMode')
  return {
    timeZone: readSetting(reading, zone, false) ?? defaultSession.timeZone,
    sqlMode: splitModes(readSetting(reading, modes, false) ?? defaultSession.sqlMode).join(','),
    timeZoneChosen: zone !== null && zone.origin.source !== 'default',
    sqlModeChosen: modes !== null && modes.origin.source !== 'default',
    variables: resolveVariables(reading),
  }
}

function resolveVariables(reading: Reading): SessionConfig['variables'] {
  const chosen = listMeaningVariables(new Map()).flatMap(([name, { form }]) => {
    const value = readSetting(reading, pick(reading.layers, `session.variables.${name}`), false)
    return value === null ? [] : [[name, form === 'switch' ? normalValue(value) : value] as const]
  })
  return new Map(chosen)
}
