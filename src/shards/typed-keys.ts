import { exitCodes } from '../core/exit-code.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import { ToolError } from '../core/tool-error.ts'
import { namingOf } from './render-shard.ts'

/**
 * Refuses keys that were typed and are none of the family's, before any server is asked: a mistake in the command line, wherever
 * a command takes a key. Throws ToolError `KEY_INVALID` (64) with a fault for each of them.
 */
export function demandKeys(family: ShardFamily, keys: readonly string[]): void {
  const naming = namingOf(family)
  const faults = keys.flatMap((key) => {
    try {
      naming.name(key)
      return []
    } catch (error) {
      if (error instanceof ToolError) return error.faults
      throw error
    }
  })
  if (faults.length > 0) throw new ToolError('KEY_INVALID', faults, { exitCode: exitCodes.usage })
}
