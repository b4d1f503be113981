import type { KeyFamily } from './declaration.ts'

/** Families whose keys are missed when they go before their time, and may go under a policy. */
export interface Endangered {
  /** Any of their keys may go. */
  readonly always: readonly KeyFamily[]
  /** Keys that have a TTL may go, once there is nothing less used. */
  readonly expiring: readonly KeyFamily[]
}

/** What an eviction policy means for the families that live in a Redis; caches are what it is for. */
export function findEndangered(policy: string, families: readonly KeyFamily[]): Endangered {
  const missed = families.filter(({ role }) => role !== 'cache')
  return {
    always: policy.startsWith('allkeys-') ? missed : [],
    expiring: policy.startsWith('volatile-') ? missed.filter(({ ttl }) => ttl !== null) : [],
  }
}
