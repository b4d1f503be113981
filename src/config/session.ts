import { ToolError } from '../core/tool-error.ts'
import type { DatabaseConfig, SessionConfig } from './config.ts'

/** The default sql_mode of MySQL 8.0 to 9.x (manual, "Server SQL Modes"), independent of the server's configuration. */
const defaultModes =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'

/** The defaults of every session. */
export const defaultSession: SessionConfig = {
  timeZone: '+00:00',
  sqlMode: defaultModes,
  timeZoneChosen: false,
  sqlModeChosen: false,
  variables: new Map(),
}

/** The names in a sql_mode in capitals, each once. */
export function splitModes(text: string): readonly string[] {
  const modes = text.split(',').map((mode) => mode.trim().toUpperCase())
  return [...new Set(modes.filter((mode) => mode !== ''))]
}

/** The same modes in a fixed order, for comparing and storing. */
export function orderModes(text: string): string {
  return splitModes(text).toSorted().join(',')
}

/** What the journal stores about the sessions that migrations run in, by name. */
export function sessionSettings({ timeZone, sqlMode }: SessionConfig): ReadonlyMap<string, string> {
  return new Map([
    ['session.timeZone', timeZone],
    ['session.sqlMode', orderModes(sqlMode)],
  ])
}

/**
 * The first migration records what its session was pinned to; a configuration that now differs is refused, because defaults and
 * literals of later statements would mean something else. Journals of earlier versions contain what those pinned: the defaults.
 * Throws ToolError `SESSION_CHANGED` (78).
 */
export function refuseChangedSession(
  { name, session }: Pick<DatabaseConfig, 'name' | 'session'>,
  recorded: ReadonlyMap<string, string>,
  file: string | null = null,
): void {
  if (!recorded.has('references')) return
  const defaults = sessionSettings(defaultSession)
  for (const [setting, wanted] of sessionSettings(session)) {
    const before = recorded.get(setting) ?? defaults.get(setting) ?? ''
    if (before === wanted) continue
    throw new ToolError('SESSION_CHANGED', {
      what: `Migrations here ran with \`${setting}\` "${before}", but the configuration now asks for "${wanted}".`,
      where: { database: name, ...(file === null ? {} : { file }) },
      why: 'The choice was recorded at the first migration: earlier and later statements would treat times and values differently without notice.',
      next: `Set \`${setting}\` to "${before}" in the configuration. A migration that needs another value can set it itself: \`SET ${setting === 'session.timeZone' ? 'time_zone' : 'sql_mode'} = ...\`.`,
    })
  }
}

/** Minutes from UTC as MySQL writes an offset: `+08:00`. */
export function formatOffset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
