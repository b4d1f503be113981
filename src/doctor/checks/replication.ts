import { countOf } from '../../core/plural.ts'
import type { GroupMember } from '../../mysql/facts.ts'
import { answering, type Check, type Complaint, quoted } from '../check.ts'
import type { Facts, ReplicationChannel } from '../facts.ts'
import { isOff } from '../setting.ts'

/** Runs of wwdb, and other sessions that block one. */
const mostLag = 60
const longestQueue = 1000

function perChannel(
  facts: Facts,
  judge: (channel: ReplicationChannel) => Omit<Complaint, 'where'> | null,
): readonly Complaint[] {
  return answering(facts).flatMap(({ label, seen }) =>
    (seen.channels ?? []).flatMap((channel) => {
      const complaint = judge(channel)
      return complaint === null ? [] : [{ ...complaint, where: { server: label } }]
    }),
  )
}

/** What the checks judge in a store of one kind. */
function perGroup(
  facts: Facts,
  judge: (members: readonly GroupMember[]) => readonly Omit<Complaint, 'where'>[],
): readonly Complaint[] {
  return answering(facts).flatMap(({ label, seen }) => {
    const members = seen.members ?? []
    return members.length === 0 ? [] : judge(members).map((complaint) => ({ ...complaint, where: { server: label } }))
  })
}

/** Replicas and groups. */
export const replicationChecks: readonly Check[] = [
  {
    code: 'replica-stopped',
    severity: 'error',
    asks: { en: 'Is replication running where it is configured?', zh: '已配置的复制是否在运行？' },
    find: (facts) =>
      perChannel(facts, ({ source, receives, applies, error }) => {
        if (receives && applies) return null
        const halves = [...(receives ? [] : ['does not receive']), ...(applies ? [] : ['does not apply'])]
        return {
          what: `The server ${halves.join(' and ')} what ${source} commits.`,
          why: error === '' ? null : error,
          fix: 'Fix the cause, then run `START REPLICA`.',
          zh: {
            what: `服务器${receives ? '没有应用' : applies ? '没有接收' : '没有接收、也没有应用'} ${source} 提交的内容。`,
            why: error === '' ? null : quoted(error),
            fix: '请排除原因，然后执行 `START REPLICA`。',
          },
        }
      }),
  },
  {
    code: 'replica-lag',
    severity: 'warning',
    asks: { en: `Are replicas less than ${mostLag} s behind?`, zh: `从库落后是否在 ${mostLag} 秒以内？` },
    find: (facts) =>
      perChannel(facts, ({ source, lag, applies }) =>
        lag === null || lag <= mostLag || !applies
          ? null
          : {
              what: `The server is ${countOf(lag, 'second')} behind ${source}.`,
              why: 'Migrations applied there are not here yet, and reads are stale.',
              fix: 'Wait before the next large change; increase `replica_parallel_workers` if the lag persists.',
              zh: {
                what: `服务器落后 ${source} ${lag} 秒。`,
                why: '那里已迁移的内容这里还没有，读到的是旧数据。',
                fix: '请等它追上再做下一个大变更；若一直如此，请调大 `replica_parallel_workers`。',
              },
            },
      ),
  },
  {
    code: 'replica-writable',
    severity: 'warning',
    asks: { en: 'Is every replica read-only?', zh: '每个从库是否拒绝客户端的写入？' },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        isOff(seen.variables.get('read_only') ?? 'ON')
          ? (seen.channels ?? []).map(({ source, lag }) => ({
              what: `The server is a replica of ${source}${lag === null ? '' : `, ${countOf(lag, 'second')} behind,`} but is not read-only.`,
              where: { server: label },
              why: `Migrations applied here do not reach ${source}, and changes from there can fail here.`,
              fix: `Point the URL at ${source}, and set \`super_read_only = ON\` here.`,
              zh: {
                what: `服务器是 ${source} 的从库${lag === null ? '' : `，落后 ${lag} 秒`}，但不是只读的。`,
                why: `在这里迁移的内容不会到达 ${source}，而来自那里的变更可能因此失败。`,
                fix: `请让 URL 指向 ${source}，并在这里设置 \`super_read_only = ON\`。`,
              },
            }))
          : [],
      ),
  },
  {
    code: 'group-member',
    severity: 'error',
    asks: { en: 'Is every member of a group online?', zh: '组的每个成员是否都在线？' },
    find: (facts) =>
      perGroup(facts, (members) =>
        members
          .filter(({ state }) => state !== 'ONLINE')
          .map(({ address, state }) => ({
            what: `The member ${address} of the group is ${state}.`,
            why: 'Each missing member brings the group closer to refusing writes.',
            fix: 'Check its error log; `START GROUP_REPLICATION` rejoins it to the group.',
            zh: {
              what: `组成员 ${address} 的状态是 ${state}。`,
              why: '每缺少一个成员，整个组就离拒绝写入更近一步。',
              fix: '请查看它的错误日志；`START GROUP_REPLICATION` 会让它重新加入。',
            },
          })),
      ),
  },
  {
    code: 'group-primary',
    severity: 'error',
    asks: {
      en: 'Where a group has several primaries, can each be reached at the address that it reports?',
      zh: '组有多个主库时，是否都能按各自报告的地址连接？',
    },
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) =>
        (seen.unreachedPrimaries ?? []).map(({ address, fault }) => ({
          what: `The primary ${address} of the group cannot be reached from here.`,
          where: { server: label },
          why: `A run holds its lock on every primary, so none can begin. ${fault.what}`,
          fix: `Make the address that it reports (\`report_host\`, \`report_port\`) reachable, or let the group have a single primary.`,
          zh: {
            what: `从这里无法连接组的主库 ${address}。`,
            why: `一次运行要在每个主库上持有锁，因此无法开始。服务器的回答：${fault.what}`,
            fix: '请让它报告的地址（`report_host`、`report_port`）可以连接，或让组只有一个主库。',
          },
        })),
      ),
  },
  {
    code: 'group-size',
    severity: 'warning',
    asks: { en: 'Can the group tolerate the failure of a member?', zh: '组能否承受一个成员出故障？' },
    find: (facts) =>
      perGroup(facts, (members) =>
        members.length >= 3
          ? []
          : [
              {
                what: `The group has ${countOf(members.length, 'member')}.`,
                why: 'With fewer than three members none may fail, because the rest has no majority.',
                fix: 'Add members until there are at least three.',
                zh: {
                  what: `该组有 ${members.length} 个成员。`,
                  why: '成员少于三个时，一个都不能出故障：其余成员不构成多数。',
                  fix: '请增加成员，直到有三个。',
                },
              },
            ],
      ),
  },
  {
    code: 'group-lag',
    severity: 'warning',
    asks: {
      en: `Does every member of a group have fewer than ${longestQueue} queued transactions?`,
      zh: `组的每个成员要追上的事务是否少于 ${longestQueue} 个？`,
    },
    find: (facts) =>
      perGroup(facts, (members) =>
        members
          .filter(({ queue }) => queue > longestQueue)
          .map(({ address, queue }) => ({
            what: `The member ${address} of the group has ${countOf(queue, 'transaction')} in its queue.`,
            why: 'Flow control slows down all writers, and a failover would have to wait for it.',
            fix: 'Wait before the next large change; check its load and disks.',
            zh: {
              what: `组成员 ${address} 还有 ${queue} 个事务要追上。`,
              why: '流量控制会拖慢每个写入者，故障切换也必须等它追上。',
              fix: '请等它追上再做下一个大变更；请检查它的负载和磁盘。',
            },
          })),
      ),
  },
]
