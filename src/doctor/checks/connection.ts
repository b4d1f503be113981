import { type Check, type Complaint, perServer, toComplaint } from '../check.ts'
import type { Facts, FailedStage, ServerFacts } from '../facts.ts'

/** The failures of one stage, each with the databases that cannot be used. */
function failuresAt(stage: FailedStage, { servers }: Facts): readonly Complaint[] {
  return servers.flatMap(({ failure, databases, label }: ServerFacts) => {
    if (failure?.stage !== stage) return []
    const complaint = toComplaint(failure.fault, 'Check the URL and the server.', { server: label })
    const lost = `Not checked: \`${databases.join('`, `')}\`.`
    return [{ ...complaint, why: complaint.why === null ? lost : `${complaint.why} ${lost}` }]
  })
}

function failure(code: string, stage: FailedStage, asks: string): Check {
  return { code, severity: 'error', asks, find: (facts) => failuresAt(stage, facts) }
}

/** Days before its end that a certificate should be renewed. */
const renewal = 30

/** From the name of a server to a session on it. */
export const connectionChecks: readonly Check[] = [
  failure('server-name', 'name', 'Is the name of every server resolved?'),
  failure('server-unreachable', 'network', 'Does every server answer?'),
  failure('server-tls-fails', 'tls', 'Does TLS work where the configuration asks for it?'),
  failure('server-tls-needed', 'no-tls', 'Is TLS used where a server or account insists on it?'),
  failure('server-busy', 'busy', 'Has every server a free connection?'),
  failure('server-login', 'login', 'Is every user let in?'),
  failure('server-unsupported', 'engine', 'Is every server a MySQL that wwdb works with?'),
  {
    code: 'server-no-tls',
    severity: 'warning',
    asks: 'Is every connection over a network encrypted?',
    find: (facts) =>
      perServer(facts, ({ remote, seen, server }) =>
        !remote || seen.encrypted
          ? null
          : {
              what: 'The connection has no TLS.',
              why: 'Passwords and all rows can be read and changed on the way.',
              fix:
                server.encryption === 'disabled'
                  ? 'Set `"tls": "required"` in the configuration.'
                  : 'Enable TLS on the server, and set `"tls": "required"`.',
            },
      ),
  },
  {
    code: 'server-unproven',
    severity: 'warning',
    asks: 'Is every server on a network proven by its certificate?',
    find: (facts) =>
      perServer(facts, ({ remote, seen, server }) =>
        !remote || !seen.encrypted || server.tls?.verify === true
          ? null
          : {
              what: 'The connection is encrypted, and the server is not proven.',
              why: 'Another machine that answers in its place would get the password.',
              fix: 'Set `"tls": {"ca": "ca.pem"}` with the authority that signed the certificate of the server.',
            },
      ),
  },
  {
    code: 'server-certificate',
    severity: 'warning',
    asks: `Is the certificate of every server valid for ${renewal} days more?`,
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const end = Date.parse(seen.status.get('ssl_server_not_after') ?? '')
        if (Number.isNaN(end) || end - facts.now > renewal * 86_400_000) return null
        const day = new Date(end).toISOString().slice(0, 10)
        return {
          what: `The certificate of the server ${end < facts.now ? 'expired' : 'expires'} on ${day}.`,
          why: 'Clients that prove the server are refused from then on.',
          fix: 'Renew it, then run `ALTER INSTANCE RELOAD TLS`.',
        }
      }),
  },
  {
    code: 'server-connections',
    severity: 'warning',
    asks: 'Are a fifth of the connections of every server free?',
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const used = Number(seen.status.get('threads_connected'))
        const most = Number(seen.variables.get('max_connections'))
        return used <= most * 0.8
          ? null
          : {
              what: `${used} of ${most} connections are in use.`,
              why: 'A run opens two for each database, and more for shards.',
              fix: 'Raise `max_connections`, or close unused connections.',
            }
      }),
  },
  {
    code: 'server-lock',
    severity: 'error',
    asks: 'Does GET_LOCK work through all that is between?',
    find: ({ servers }) =>
      servers.flatMap(({ label, seen }) =>
        seen === null || seen.lock === null
          ? []
          : [
              toComplaint(
                { ...seen.lock, what: 'GET_LOCK does not belong to the connection that took it.' },
                'Connect to the server itself.',
                { server: label },
              ),
            ],
      ),
  },
  {
    code: 'schema-missing',
    severity: 'warning',
    asks: 'Does the schema of every database exist?',
    find: ({ servers }) =>
      servers.flatMap(({ label, seen }) =>
        (seen?.schemas ?? [])
          .filter(({ exists }) => !exists)
          .map(({ database, schema }) => ({
            what: `The schema \`${schema}\` does not exist, or the user may not see it.`,
            where: { database, server: label },
            why: null,
            fix: 'Run `wwdb db create`, or correct the prefix or schema in the configuration.',
          })),
      ),
  },
  {
    code: 'schema-charset',
    severity: 'warning',
    asks: 'Is the character set of every schema utf8mb4?',
    find: ({ servers }) =>
      servers.flatMap(({ label, seen }) =>
        (seen?.schemas ?? [])
          .filter(({ charset }) => charset !== null && charset !== 'utf8mb4')
          .map(({ database, schema, charset }) => ({
            what: `The character set of the schema \`${schema}\` is ${charset}.`,
            where: { database, server: label },
            why: 'Tables made without one of their own cannot hold every character.',
            fix: `Run \`ALTER DATABASE \`${schema}\` CHARACTER SET utf8mb4\`; tables that exist keep theirs.`,
          })),
      ),
  },
]
