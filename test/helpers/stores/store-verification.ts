import type { StoreSession } from '../../../src/stores/contract.ts'
import type { StoreVerification } from '../../../src/stores/outcome.ts'
import { verifyStores } from '../../../src/stores/set-up-stores.ts'

/** What `wwdb setup verify` finds out about one store, by a session that stays open. */
export async function verifySession(session: StoreSession): Promise<StoreVerification> {
  const { store, server } = session
  const open = async (): Promise<StoreSession> => ({ ...session, close: async () => undefined })
  const { outcomes, error } = await verifyStores([{ store, server, open }])
  if (error !== null) throw error
  const [outcome] = outcomes
  if (outcome === undefined) throw new Error('no store was verified')
  return outcome
}

/** Findings in a line each: `STORE_DRIFT index app.callbacks.seen_1: unique false -> true`. */
export function linesOf({ findings }: StoreVerification): readonly string[] {
  return findings.map(({ code, resource, differences }) => {
    const differing = differences.map(({ path, actual, declared }) => `${path} ${actual} -> ${declared}`).join(', ')
    return `${code} ${resource.kind} ${resource.name}${differing === '' ? '' : `: ${differing}`}`
  })
}
