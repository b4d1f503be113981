import { type Check, perServer } from '../check.ts'

/** Milliseconds by which clocks may differ. Rotation trusts them up to a minute. */
const tolerance = 5000

function formatOffset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** Clocks and time zones. */
export const timeChecks: readonly Check[] = [
  {
    code: 'clock',
    severity: 'error',
    asks: 'Do the clocks of this machine and of every server agree?',
    find: (facts) =>
      perServer(facts, ({ seen: { clockOffset } }) =>
        Math.abs(clockOffset) <= tolerance
          ? null
          : {
              what: `The clock of the server is ${Math.round(Math.abs(clockOffset) / 1000)} s ${clockOffset > 0 ? 'ahead of' : 'behind'} that of this machine.`,
              why: 'Shards are made and retired by the clock; from a minute on, rotation retires nothing.',
              fix: 'Synchronize both with NTP.',
            },
      ),
  },
  {
    code: 'time-zone',
    severity: 'warning',
    asks: 'Have clients the time zone that migrations have?',
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const session = facts.config?.databases[0]?.session
        const offset = formatOffset(seen.zoneMinutes)
        if (session === undefined || session.timeZoneChosen || offset === session.timeZone) return null
        return {
          what: `Clients have the time zone ${seen.variables.get('time_zone')} (now ${offset}), and migrations ${session.timeZone}.`,
          why: 'DATETIME defaults such as CURRENT_TIMESTAMP, and events, differ.',
          fix: `Set \`session.timeZone\` to "${session.timeZone}" to confirm that, or to "${offset}" before the first migration.`,
        }
      }),
  },
  {
    code: 'time-zone-tables',
    severity: 'warning',
    asks: 'Are names of time zones loaded where rotation uses one?',
    find: (facts) =>
      facts.project.zones.length === 0
        ? []
        : perServer(facts, ({ seen }) =>
            seen.zonesLoaded
              ? null
              : {
                  what: 'The names of time zones are not loaded.',
                  why: `The project uses ${facts.project.zones.join(', ')}; CONVERT_TZ gives NULL for it on this server.`,
                  fix: 'Run `mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql` there.',
                },
          ),
  },
]
