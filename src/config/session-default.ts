import type { SessionConfig } from './config.ts'

/** The default sql_mode of MySQL 8.0 to 9.x (manual, "Server SQL Modes"), whatever the server's configuration says. */
const defaultModes =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'

/** What every session has where nothing else is said. */
export const defaultSession: SessionConfig = {
  timeZone: '+00:00',
  sqlMode: defaultModes,
  timeZoneChosen: false,
  sqlModeChosen: false,
}

/** The names of a sql_mode in capitals, each once. */
export function splitModes(text: string): readonly string[] {
  const modes = text.split(',').map((mode) => mode.trim().toUpperCase())
  return [...new Set(modes.filter((mode) => mode !== ''))]
}

/** The same modes in one order, for comparing and for keeping. */
export function orderModes(text: string): string {
  return splitModes(text).toSorted().join(',')
}
