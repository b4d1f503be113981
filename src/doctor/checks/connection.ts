import { type Check, type Complaint, perServer, toComplaint } from '../check.ts'
import type { Facts, FailedStage, MissingKeyspace, ServerFacts } from '../facts.ts'

/** What is wrong at each stage, in Chinese, and how to fix it. */
const stages: Readonly<Record<FailedStage, { readonly what: string; readonly fix: string }>> = {
  name: { what: '服务器的主机名无法解析。', fix: '请检查 URL 中的主机名和 DNS。' },
  network: { what: '无法连接服务器。', fix: '请检查服务器是否在运行，以及 URL 中的地址、端口和网络。' },
  tls: { what: '与服务器的 TLS 连接失败。', fix: '请检查配置中的证书，以及服务器的 TLS 设置。' },
  'no-tls': { what: '服务器或账户强制要求 TLS，而配置禁用了它。', fix: '请在配置中启用 TLS。' },
  busy: { what: '服务器没有空闲的连接数。', fix: '请关闭不用的连接，或调大 max_connections。' },
  login: { what: '服务器拒绝了登录。', fix: '请检查用户名和密码，以及该账户允许登录的主机。' },
  engine: { what: '服务器不是 wwdb 支持的 MySQL。', fix: '请改用 wwdb 支持的 MySQL 版本。' },
}

/** The failures of one stage, each with the databases that cannot be used. */
function failuresAt(stage: FailedStage, { servers }: Facts): readonly Complaint[] {
  return servers.flatMap(({ failure, databases, label }: ServerFacts) => {
    if (failure?.stage !== stage) return []
    const complaint = toComplaint(
      failure.fault,
      stages[stage].what,
      { en: 'Check the URL and the server.', zh: stages[stage].fix },
      { server: label },
    )
    const lost = { en: `Not checked: \`${databases.join('`, `')}\`.`, zh: `未检查：\`${databases.join('`、`')}\`。` }
    const withLost = (why: string | null, text: string): string => (why === null ? text : `${why} ${text}`)
    const zh = { ...complaint.zh, why: withLost(complaint.zh.why, lost.zh) }
    return [{ ...complaint, why: withLost(complaint.why, lost.en), zh }]
  })
}

function failure(code: string, stage: FailedStage, en: string, zh: string): Check {
  return { code, severity: 'error', asks: { en, zh }, find: (facts) => failuresAt(stage, facts) }
}

function noKeyspace({ database, keyspace }: MissingKeyspace, server: string): Complaint {
  const what = `The keyspace \`${keyspace}\` does not exist.`
  return {
    ...{
      what,
      where: { database, server },
      why: `The journal, the lease and the files of \`${database}\` were not checked.`,
    },
    fix: 'Create it with `vtctldclient CreateKeyspace` and its shards, or correct the prefix or schema in the configuration.',
    zh: {
      what: `keyspace \`${keyspace}\` 不存在。`,
      why: `没有检查 \`${database}\` 的日志表、租约和文件。`,
      fix: '请用 `vtctldclient CreateKeyspace` 创建它及其 shard，或改正配置中的前缀或库名。',
    },
  }
}

/** Days before its end that a certificate should be renewed. */
const renewal = 30

