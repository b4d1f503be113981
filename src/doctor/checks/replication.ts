import { countOf } from '../../core/plural.ts'
import { answering, type Check, type Complaint } from '../check.ts'
import type { Facts, GroupMember, ReplicationChannel } from '../facts.ts'

/** Seconds that a replica may lag, and transactions that a member may have to catch up with. */
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

/** A group is judged once for each server that belongs to it. */
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
    asks: 'Does replication run where it is set up?',
    find: (facts) =>
      perChannel(facts, ({ source, receives, applies, error }) => {
        if (receives && applies) return null
        const halves = [...(receives ? [] : ['does not receive']), ...(applies ? [] : ['does not apply'])]
        return {
          what: `The server ${halves.join(' and ')} what ${source} commits.`,
          why: error === '' ? null : error,
          fix: 'Remove the cause, then run `START REPLICA`.',
        }
      }),
  },
  {
    code: 'replica-lag',
    severity: 'warning',
    asks: `Are replicas less than ${mostLag} s behind?`,
    find: (facts) =>
      perChannel(facts, ({ source, lag, applies }) =>
        lag === null || lag <= mostLag || !applies
          ? null
          : {
              what: `The server is ${countOf(lag, 'second')} behind ${source}.`,
              why: 'What was migrated there is not here yet, and reads are old.',
              fix: 'Wait before the next large change; raise `replica_parallel_workers` where it stays so.',
            },
      ),
  },
  {
    code: 'group-member',
    severity: 'error',
    asks: 'Is every member of a group online?',
    find: (facts) =>
      perGroup(facts, (members) =>
        members
          .filter(({ state }) => state !== 'ONLINE')
          .map(({ address, state }) => ({
            what: `The member ${address} of the group is ${state}.`,
            why: 'With each member that is missing, the group is nearer to accepting no writes.',
            fix: 'Look at its error log; `START GROUP_REPLICATION` takes it back.',
          })),
      ),
  },
  {
    code: 'group-size',
    severity: 'warning',
    asks: 'May a member of a group fail?',
    find: (facts) =>
      perGroup(facts, (members) =>
        members.length >= 3
          ? []
          : [
              {
                what: `The group has ${countOf(members.length, 'member')}.`,
                why: 'Of fewer than three none may fail: the rest has no majority.',
                fix: 'Add members until there are three.',
              },
            ],
      ),
  },
  {
    code: 'group-lag',
    severity: 'warning',
    asks: `Has every member of a group fewer than ${longestQueue} transactions to catch up with?`,
    find: (facts) =>
      perGroup(facts, (members) =>
        members
          .filter(({ queue }) => queue > longestQueue)
          .map(({ address, queue }) => ({
            what: `The member ${address} of the group has ${countOf(queue, 'transaction')} to catch up with.`,
            why: 'Flow control slows every writer down, and a failover would have to wait for it.',
            fix: 'Wait before the next large change; look at its load and disks.',
          })),
      ),
  },
]
