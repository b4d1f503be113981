import { parseDuration } from '../core/duration.ts'
import type { ServerConfig } from './config.ts'
import { faultAt, type Layer, pick, type Setting, settingFault } from './layer.ts'
import { type Reading, readSetting, resolveServerAt } from './server.ts'
import type { TargetEntry, TargetSource, TargetsConfig } from './targets-config.ts'

/**
 * Reads what the strongest layer with `targets` has: an environment's replaces the file's as a whole. Null where the database has none.
 *
 * @param plain the databases that have one schema
 */
export function resolveTargets(reading: Reading, database: string, plain: readonly string[]): TargetsConfig | null {
  const path = `databases.${database}.targets`
  const layer = reading.layers.find((one) => one.has(path))
  const whole = layer?.get(path)
  if (layer === undefined || whole === undefined) return null
  const read = (key: string): string | null => readSetting(reading, layer.get(`${path}.${key}`) ?? null, false)
  const timeout = parseDuration(read('timeout') ?? '30s')
  const servers = resolveServers(reading, layer, path)
  const hasUrl = pick(reading.layers, `databases.${database}.url`, 'url') !== null
  const source = resolveSource(reading, layer, path, plain)
  reportEntries(reading, whole, source, servers, hasUrl)
  return {
    source,
    timeout: timeout.type === 'duration' ? timeout.milliseconds : 0,
    servers,
    hasUrl,
    atOnce: Number(read('atOnce') ?? 4),
    canary: Number(read('canary') ?? 1),
    wave: Number(read('wave') ?? 100),
    allowEmpty: layer.get(`${path}.allowEmpty`)?.value === true,
  }
}

/** `servers.eu.url` may also come from a stronger layer than the list, so that a secret need not be in the file. */
function resolveServers(reading: Reading, layer: Layer, path: string): ReadonlyMap<string, ServerConfig> {
  const named = [...layer.keys()].filter(
    (key) => key.startsWith(`${path}.servers.`) && !key.slice(path.length + 9).includes('.'),
  )
  return new Map(
    named.flatMap((own): readonly [string, ServerConfig][] => {
      const url = pick(reading.layers, `${own}.url`)
      const setting = layer.get(own)
      if (url === null && setting !== undefined)
        reading.report(settingFault(setting, { says: 'has no `url`', next: 'Give it one: mysql://user@host:3306.' }))
      const found = resolveServerAt(reading, own, url)
      return found === null ? [] : [[own.slice(path.length + 9), found.server]]
    }),
  )
}

function listAt(layer: Layer, path: string): readonly string[] {
  const items: string[] = []
  while (layer.has(`${path}[${items.length}]`)) items.push(`${path}[${items.length}]`)
  return items
}

const sources = ['list', 'query', 'command'] as const

function resolveSource(reading: Reading, layer: Layer, path: string, others: readonly string[]): TargetSource {
  const given = sources.filter((key) => layer.has(`${path}.${key}`))
  const whole = layer.get(path)
  if (given.length !== 1 && whole !== undefined)
    reading.report(
      settingFault(whole, {
        says: given.length === 0 ? 'does not say where its list comes from' : `has \`${given.join('` and `')}\``,
        next: 'Give it one of `list`, `query` and `command`.',
      }),
    )
  const textAt = (at: string): string => readSetting(reading, layer.get(at) ?? null, false) ?? ''
  const textsAt = (key: string): readonly string[] => listAt(layer, `${path}.${key}`).map(textAt)
  if (given[0] === 'query') {
    reportFrom(reading, whole, layer.get(`${path}.from`), others)
    return { type: 'query', text: textAt(`${path}.query`), database: textAt(`${path}.from`) }
  }
  if (given[0] === 'command') return { type: 'command', words: textsAt('command'), environment: textsAt('environment') }
  const entries = listAt(layer, `${path}.list`).map((at): TargetEntry => {
    if (layer.has(`${at}.schema`)) {
      const server = layer.get(`${at}.server`)
      return { schema: textAt(`${at}.schema`), server: server === undefined ? null : String(server.value) }
    }
    return { schema: textAt(at), server: null }
  })
  return { type: 'list', entries }
}

function reportFrom(
  reading: Reading,
  whole: Setting | undefined,
  from: Setting | undefined,
  others: readonly string[],
): void {
  if (from !== undefined && others.includes(String(from.value))) return
  const says =
    from === undefined ? 'has a query without `from`' : 'names no database of `databases` that has one schema'
  const next =
    others.length === 0
      ? 'Add the database in which the query runs to `databases`.'
      : `Name the database in which the query runs: \`${others.join('`, `')}\`.`
  const at = from ?? whole
  if (at !== undefined) reading.report(faultAt(at.origin, at.path, { says, next }))
}

/** Lists of the file itself are checked with it; those of queries and commands when they are read. */
function reportEntries(
  reading: Reading,
  whole: Setting,
  source: TargetSource,
  servers: ReadonlyMap<string, ServerConfig>,
  hasUrl: boolean,
): void {
  if (servers.size === 0 && !hasUrl && reading.serversNeeded)
    reading.report(
      settingFault(whole, { says: 'has no server', next: 'Give the database a `url`, or `targets.servers`.' }),
    )
  if (source.type !== 'list') return
  for (const { server } of source.entries)
    if (server !== null && !servers.has(server) && reading.serversNeeded)
      reading.report(
        settingFault(whole, {
          says: `names the server ${JSON.stringify(server)}, which is not in its \`servers\``,
          next: servers.size === 0 ? 'Add `servers`.' : `It has \`${[...servers.keys()].join('`, `')}\`.`,
        }),
      )
}
