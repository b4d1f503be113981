import { countOf } from '../../core/plural.ts'
import { answering, type Check, toComplaint } from '../check.ts'

/** Runs of wwdb, and other sessions that stand against one. */
export const runChecks: readonly Check[] = [
  {
    code: 'run-stopped',
    severity: 'error',
    asks: 'Did every run come to its end?',
    find: ({ databases }) =>
      databases.flatMap(({ database, server, status, lock }) =>
        (status?.migrations ?? [])
          .filter(({ state }) => lock?.held !== true && (state === 'partial' || state === 'reverting'))
          .map(({ version, name, closed, total, file }) => ({
            what: `Migration \`${version}_${name}\` stopped after ${closed ?? 0} of ${total ?? 0} statements.`,
            where: { ...(file === null ? {} : { file }), database, server },
            why: 'The run that applied it was stopped or failed; no connection holds the lock of the database.',
            fix: 'Run `wwdb migrate`: it continues where it stopped.',
          })),
      ),
  },
  {
    code: 'journal-differs',
    severity: 'error',
    asks: 'Do files and journals agree?',
    find: ({ databases }) =>
      databases.flatMap(({ database, server, status, faults }) =>
        [...(status?.findings ?? []), ...faults].map((fault) =>
          toComplaint(fault, 'See `wwdb status`.', { database, server }),
        ),
      ),
  },
  {
    code: 'lock-held',
    severity: 'warning',
    asks: 'Is the lock of every database free?',
    find: ({ databases }) =>
      databases.flatMap(({ database, server, lock }) => {
        if (lock?.held !== true) return []
        const who = lock.user === null ? '' : ` of ${lock.user}${lock.host === null ? '' : ` from ${lock.host}`}`
        return [
          {
            what: `Connection ${lock.connectionId}${who} holds the lock of the database.`,
            where: { database, server },
            why: lock.orphaned
              ? 'The run that opened it is dead; the server is still at its statement.'
              : 'A run is under way, or hangs: no other can begin.',
            fix: 'Wait for it; `wwdb lock status` shows what it does, `wwdb lock release` ends it.',
          },
        ]
      }),
  },
  {
    code: 'long-transaction',
    severity: 'warning',
    asks: 'Is no transaction open for long?',
    find: (facts) =>
      answering(facts).flatMap(({ label, seen }) => {
        const limit = facts.config?.doctor.longTransaction ?? 0
        return (seen.transactions ?? [])
          .filter(({ seconds }) => seconds * 1000 >= limit)
          .map(({ connectionId, user, seconds, statement }) => ({
            what: `A transaction of \`${user}\` (connection ${connectionId}) has been open for ${countOf(seconds, 'second')}.`,
            where: { server: label },
            why: `It is ${statement === null ? 'idle' : `running \`${statement}\``}: an ALTER of a table that it has read waits for it, and all others wait behind that.`,
            fix: `Ask whose it is, or end it: \`KILL ${connectionId}\`.`,
          }))
      }),
  },
]
