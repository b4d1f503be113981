import type { Document } from 'mongodb'
import { isAtLeast } from '../../core/version.ts'
import type { Clients } from './driver-clients.ts'
import type { ObservedCompatibility } from './ports.ts'

/** A change that was interrupted has a target; one to a lower version also names the one it comes from. */
export async function readCompatibility(clients: Clients, address: string): Promise<ObservedCompatibility> {
  const answer = await clients.database(address, 'admin').command({ getParameter: 1, featureCompatibilityVersion: 1 })
  const { version, targetVersion, previousVersion } = answer['featureCompatibilityVersion'] ?? {}
  return { version: String(version), target: textOf(targetVersion), previous: textOf(previousVersion) }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Repeatable: a server that is in the middle of the same change finishes it. */
export async function setCompatibility(
  clients: Clients,
  address: string,
  { version, writeConcern }: { readonly version: string; readonly writeConcern: Document },
): Promise<void> {
  const admin = clients.database(address, 'admin')
  const { version: binary } = await admin.command({ buildInfo: 1 })
  await admin.command({ ...compatibilityCommand(version, String(binary)), writeConcern })
}

/** MongoDB 7.0 and later want to hear that the caller knows what it means; earlier ones do not know the word. */
export function compatibilityCommand(version: string, binary: string): Document {
  return { setFeatureCompatibilityVersion: version, ...(isAtLeast(binary, '7.0') ? { confirm: true } : {}) }
}
