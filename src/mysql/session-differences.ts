import type { SessionConfig } from '../config/config.ts'
import { orderModes } from '../config/session.ts'
import type { Target } from '../core/target.ts'

/** What a server gives to whoever connects and sets nothing. */
interface GivenSession {
  readonly sqlMode: string
  readonly timeZone: string
  /** What its time zone is ahead of UTC now. */
  readonly minutes: number
}

function formatOffset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

function without(modes: string, others: string): readonly string[] {
  const known = orderModes(others).split(',')
  return orderModes(modes)
    .split(',')
    .filter((mode) => mode !== '' && !known.includes(mode))
}

function describeModes({ sqlMode }: SessionConfig, server: string, given: string): string | null {
  const [more, fewer] = [without(given, sqlMode), without(sqlMode, given)]
  const parts = [
    ...(more.length === 0 ? [] : [`${more.join(', ')} as well`]),
    ...(fewer.length === 0 ? [] : [`no ${fewer.join(', ')}`]),
  ]
  if (parts.length === 0) return null
  return `The sql_mode that ${server} gives to clients has ${parts.join(', and ')}: migrations, events and routines do not run as clients do. Set "session.sqlMode" to "${sqlMode}" to keep that, or to another one before the first migration.`
}

/** Sentences about what clients of the server get and migrations do not, as far as the configuration does not choose it. */
export function compareSessions(session: SessionConfig, { server }: Target, given: GivenSession): readonly string[] {
  const differences: string[] = []
  const offset = formatOffset(given.minutes)
  if (!session.timeZoneChosen && Number.isFinite(given.minutes) && offset !== session.timeZone) {
    const zone = given.timeZone === offset ? offset : `${given.timeZone} (now ${offset})`
    differences.push(
      `Clients of ${server} have the time zone ${zone}, and migrations ${session.timeZone}: DATETIME defaults such as CURRENT_TIMESTAMP, and events, differ by that. Set "session.timeZone" to "${session.timeZone}" to keep that, or to "${offset}" before the first migration.`,
    )
  }
  const modes = session.sqlModeChosen ? null : describeModes(session, server, given.sqlMode)
  return modes === null ? differences : [...differences, modes]
}