/** From the name of a server to a session on it. */
export const connectionChecks: readonly Check[] = [
  failure('server-name', 'name', 'Does the host name of every server resolve?', '每台服务器的主机名能否解析？'),
  failure('server-unreachable', 'network', 'Is every server reachable?', '每台服务器是否应答？'),
  failure(
    'server-tls-fails',
    'tls',
    'Does TLS work where the configuration requires it?',
    '配置要求 TLS 之处，TLS 能否使用？',
  ),
  failure(
    'server-tls-needed',
    'no-tls',
    'Is TLS used where a server or account requires it?',
    '服务器或账户强制要求 TLS 之处，是否使用了 TLS？',
  ),
  failure('server-busy', 'busy', 'Does every server have a free connection?', '每台服务器是否还有空闲的连接数？'),
  failure('server-login', 'login', 'Can every user log in?', '每个用户能否登录？'),
  failure(
    'server-unsupported',
    'engine',
    'Does wwdb support the MySQL version of every server?',
    '每台服务器是否都是 wwdb 支持的 MySQL？',
  ),
  {
    code: 'server-no-tls',
    severity: 'warning',
    asks: { en: 'Is every connection over a network encrypted?', zh: '经过网络的连接是否都已加密？' },
    find: (facts) =>
      perServer(facts, ({ remote, seen, server }) =>
        !remote || seen.encrypted
          ? null
          : {
              what: 'The connection does not use TLS.',
              why: 'Passwords and all rows can be read and changed in transit.',
              fix:
                server.encryption === 'disabled'
                  ? 'Set `"tls": "required"` in the configuration.'
                  : 'Enable TLS on the server, and set `"tls": "required"`.',
              zh: {
                what: '该连接没有使用 TLS。',
                why: '密码和所有数据都可能在途中被读取和篡改。',
                fix:
                  server.encryption === 'disabled'
                    ? '请在配置中设置 `"tls": "required"`。'
                    : '请在服务器上启用 TLS，并设置 `"tls": "required"`。',
              },
            },
      ),
  },
  {
    code: 'server-unproven',
    severity: 'warning',
    asks: {
      en: 'Is the certificate of every remote server verified?',
      zh: '每台远程服务器的证书是否都经过验证？',
    },
    find: (facts) =>
      perServer(facts, ({ remote, seen, server }) =>
        !remote || !seen.encrypted || server.tls?.verify === true
          ? null
          : {
              what: 'The connection is encrypted, but the certificate of the server is not verified.',
              why: 'Another machine that answers in its place would receive the password.',
              fix: 'Set `"tls": {"ca": "ca.pem"}` with the CA that signed the certificate of the server.',
              zh: {
                what: '连接已加密，但没有验证服务器的证书。',
                why: '冒充服务器应答的机器会得到密码。',
                fix: '请设置 `"tls": {"ca": "ca.pem"}`，填入签发服务器证书的 CA。',
              },
            },
      ),
  },
  {
    code: 'server-certificate',
    severity: 'warning',
    asks: {
      en: `Is the certificate of every server valid for at least ${renewal} more days?`,
      zh: `每台服务器的证书是否至少还有 ${renewal} 天有效期？`,
    },
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const end = Date.parse(seen.status.get('ssl_server_not_after') ?? '')
        if (Number.isNaN(end) || end - facts.now > renewal * 86_400_000) return null
        const day = new Date(end).toISOString().slice(0, 10)
        return {
          what: `The certificate of the server ${end < facts.now ? 'expired' : 'expires'} on ${day}.`,
          why: 'Clients that verify the certificate cannot connect from then on.',
          fix: 'Renew it, then run `ALTER INSTANCE RELOAD TLS`.',
          zh: {
            what: `服务器的证书${end < facts.now ? '已' : '将'}于 ${day} 过期。`,
            why: '从那时起，验证证书的客户端无法连接。',
            fix: '请更新证书，然后执行 `ALTER INSTANCE RELOAD TLS`。',
          },
        }
      }),
  },
  {
    code: 'server-connections',
    severity: 'warning',
    asks: {
      en: 'Is a fifth of the connections of every server free?',
      zh: '每台服务器是否还有五分之一的连接数空闲？',
    },
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const used = Number(seen.status.get('threads_connected'))
        const most = Number(seen.variables.get('max_connections'))
        return used <= most * 0.8
          ? null
          : {
              what: `${used} of ${most} connections are in use.`,
              why: 'A run opens two for each database, and more for shards.',
              fix: 'Increase `max_connections`, or close unused connections.',
              zh: {
                what: `${most} 个连接中已使用 ${used} 个。`,
                why: '一次运行会为每个库打开两个连接，处理分表时更多。',
                fix: '请调大 `max_connections`，或关闭不用的连接。',
              },
            }
      }),
  },
  {
    code: 'server-lock',
    severity: 'error',
    asks: { en: 'Does GET_LOCK work through every proxy in between?', zh: 'GET_LOCK 经过中间的代理后是否有效？' },
    find: ({ servers }) =>
      servers.flatMap(({ label, seen }) =>
        seen === null || seen.lock === null
          ? []
          : [
              toComplaint(
                { ...seen.lock, what: 'GET_LOCK is not held by the connection that acquired it.' },
                'GET_LOCK 的锁不在获取它的连接上。',
                { en: 'Connect directly to the server.', zh: '请直接连接服务器本身。' },
                { server: label },
              ),
            ],
      ),
  },
  {
    code: 'schema-missing',
    severity: 'warning',
    asks: { en: 'Does the schema of every database exist?', zh: '每个逻辑库的库（schema）是否存在？' },
    find: ({ servers }) =>
      servers.flatMap(({ label, seen, missingKeyspaces = [] }) => [
        ...missingKeyspaces.map((one) => noKeyspace(one, label)),
        ...(seen?.schemas ?? [])
          .filter(({ exists }) => !exists)
          .map(({ database, schema }) => ({
            what: `The schema \`${schema}\` does not exist, or the user cannot see it.`,
            where: { database, server: label },
            why: null,
            fix: 'Run `wwdb db create`, or correct the prefix or schema in the configuration.',
            zh: {
              what: `库 \`${schema}\` 不存在，或该用户看不到它。`,
              why: null,
              fix: '请执行 `wwdb db create`，或改正配置中的前缀或库名。',
            },
          })),
      ]),
  },
  {
    code: 'schema-charset',
    severity: 'warning',
    asks: { en: 'Is the character set of every schema utf8mb4?', zh: '每个库的字符集是否为 utf8mb4？' },
    find: ({ servers }) =>
      servers.flatMap(({ label, seen }) =>
        (seen?.schemas ?? [])
          .filter(({ charset }) => charset !== null && charset !== 'utf8mb4')
          .map(({ database, schema, charset }) => ({
            what: `The character set of the schema \`${schema}\` is ${charset}.`,
            where: { database, server: label },
            why: 'Tables created without a character set of their own cannot store every character.',
            fix: `Run \`ALTER DATABASE \`${schema}\` CHARACTER SET utf8mb4\`; existing tables keep theirs.`,
            zh: {
              what: `库 \`${schema}\` 的字符集是 ${charset}。`,
              why: '未指定字符集的新表无法保存所有字符。',
              fix: `请执行 \`ALTER DATABASE \`${schema}\` CHARACTER SET utf8mb4\`；已有的表保持原来的字符集。`,
            },
          })),
      ),
  },
]
