import type { JsonObject } from './declaration.ts'
import type { ObservedRepository } from './snapshot-ports.ts'

/** Settings that change how a repository is written and read, and not where it is. */
const tuning: ReadonlySet<string> = new Set([
  'buffer_size',
  'canned_acl',
  'chunk_size',
  'compress',
  'disable_chunked_encoding',
  'max_number_of_snapshots',
  'max_restore_bytes_per_sec',
  'max_retries',
  'max_snapshot_bytes_per_sec',
  'readonly',
  'server_side_encryption',
  'storage_class',
])

/** True for a setting that says where a repository is, or that may say so. */
export function isPlace(key: string): boolean {
  return !tuning.has(key)
}

/** No snapshot is written into it, whatever its other settings say. */
export function isReadOnly({ type, settings }: ObservedRepository): boolean {
  return type === 'url' || String(settings['readonly']) === 'true'
}

/** The settings that say where it is, with what the server takes where they are missing. */
const places: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  azure: { client: 'default', container: 'elasticsearch-snapshots', base_path: '' },
  fs: { location: '' },
  gcs: { client: 'default', bucket: '', base_path: '' },
  hdfs: { uri: '', path: '' },
  s3: { client: 'default', bucket: '', base_path: '' },
}

/** Where it writes, as a text to compare; null where it only reads. */
export function placeOf(repository: ObservedRepository): string | null {
  if (isReadOnly(repository)) return null
  const { settings } = repository
  const type = String(repository.type === 'source' ? (settings['delegate_type'] ?? 'fs') : repository.type)
  const known = places[type]
  const named: JsonObject =
    known === undefined
      ? Object.fromEntries(Object.entries(settings).filter(([key]) => isPlace(key)))
      : Object.fromEntries(Object.entries(known).map(([key, value]) => [key, settings[key] ?? value]))
  const sorted = Object.entries(named).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([type, ...sorted.map(([key, value]) => [key, withoutSlashes(String(value))])])
}

/** `a//b/` and `a/./b` are `a/b`. */
function withoutSlashes(path: string): string {
  return path
    .replaceAll(/\/(?:\.?\/)+/g, '/')
    .replace(/^\.\//, '')
    .replace(/(?<=.)\/\.?$/, '')
}

/** A user and password in an address: `https://name:secret@host/`. */
const login = /(:\/\/)[^/?#\s]*@/g

export function hasLogin(text: string): boolean {
  return text.search(login) >= 0
}

/** A server may have what no file can declare. */
export function hideLogin(text: string): string {
  return text.replaceAll(login, '$1***@')
}
