import { resolve } from 'node:path'
import { parseDuration } from '../core/duration.ts'
import type { Encryption, ServerConfig, Timeouts, TlsConfig } from './config.ts'
import { type Layer, pick, type Report, type Setting, settingFault } from './layer.ts'
import type { ConfigRequest } from './request.ts'
import { Secret } from './secret.ts'
import { parseServerUrl, type ServerUrl, serverLabel } from './server-url.ts'
import { defaultSettings } from './settings.ts'
import { isLoopback } from './url-parts.ts'

/** Reads a file that the configuration names: its text, or why it cannot be read. */
export type ReadText = (
  path: string,
) => { readonly type: 'text'; readonly text: string } | { readonly type: 'fault'; readonly why: string }

/** What resolving a setting needs. Layers from the strongest to the weakest. */
export interface Reading {
  readonly layers: readonly Layer[]
  readonly report: Report
  readonly readText: ReadText
  readonly variables: ConfigRequest['environment']
  readonly serversNeeded: boolean
  readonly storesNeeded: boolean
}

/** Stands for the server of a database that has no URL, in commands that open no connection. */
export const noServer: ServerConfig = Object.freeze({
  host: '',
  port: 0,
  socket: null,
  user: '',
  password: null,
  encryption: 'disabled',
  tls: null,
  allowPublicKeyRetrieval: false,
  label: 'no server',
})

/** A setting's text; null where there is no usable one. An unset variable is a fault, unless only a server needs it and none is needed. */
export function readSetting(reading: Reading, setting: Setting | null, forServer: boolean): string | null {
  if (setting === null) return null
  if (setting.missing === null) return setting.value === null ? null : String(setting.value)
  if (!forServer || reading.serversNeeded) {
    reading.report(
      settingFault(setting, {
        says: `needs the variable \`${setting.missing}\`, which is not set`,
        next: `Set \`${setting.missing}\`, or write a default: \${${setting.missing}:-default}.`,
      }),
    )
  }
  return null
}

/** The URL of a database: its own or the common one, from the strongest layer that has either. */
export function pickUrl(reading: Reading, database: string): Setting | null {
  return pick(reading.layers, `databases.${database}.url`, 'url')
}

/** The server of a database and the schema its URL names; null where there is no usable URL. */
export function resolveServer(reading: Reading, database: string): { server: ServerConfig; url: ServerUrl } | null {
  return resolveServerAt(reading, `databases.${database}`, pickUrl(reading, database))
}

/**
 * @param own the path of what has a server: its password and TLS precede the common ones
 * @param passwords `in-url` where these passwords are another server's: this one must not be sent them
 */
export function resolveServerAt(
  reading: Reading,
  own: string,
  setting: Setting | null,
  passwords: 'settings' | 'in-url' = 'settings',
): { server: ServerConfig; url: ServerUrl } | null {
  const text = readSetting(reading, setting, true)
  const outcome = text === null ? null : parseServerUrl(text)
  if (outcome?.type !== 'server') return null
  const { host, port, socket, user, password } = outcome.server
  const tlsPlaces = [`${own}.tls`, 'tls']
  const encryption = resolveEncryption(reading, tlsPlaces, socket === null && !isLoopback(host))
  const retrieval = pick(reading.layers, `${own}.allowPublicKeyRetrieval`, 'allowPublicKeyRetrieval')
  const server: ServerConfig = {
    host,
    port,
    socket,
    user,
    password: password !== null ? new Secret(password) : passwords === 'in-url' ? null : resolvePassword(reading, own),
    encryption,
    tls: encryption === 'required' ? resolveTls(reading, tlsPlaces) : null,
    allowPublicKeyRetrieval: retrieval?.value === true,
    ...(socket === null && isLoopback(host) && port === sandboxPort(reading) ? { isSandbox: true } : {}),
    label: serverLabel(outcome.server),
  }
  return { server, url: outcome.server }
}

function sandboxPort(reading: Reading): number {
  const path = 'sandbox.port'
  return Number(readSetting(reading, pick(reading.layers, path), false) ?? defaultSettings([]).get(path))
}

/** The setting that provides the password where the URL has none. */
export function pickPassword(reading: Pick<Reading, 'layers'>, own: string): Setting | null {
  return pick(reading.layers, `${own}.password`, `${own}.passwordFile`, 'password', 'passwordFile')
}

