import { describeDuration, describeDurationInChinese } from '../../core/duration.ts'
import type { RetiredInspection } from '../../retire/inspect-retired.ts'
import { type Check, type Complaint, quoted } from '../check.ts'
import type { Facts } from '../facts.ts'

const day = 86_400_000

/** A run each day drops what is due on the day after its grace. */
const longOver = 7 * day

/** What migrations have retired. */
export const retireChecks: readonly Check[] = [
  {
    code: 'retire-unproven',
    severity: 'warning',
    asks: {
      en: 'Does every server show whether what is retired is still used?',
      zh: '对已退役的对象，每台服务器是否都能表明它是否仍在使用？',
    },
    find: (facts) =>
      perThing(facts, ({ database, name, doubts }) =>
        doubts.length === 0
          ? null
          : {
              what: `Nothing proves that \`${name}\` of \`${database}\` is unused, so that it is never dropped.`,
              why: doubts.join(' '),
              fix: 'Correct what the reason names, then run `wwdb retire run`: a server that counts from later on is watched from then, for the whole grace.',
              zh: {
                what: `没有依据表明 \`${database}\` 的 \`${name}\` 已不再使用，因此它永远不会被删除。`,
                why: quoted(doubts.join(' ')),
                fix: '请排除原因中所说的问题，然后执行 `wwdb retire run`：从较晚时刻开始计数的服务器，从那时起重新观察整个宽限期。',
              },
            },
      ),
  },
  {
    code: 'retire-overdue',
    severity: 'warning',
    asks: {
      en: 'Does a run drop what is retired when its grace has ended?',
      zh: '宽限期结束后，是否有运行删除已退役的对象？',
    },
    find: (facts) =>
      perThing(facts, ({ database, name, doubts, until }) => {
        const over = facts.now - until
        if (doubts.length > 0 || over < longOver) return null
        const whole = Math.floor(over / day) * day
        return {
          what: `The grace of \`${name}\` of \`${database}\` ended ${describeDuration(whole)} ago, and no run has dropped it.`,
          why: 'Its drop needs a run that looks at who uses it; until then it costs space, and an index costs each write.',
          fix: 'Run `wwdb retire run` from cron each day; `wwdb retire list` shows what it would drop.',
          zh: {
            what: `\`${database}\` 的 \`${name}\` 的宽限期已结束 ${describeDurationInChinese(whole)}，而没有运行删除它。`,
            why: '删除它需要一次查看谁在使用它的运行；在此之前它占用空间，索引还会拖慢每次写入。',
            fix: '请用 cron 每天执行 `wwdb retire run`；`wwdb retire list` 显示它会删除什么。',
          },
        }
      }),
  },
]

function perThing(
  { databases }: Facts,
  judge: (thing: RetiredInspection) => Omit<Complaint, 'where'> | null,
): readonly Complaint[] {
  return databases.flatMap(({ database, server, retired }) =>
    retired.flatMap((thing) => {
      const complaint = judge(thing)
      return complaint === null ? [] : [{ ...complaint, where: { database, server } }]
    }),
  )
}
