import { formatOffset } from '../../config/session.ts'
import { type Check, perServer } from '../check.ts'

/** Milliseconds by which clocks may differ. Rotation trusts them up to a minute. */
const tolerance = 5000

/** Clocks and time zones. */
export const timeChecks: readonly Check[] = [
  {
    code: 'clock',
    severity: 'error',
    asks: { en: 'Do the clocks of this machine and of all servers agree?', zh: '本机与每台服务器的时钟是否一致？' },
    find: (facts) =>
      perServer(facts, ({ seen: { clockOffset } }) =>
        Math.abs(clockOffset) <= tolerance
          ? null
          : {
              what: `The clock of the server is ${Math.round(Math.abs(clockOffset) / 1000)} s ${clockOffset > 0 ? 'ahead of' : 'behind'} that of this machine.`,
              why: 'Shards are created and retired by the clock; with a difference of a minute or more, rotation retires nothing.',
              fix: 'Synchronize both with NTP.',
              zh: {
                what: `服务器的时钟比本机${clockOffset > 0 ? '快' : '慢'} ${Math.round(Math.abs(clockOffset) / 1000)} 秒。`,
                why: '分表按时钟创建和退役；相差一分钟以上时，轮换不退役任何分表。',
                fix: '请用 NTP 同步两者。',
              },
            },
      ),
  },
  {
    code: 'time-zone',
    severity: 'warning',
    asks: { en: 'Is the time zone of clients the same as that of migrations?', zh: '客户端与迁移的时区是否相同？' },
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const session = facts.config?.databases[0]?.session
        const offset = formatOffset(seen.zoneMinutes)
        if (session === undefined || session.timeZoneChosen || offset === session.timeZone) return null
        return {
          what: `Clients have the time zone ${seen.variables.get('time_zone')} (now ${offset}), but migrations have ${session.timeZone}.`,
          why: 'DATETIME defaults such as CURRENT_TIMESTAMP, and events, differ.',
          fix: `Set \`session.timeZone\` to "${session.timeZone}" to confirm that, or to "${offset}" before the first migration.`,
          zh: {
            what: `客户端的时区是 ${seen.variables.get('time_zone')}（现为 ${offset}），而迁移使用 ${session.timeZone}。`,
            why: 'CURRENT_TIMESTAMP 等 DATETIME 默认值以及事件会有差别。',
            fix: `请把 \`session.timeZone\` 设为 "${session.timeZone}" 以确认这一点，或在第一次迁移之前设为 "${offset}"。`,
          },
        }
      }),
  },
  {
    code: 'time-zone-tables',
    severity: 'warning',
    asks: {
      en: 'Are the time zone tables loaded, if rotation uses a named zone?',
      zh: '轮换用到时区名称之处，是否已加载时区名称？',
    },
    find: (facts) =>
      facts.project.zones.length === 0
        ? []
        : perServer(facts, ({ seen }) =>
            seen.zonesLoaded
              ? null
              : {
                  what: 'The time zone tables are not loaded.',
                  why: `The project uses ${facts.project.zones.join(', ')}; CONVERT_TZ returns NULL for it on this server.`,
                  fix: 'Run `mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql` there.',
                  zh: {
                    what: '没有加载时区名称。',
                    why: `项目使用 ${facts.project.zones.join('、')}；在这台服务器上 CONVERT_TZ 对它返回 NULL。`,
                    fix: '请在那里执行 `mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql`。',
                  },
                },
          ),
  },
]
