import type { ShardFamily } from '../../core/shard-family.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import type { RenderSurroundings } from '../render-shard.ts'
import { proveChange } from './prove-change.ts'
import { type FanOutPlace, listPending } from './services.ts'
import { decideVersion } from './template-version.ts'

/**
 * Whether a family's file, the shards that are there and the migrations that are still to come agree: tried in a scratch
 * schema, as a run would before it begins. Returns what is wrong; nothing where no shard was ever made.
 */
export async function checkPending(
  place: FanOutPlace,
  target: OpenTarget,
  family: ShardFamily,
  surroundings: RenderSurroundings,
): Promise<readonly Fault[]> {
  const registry = await place.store.readRegistry()
  const record = registry.families.find((one) => one.family === family.name)
  if (record === undefined) return []
  const proof = { ...surroundings, ledger: place.ledger, family, before: record }
  const { text: template, checksum } = family.template
  const pending = listPending(target, family.name)
  const [first] = pending
  try {
    if (first === undefined) {
      if (record.checksum === checksum) return []
      await proveChange({ ...proof, after: { template, version: record.version }, steps: [] })
      return []
    }
    const all = await place.ledger.readChanges()
    const changes = all.filter((change) => change.family === family.name)
    const file = { template, checksum }
    const { begin } = decideVersion({ migration: first, direction: 'up', record, changes, file, pending })
    if (begin !== null) await proveChange({ ...proof, after: begin.family, steps: begin.proof })
    return []
  } catch (error) {
    if (error instanceof ToolError && /^TEMPLATE_/.test(error.code)) return error.faults
    throw error
  }
}
