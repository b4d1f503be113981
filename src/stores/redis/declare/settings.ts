import type { Fault } from '../../../core/tool-error.ts'
import type { Merged } from './merge-documents.ts'
import { parseLifetime, parseSize } from './quantities.ts'

export interface ReadSettings {
  /** By the server's own names. */
  readonly settings: ReadonlyMap<string, string>
  readonly faults: readonly Fault[]
}

/** Settings that have a place of their own, and where. */
const elsewhere: Readonly<Record<string, string>> = {
  save: 'persistence.snapshots',
  appendonly: 'persistence.appendOnly',
  appendfsync: 'persistence.fsync',
  maxmemory: 'memory.limit',
  'maxmemory-policy': 'memory.eviction',
}

/** What must be the same for server and caller, or would show a secret: it belongs into the server's own file. */
const neverHere =
  /^(?:requirepass|masterauth|masteruser|.*-pass|user|aclfile|port|tls-port|bind|unixsocket|dir|dbfilename|pidfile|logfile|cluster-enabled|cluster-config-file|include|loadmodule|rename-command|replicaof|slaveof)$/

/** All sections as settings of the server. */
export function readSettings(merged: Merged): ReadSettings {
  const faults = [...merged.settings].flatMap(([name, { document, path }]): readonly Fault[] => {
    const place = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined
    if (place !== undefined)
      return [
        {
          what: `The setting ${name} has a place of its own.`,
          ...document.locate(path),
          next: `Declare it as ${place}.`,
        },
      ]
    if (neverHere.test(name))
      return [
        {
          what: `The setting ${name} is not set from here.`,
          ...document.locate(path),
          next: 'Set it in the server’s own configuration file.',
        },
      ]
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      return [
        {
          what: `${JSON.stringify(name)} is no name of a setting.`,
          ...document.locate(path),
          next: 'Write it as CONFIG GET does: maxmemory-samples.',
        },
      ]
    return []
  })
  const settings = new Map([...persistenceSettings(merged), ...memorySettings(merged)])
  for (const [name, { value }] of merged.settings) settings.set(name, toText(value))
  return { settings, faults }
}

function* persistenceSettings({ persistence }: Merged): Generator<readonly [string, string]> {
  const { snapshots, appendOnly, fsync } = persistence?.value ?? {}
  if (snapshots !== undefined) {
    const points = snapshots.map(({ after, changes }) => `${Number(parseLifetime(after)) / 1000} ${Number(changes)}`)
    yield ['save', points.join(' ')]
  }
  if (appendOnly !== undefined) yield ['appendonly', toText(appendOnly === true || appendOnly === 'true')]
  if (fsync !== undefined) yield ['appendfsync', fsync]
}

function* memorySettings({ memory }: Merged): Generator<readonly [string, string]> {
  const { limit, eviction } = memory?.value ?? {}
  if (limit !== undefined) yield ['maxmemory', String(parseSize(limit) ?? 0)]
  if (eviction !== undefined) yield ['maxmemory-policy', eviction]
}

function toText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}
