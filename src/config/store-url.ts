import type { StoreKind } from '../core/store.ts'
import type { StoreConfig } from './config.ts'
import { decodePart, hostLabel, partUrl, readCredentials, readHost, readQuery, UrlFault } from './url-parts.ts'

/** A store as a URL names it. */
export interface StoreUrl {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  /** True where the scheme requires TLS. */
  readonly secure: boolean
  /** Null where the URL has none; `:password@` has an empty one. */
  readonly user: string | null
  readonly password: string | null
  /** Without the leading slash: the path of a proxy, or the MongoDB database that authenticates the user. Empty without one. */
  readonly path: string
}

type StoreUrlOutcome =
  | { readonly type: 'store'; readonly url: StoreUrl }
  | { readonly type: 'fault'; readonly why: string; readonly next: string }

interface Rules {
  /** The scheme, and whether it means TLS. */
  readonly schemes: Readonly<Record<string, boolean>>
  readonly port: number
  readonly form: string
  /** Several hosts separated by commas. */
  readonly several: boolean
  readonly path: boolean
}

const rules: Readonly<Record<StoreKind, Rules>> = {
  elasticsearch: {
    schemes: { http: false, https: true },
    port: 9200,
    form: 'Write https://user:password@host:9200, several hosts separated by commas.',
    several: true,
    path: true,
  },
  influxdb: {
    schemes: { http: false, https: true },
    port: 8086,
    form: 'Write https://host:8086, and the token with the key `token`.',
    several: false,
    path: true,
  },
  mongodb: {
    schemes: { mongodb: false },
    port: 27017,
    form: 'Write mongodb://user:password@host:27017,host:27017/admin.',
    several: true,
    path: true,
  },
  redis: {
    schemes: { redis: false, rediss: true },
    port: 6379,
    form: 'Write redis://user:password@host:6379,host:6379, or rediss:// for TLS.',
    several: true,
    path: false,
  },
}

/** Reads the URL of a store: one scheme, credentials for all hosts, one or several hosts. Never throws. */
export function parseStoreUrl(store: StoreKind, text: string): StoreUrlOutcome {
  try {
    return { type: 'store', url: readStoreUrl(rules[store], text.trim()) }
  } catch (error) {
    if (error instanceof UrlFault) return { type: 'fault', why: error.message, next: error.next }
    throw error
  }
}

/** The name of a store in messages: its hosts and ports. */
export function storeLabel({ endpoints }: Pick<StoreUrl, 'endpoints'>): string {
  return endpoints.map(hostLabel).join(',')
}

function readStoreUrl(rule: Rules, text: string): StoreUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase() ?? ''
  const secure = Object.hasOwn(rule.schemes, scheme) ? rule.schemes[scheme] : undefined
  if (secure === undefined) {
    const known = Object.keys(rule.schemes).map((name) => `"${name}://"`)
    throw new UrlFault(`does not begin with ${known.join(' or ')}`, rule.form)
  }
  const { credentials, hosts, path, query } = partUrl(text.slice(scheme.length + 3))
  const [first] = readQuery(query)
  if (first !== undefined) throw unknownParameter(first[0])
  if (path !== '' && !rule.path) throw new UrlFault('has a path', rule.form)
  const { user, password } = credentials === null ? { user: null, password: null } : readCredentials(credentials)
  return {
    endpoints: readHosts(hosts, rule),
    secure,
    user: user === '' ? null : user,
    password,
    path: decodePart(path.replace(/\/$/, '')),
  }
}

function readHosts(text: string, rule: Rules): StoreUrl['endpoints'] {
  const hosts = text.split(',').map((host) => readHost(host, rule.port, rule.form))
  if (hosts.length > 1 && !rule.several) throw new UrlFault('names several hosts', rule.form)
  const labels = hosts.map(hostLabel)
  if (new Set(labels).size < labels.length) throw new UrlFault('names a host twice', 'Keep one of them.')
  return hosts
}

function unknownParameter(name: string): UrlFault {
  const shown = /^[\w.-]{1,40}$/.test(name) ? `a parameter \`${name}\`` : 'a parameter'
  return new UrlFault(
    `has ${shown}, but parameters are not supported`,
    'TLS and the token have keys of their own: `tls`, `token`.',
  )
}

/** A store as a URL that `parseStoreUrl` reads; `http://` becomes `https://` where TLS is set separately. */
export function writeStoreUrl(store: StoreConfig, withPassword: boolean): string {
  const { user, password, path, secure } = store
  const { schemes } = rules[store.store]
  const scheme = Object.keys(schemes).find((name) => schemes[name] === secure) ?? Object.keys(schemes)[0]
  const secret = withPassword && password !== null ? `:${encodeURIComponent(password.reveal())}` : ''
  const login = user === null && secret === '' ? '' : `${encodeURIComponent(user ?? '')}${secret}@`
  return `${scheme}://${login}${storeLabel(store)}${path === '' ? '' : `/${path}`}`
}
