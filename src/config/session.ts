import type { SessionConfig } from './config.ts'
import { pick } from './layer.ts'
import { type Reading, readSetting } from './server.ts'
import { defaultSession, splitModes } from './session-default.ts'

/** What the sessions of all databases are pinned to. */
export function resolveSession(reading: Reading): SessionConfig {
  const zone = pick(reading.layers, 'session.timeZone')
  const modes = pick(reading.layers, 'session.sqlMode')
  return {
    timeZone: readSetting(reading, zone, false) ?? defaultSession.timeZone,
    sqlMode: splitModes(readSetting(reading, modes, false) ?? defaultSession.sqlMode).join(','),
    timeZoneChosen: zone !== null && zone.origin.source !== 'default',
    sqlModeChosen: modes !== null && modes.origin.source !== 'default',
  }
}
