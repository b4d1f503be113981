import type { StoreLoss } from '../../core/store.ts'
import type { SettingDrift } from './plan-settings.ts'
import { normaliseSetting } from './setting-value.ts'
import type { SeenNode } from './sight.ts'

/** What a new value of a setting takes away from nodes that have keys; null for nothing. */
export function judgeSetting(name: string, declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const filled = drifts.filter(({ node }) => node.keys > 0)
  if (filled.length === 0) return null
  switch (name) {
    case 'appendonly':
      return declared === 'no'
        ? loss('persistence-off', 'What is written after the last snapshot is lost when a node ends.', filled)
        : null
    case 'save':
      return declared === '' ? loss('persistence-off', 'No snapshots are written any more.', filled) : null
    case 'appendfsync':
      return weakerFsync(declared, filled)
    case 'maxmemory':
      return smallerMemory(declared, filled)
    case 'maxmemory-policy':
      return widerEviction(declared, filled)
    default:
      return null
  }
}

function loss(code: string, why: string, drifts: readonly SettingDrift[]): StoreLoss {
  return { code, why, affected: drifts.map(({ node }) => describeNode(node)) }
}

function describeNode({ node, keys }: SeenNode): string {
  return `${node} (${keys} ${keys === 1 ? 'key' : 'keys'})`
}

const fsyncStrength: Readonly<Record<string, number>> = { no: 0, everysec: 1, always: 2 }

function weakerFsync(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const strength = (value: string): number => fsyncStrength[value] ?? 0
  const weakened = drifts.filter(({ actual }) => strength(actual) > strength(declared))
  if (weakened.length === 0) return null
  const span = declared === 'everysec' ? 'up to two seconds' : 'up to half a minute'
  return loss('weaker-persistence', `Writes of ${span} are lost when a machine goes down.`, weakened)
}

function smallerMemory(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const limit = Number(normaliseSetting('maxmemory', declared))
  const over = drifts.filter(({ node }) => limit > 0 && node.usedMemory > limit)
  if (over.length === 0) return null
  return {
    code: 'smaller-memory',
    why: `Nodes use more than ${limit} bytes already: keys are evicted at once, or writes are refused, as the eviction policy says.`,
    affected: over.map(({ node }) => `${describeNode(node)}, ${node.usedMemory} bytes in use`),
  }
}

/** What a policy may evict: nothing, keys that expire anyway, all. */
function reach(policy: string): number {
  if (policy.startsWith('allkeys-')) return 2
  return policy.startsWith('volatile-') ? 1 : 0
}

function widerEviction(declared: string, drifts: readonly SettingDrift[]): StoreLoss | null {
  const widened = drifts.filter(({ actual }) => reach(actual) < reach(declared))
  if (widened.length === 0) return null
  const what = reach(declared) === 2 ? 'any key' : 'any key that has a TTL'
  return loss('wider-eviction', `When memory is full, ${what} may go.`, widened)
}
