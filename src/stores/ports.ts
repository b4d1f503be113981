import type { StopRequest } from '../migrations/ports.ts'

/** What the sessions of stores that are not converted to `contract.ts` yet may use. */
export interface StoreSurroundings {
  readonly say: (message: string) => void
  readonly stop: StopRequest
  readonly now: () => number
}
