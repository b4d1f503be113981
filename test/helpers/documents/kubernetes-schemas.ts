import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** A kind of `kubernetes-models`, which checks by validators that are made from the API's own schemas. */
interface Kind {
  readonly prototype: { readonly validate: (this: unknown) => void }
}

const kinds = {
  ...(require('kubernetes-models/batch/v1') as Readonly<Record<string, Kind>>),
  ...(require('kubernetes-models/v1') as Readonly<Record<string, Kind>>),
}
const versions: Readonly<Record<string, string>> = { CronJob: 'batch/v1', Job: 'batch/v1' }

/**
 * What is wrong with a manifest: what the API's schema refuses, and every key that it does not know, which an API server would
 * drop or refuse. Keys count as known when the validator asked for them.
 */
export function findManifestFaults(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const name = String(manifest['kind'])
  const kind = kinds[name]
  if (kind === undefined) return [`there is no kind ${name}`]
  const version = versions[name] ?? 'v1'
  const unknown = new Set<string>()
  const faults: string[] = manifest['apiVersion'] === version ? [] : [`apiVersion is not ${version}`]
  try {
    kind.prototype.validate.call(watch(manifest, '', unknown))
  } catch (error) {
    faults.push(String(error))
  }
  return [...faults, ...[...unknown].map((path) => `unknown key ${path}`)]
}

function watch<T extends object>(value: T, path: string, unknown: Set<string>): T {
  for (const key of Object.keys(value)) unknown.add(`${path}/${key}`)
  return new Proxy(value, {
    get(target, key, receiver) {
      unknown.delete(`${path}/${String(key)}`)
      const item: unknown = Reflect.get(target, key, receiver)
      return typeof item === 'object' && item !== null ? watch(item, `${path}/${String(key)}`, unknown) : item
    },
    /** A map of any keys, such as labels, is gone through. */
    ownKeys(target) {
      for (const key of Object.keys(target)) unknown.delete(`${path}/${key}`)
      return Reflect.ownKeys(target)
    },
  })
}
