import { parseDuration } from '../core/duration.ts'
import type { Timeouts } from './config.ts'
import { pick } from './layer.ts'
import { type Reading, readSetting } from './server.ts'

/** How long things may take; what cannot be read was reported by the schema. */
export function resolveTimeouts(reading: Reading): Timeouts {
  const read = (name: string): number | null => {
    const outcome = parseDuration(readSetting(reading, pick(reading.layers, `timeouts.${name}`), false) ?? 'none')
    return outcome.type === 'duration' ? outcome.milliseconds : null
  }
  return {
    connect: read('connect') ?? 0,
    lock: read('lock') ?? 0,
    lockWait: read('lockWait') ?? 0,
    statement: read('statement'),
  }
}