function resolvePassword(reading: Reading, own: string): Secret | null {
  const places = [`${own}.`, '']
  if (pickPassword(reading, own) !== null) return resolveSecret(reading, places, 'password')
  const last = reading.variables['MYSQL_PWD']
  return last === undefined || last === '' ? null : new Secret(last)
}

/**
 * A secret that is given directly or in a file: `password` or `passwordFile` at the first of the places that has one.
 * Both at one place are a fault.
 * @param places paths with their dot, the nearest first: `databases.app.`, or '' for the top
 */
export function resolveSecret(reading: Reading, places: readonly string[], key: 'password' | 'token'): Secret | null {
  reportBoth(reading, places, key)
  const setting = pick(reading.layers, ...places.flatMap((place) => [`${place}${key}`, `${place}${key}File`]))
  const text = readSetting(reading, setting, true)
  if (setting === null || text === null) return null
  if (!setting.path.endsWith('File')) return new Secret(text)
  const content = readNamedFile(reading, setting, text)
  return content === null ? null : new Secret(content.split(/\r?\n/, 1)[0] ?? '')
}

function reportBoth(reading: Reading, places: readonly string[], key: string): void {
  for (const layer of reading.layers) {
    for (const place of places) {
      const file = layer.get(`${place}${key}File`)
      if (file === undefined || !layer.has(`${place}${key}`)) continue
      const text = { says: `is given together with ${file.origin.name(`${place}${key}`)}`, next: 'Keep one of them.' }
      reading.report(settingFault(file, text))
    }
  }
}

/** The word of the strongest source; certificates mean `required`. Without either, a connection to another machine prefers TLS. */
function resolveEncryption(reading: Reading, places: readonly string[], remote: boolean): Encryption {
  const setting = pick(reading.layers, ...places)
  if (setting?.value === true) return 'required'
  const word = readSetting(reading, setting, true)
  if (word === 'disabled' || word === 'preferred' || word === 'required') return word
  return remote ? 'preferred' : 'as-needed'
}

/** TLS from the first of the places that has each key, `databases.app.tls` before `tls`; null where there is none. */
export function resolveTls(reading: Reading, places: readonly string[]): TlsConfig | null {
  const find = (key: string): Setting | null => pick(reading.layers, ...places.map((place) => `${place}${key}`))
  const certificates = reading.layers.some((layer) => places.some((place) => layer.get(place)?.value === true))
  if (!certificates) return null
  const read = (key: string): string | null => {
    const setting = find(key)
    const text = readSetting(reading, setting, true)
    return setting === null || text === null ? null : readNamedFile(reading, setting, text)
  }
  reportAlone(reading, find('.cert'), find('.key'))
  const keyText = read('.key')
  return {
    ca: read('.ca'),
    cert: read('.cert'),
    key: keyText === null ? null : new Secret(keyText),
    verify: find('.verify')?.value !== false,
  }
}

function reportAlone(reading: Reading, cert: Setting | null, key: Setting | null): void {
  const alone = cert === null ? key : key === null ? cert : null
  if (alone === null) return
  const other = cert === null ? 'cert' : 'key'
  reading.report(
    settingFault(alone, {
      says: `is given without "${other}"`,
      next: 'A client certificate needs both.',
    }),
  )
}

function readNamedFile(reading: Reading, setting: Setting, path: string): string | null {
  if (!reading.serversNeeded) return null
  const outcome = reading.readText(resolve(setting.origin.folder, path))
  if (outcome.type === 'text') return outcome.text
  const says = `names the file ${JSON.stringify(path)}, which ${outcome.why}`
  const next = 'Correct the path, which is relative to the file or folder that contains it, or create the file.'
  reading.report(settingFault(setting, { says, next }))
  return null
}

/** Time limits; the schema has already reported those that cannot be read. */
export function resolveTimeouts(reading: Reading): Timeouts {
  const read = (name: string): number | null => {
    const outcome = parseDuration(readSetting(reading, pick(reading.layers, `timeouts.${name}`), false) ?? 'none')
    return outcome.type === 'duration' ? outcome.milliseconds : null
  }
  return {
    connect: read('connect') ?? 0,
    lock: read('lock') ?? 0,
    lockWait: read('lockWait') ?? 0,
    statement: read('statement'),
  }
}
