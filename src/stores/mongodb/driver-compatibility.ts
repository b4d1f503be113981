import type { Document } from 'mongodb'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { findLowering, pinnedByCleanup, pinnedByPreImages, sayKeeping } from './compatibility-faults.ts'
import type { Clients } from './driver-clients.ts'
import { listDatabases } from './driver-read.ts'
import { hasCode, serverErrors } from './errors.ts'
import type { ObservedCompatibility } from './ports.ts'

/** A change that was interrupted has a target; one to a lower version also names the one it comes from. */
export async function readCompatibility(clients: Clients, address: string): Promise<ObservedCompatibility> {
  const answer = await clients.database(address, 'admin').command({ getParameter: 1, featureCompatibilityVersion: 1 })
  const { version, targetVersion, previousVersion } = answer['featureCompatibilityVersion'] ?? {}
  if (typeof version !== 'string')
    throw new ToolError('STORE_UNSUPPORTED', {
      what: `The server at ${address} does not say its feature compatibility version.`,
      why: 'A mongos has none: each shard has its own.',
      next: 'Name the members of a set in the URL.',
    })
  return { version, target: textOf(targetVersion), previous: textOf(previousVersion) }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/**
 * Repeatable: a server that is in the middle of the same change finishes it.
 * @throws ToolError STORE_REFUSED where a collection keeps pre-images, which MongoDB before 6.0 does not know: the server begins to lower the version before it looks, and then neither goes back nor
 * lets them be turned off (tried on 6.0.5); and where the server is past the point of return of an earlier change.
 */
export async function setCompatibility(
  clients: Clients,
  address: string,
  { version, writeConcern }: { readonly version: string; readonly writeConcern: Document },
): Promise<void> {
  const admin = clients.database(address, 'admin')
  const { version: binary } = await admin.command({ buildInfo: 1 })
  if (!isAtLeast(version, '6.0')) await refusePreImages(clients, address, { version, release: String(binary) })
  try {
    await admin.command({ ...compatibilityCommand(version, String(binary)), writeConcern })
  } catch (error) {
    const { loweringHalfCleaned, raisingHalfCleaned } = serverErrors
    if (!(error instanceof Error) || !hasCode(error, loweringHalfCleaned, raisingHalfCleaned)) throw error
    throw pinnedByCleanup(version, address, error)
  }
}

interface Wanted {
  readonly version: string
  /** Of the server. */
  readonly release: string
}

async function refusePreImages(clients: Clients, address: string, { version, release }: Wanted): Promise<void> {
  const names = await listDatabases(clients.database(address, 'admin'))
  const keeping: string[] = []
  for (const name of names)
    for await (const { name: collection, options } of clients
      .database(address, name)
      .listCollections({}, { nameOnly: false }))
      if (options?.['changeStreamPreAndPostImages']?.enabled === true) keeping.push(`${name}.${collection}`)
  if (keeping.length === 0) return
  const lowering = findLowering(await readCompatibility(clients, address))
  if (lowering !== null) throw pinnedByPreImages(keeping, { ...lowering, server: address, release })
  throw new ToolError('STORE_REFUSED', {
    what: `The feature compatibility version is not lowered to ${version}: ${sayKeeping(keeping)}.`,
    why: 'MongoDB begins to lower it before it looks at them, and then takes no way back.',
    where: { server: address },
    next: 'Declare `preImages: false` for them, or turn them off with `collMod`, and run the command again.',
  })
}

/** MongoDB 7.0 and later want to hear that the caller knows what it means; earlier ones do not know the word. */
export function compatibilityCommand(version: string, binary: string): Document {
  return { setFeatureCompatibilityVersion: version, ...(isAtLeast(binary, '7.0') ? { confirm: true } : {}) }
}
