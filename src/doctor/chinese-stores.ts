import type { StoreFinding } from '../stores/find-drift.ts'
import type { Said } from './check.ts'

/** What stores say in English, with `{}` for what they fill in, and the same in Chinese. A text that is not here stays as it is. */
const texts: readonly (readonly [english: string, chinese: string])[] = [
  // What is checked.
  ['every node answers', '每个节点都有应答'],
  ['every primary accepts writes', '每个主节点都能写入'],
  ['keys can be read', '能够读取键'],
  ['snapshots and append-only files are written', '快照和 AOF 文件正常写入'],
  ['settings survive a restart', '设置在重启后仍然有效'],
  ['every node reports that the cluster is up', '每个节点都报告集群可用'],
  ['all 16,384 slots are served', '16,384 个槽全部有节点负责'],
  ['the nodes agree on the slot assignment', '各节点的槽分布一致'],
  ['no slot is migrating', '没有正在迁移的槽'],
  ['every node knows all other nodes and considers them healthy', '每个节点都认识其他节点，并认为它们正常'],
  ['every primary has its replicas', '每个主节点都有从节点'],
  ['replicas are on other hosts than their primaries', '从节点与主节点不在同一主机'],
  ['every key belongs to a declared family', '每个键都属于已声明的键族'],
  ['keys have the declared types', '键的类型与声明一致'],
  ['keys that should expire have a TTL', '应过期的键都有 TTL'],
  ['no key lives longer than declared', '没有键的 TTL 超过声明'],
  ['users have no more permissions than applications need', '用户的权限不超过应用所需'],
  ['no client can connect without a password', '没有密码的客户端不能访问'],
  ['a document written with majority is read everywhere', '以 majority 写入的文档在各成员上都能读到'],
  ['access control is on', '已启用访问控制'],
  ['all members have the same configuration', '所有成员的配置一致'],
  ['one more member may fail', '还能再容忍一个成员失效'],
  ['there is one primary', '有且只有一个主节点'],
  ['{} answers', '{} 有应答'],
  ['declared users sign in', '已声明的用户可以登录'],
  ['every data stream and alias accepts writes', '每个数据流和别名都能写入'],
  ['lifecycle management runs', '生命周期管理（ILM）正在运行'],
  ['new indices match the declaration', '新建索引与声明一致'],
  ['the cluster is healthy', '集群健康'],
  ['a Chinese sentence is found ({})', '能搜索到中文句子（{}）'],
  ['the server is healthy', '服务器健康'],
  ['task {} runs', '任务 {} 正常运行'],
  ['bucket {} keeps points longer than task {} reads back', 'bucket {} 的保留期长于任务 {} 的回溯时间'],
  ['points arrive in {}', '数据点写入了 {}'],
  // What to do.
  ['Start the listed nodes, or repair the network to them.', '请启动所列节点，或修复到它们的网络。'],
  ['Look at the checks of the listed nodes.', '请查看所列节点的检查结果。'],
  ['Look at the checks of the listed nodes, and verify again.', '请查看所列节点的检查结果，然后再次验证。'],
  [
    'The reason is in the log of the node: a full disk, a folder that is not writable, or too little memory to fork.',
    '原因见该节点的日志：磁盘已满、目录不可写，或内存不足以 fork。',
  ],
  [
    'Start it with a configuration file: `redis-server /path/redis.conf`.',
    '请用配置文件启动：`redis-server /path/redis.conf`。',
  ],
  [
    'Look at the slots and nodes below; the cluster is up again once all slots are served.',
    '请查看槽和节点的检查结果；所有槽都有节点负责后，集群即恢复服务。',
  ],
  [
    'Wait a few seconds and retry; nodes that still disagree cannot reach each other.',
    '请等几秒后再检查；仍不一致的节点之间网络不通。',
  ],
  [
    'Let the migration finish; if it was interrupted, finish it with `redis-cli --cluster fix` after checking its keys.',
    '请等待迁移完成；若迁移已中断，确认相关的键之后用 `redis-cli --cluster fix` 完成。',
  ],
  [
    'Restart the replica or repair its link; `wwdb setup plan --only redis` shows other options.',
    '请恢复该从节点或修复其复制连接；`wwdb setup plan --only redis` 会给出其他办法。',
  ],
  [
    'Restart the node that served them, or wait until its replica has taken over.',
    '请恢复负责这些槽的节点，或等待其从节点接管。',
  ],
  [
    'Start the listed nodes; remove one that is permanently gone with CLUSTER FORGET on every node.',
    '请启动所列节点；已永久下线的节点，请在每个节点上用 CLUSTER FORGET 移除。',
  ],
  [
    'Run `wwdb setup plan --only redis`: it shows whether they can be placed on different hosts.',
    '请执行 `wwdb setup plan --only redis`，查看能否分散到不同主机。',
  ],
  ['Declare the family, or find out what writes these keys.', '请声明该键族，或查明是谁写入了这些键。'],
  [
    'Find out what writes them: commands for the declared type fail on them.',
    '请查明是谁写入的：对它们执行所声明类型的命令会失败。',
  ],
  [
    'Set the TTL where the key is written; keys without a TTL stay forever.',
    '请在写入键的代码中设置 TTL；没有 TTL 的键会一直保留。',
  ],
  [
    'Shorten the TTL where the key is written, or declare the longer one.',
    '请在写入键的代码中缩短 TTL，或声明更长的 TTL。',
  ],
  [
    'Remove the permissions with `-@admin` and `-@dangerous` at the end of its commands, and name its key families.',
    '请在其命令列表末尾加上 `-@admin` 和 `-@dangerous` 收回权限，并指定其键族。',
  ],
  [
    'Set a password for the user default (requirepass and masterauth), or disable it once nobody uses it.',
    '请为用户 default 设置密码（requirepass 和 masterauth），或在无人使用后将其停用。',
  ],
  [
    'Choose volatile-lru, volatile-lfu or noeviction, or keep caches in a separate Redis.',
    '请选用 volatile-lru、volatile-lfu 或 noeviction，或把缓存放在单独的 Redis 中。',
  ],
  [
    'Keep memory well below maxmemory, or keep caches in a separate Redis.',
    '请让内存用量远低于 maxmemory，或把缓存放在单独的 Redis 中。',
  ],
  ['Find out what slows it down.', '请查明它变慢的原因。'],
  [
    'Start every member with the same keyFile; not needed on your own machine.',
    '请用同一个 keyFile 启动所有成员；在本机自用时可以不设。',
  ],
  ['Find out what the server is busy with, then retry.', '请查明服务器在忙什么，然后重试。'],
  ['Fix the cause, then run `wwdb setup verify` again.', '请消除原因，然后再次执行 `wwdb setup verify`。'],
  ['Run `wwdb setup verify` again.', '请再次执行 `wwdb setup verify`。'],
  [
    'Compare the script of task `{}` with its declaration: run `wwdb setup plan`.',
    '请比较任务 `{}` 的脚本与其声明：执行 `wwdb setup plan`。',
  ],
  ['Start the missing members.', '请启动缺失的成员。'],
  ['Start it; it catches up automatically.', '请启动该成员；它会自动追上。'],
  ['Wait until it has caught up; otherwise check its log.', '请等待它追上；否则查看其日志。'],
  ['Correct the list of members.', '请修正成员列表。'],
  ['A majority of the voting members must run and reach each other.', '有投票权的成员中，多数必须在运行且互相可达。'],
  ['Bring the members online first.', '请先恢复各成员。'],
  ['Retry in a few seconds.', '请几秒后重试。'],
  ['Find out why these members lag behind.', '请查明这些成员延迟的原因。'],
  ['Fix the cause that the reason names.', '请按原因中的提示处理。'],
  [
    'Some data cannot be read: see GET _cluster/allocation/explain.',
    '部分数据无法读取：请查看 GET _cluster/allocation/explain。',
  ],
  ['With one node, replicas cannot be assigned.', '只有一个节点，没有位置放置副本。'],
  [
    'Some replicas are unassigned: see GET _cluster/allocation/explain.',
    '部分副本无法分配：请查看 GET _cluster/allocation/explain。',
  ],
  ['Start it with POST _ilm/start.', '请用 POST _ilm/start 启动。'],
  ['Fix the cause, then run POST <index>/_ilm/retry.', '请消除原因，然后执行 POST <index>/_ilm/retry。'],
  ['Check the analyzers with POST _analyze.', '请用 POST _analyze 检查分词器。'],
  ['Fix the cause; the next run catches up on {}.', '请消除原因；下一次运行会补上 {}。'],
  ['Check the log of the server: its scheduler does not start the task.', '请查看服务器日志：调度器没有启动该任务。'],
  [
    'Keep the points of `{}` longer, or make `{}` read back less far.',
    '请延长 `{}` 中数据点的保留期，或缩短 `{}` 的回溯时间。',
  ],
  ['Declare it active to downsample points.', '如需降采样，请在声明中将其设为启用。'],
  ['Run `wwdb {}`.', '请执行 `wwdb {}`。'],
]

/** A regular expression for each English text; texts without `{}` first, as `{} answers` fits others, too. */
const patterns = texts
  .toSorted(([one], [other]) => Number(one.includes('{}')) - Number(other.includes('{}')))
  .map(([english, chinese]) => ({
    pattern: new RegExp(`^${english.split('{}').map(escapePattern).join('(.*)')}$`),
    chinese,
  }))

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** The text in Chinese; the text itself where no one has written it in Chinese. */
export function inChinese(text: string): string {
  for (const { pattern, chinese } of patterns) {
    const found = pattern.exec(text)
    if (found === null) continue
    const filled = found.slice(1)
    return chinese.replaceAll('{}', () => filled.shift() ?? '')
  }
  return text
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['bucket', 'bucket'],
  ['cluster', '集群'],
  ['cluster node', '集群节点'],
  ['collection', '集合'],
  ['component template', '组件模板'],
  ['data stream', '数据流'],
  ['index', '索引'],
  ['index template', '索引模板'],
  ['lifecycle policy', '生命周期策略'],
  ['mapping', '映射'],
  ['node', '节点'],
  ['organization', '组织'],
  ['replica set', '副本集'],
  ['replica set member', '副本集成员'],
  ['role', '角色'],
  ['setting', '设置项'],
  ['task', '任务'],
  ['token', '令牌'],
  ['user', '用户'],
  ['validator', '校验规则'],
  ['write alias', '写入别名'],
  ['write index', '写入索引'],
])

const states: Readonly<Record<string, string>> = {
  STORE_MISSING: '不存在',
  STORE_DRIFT: '与声明不一致',
  STORE_SURPLUS: '存在，而声明要求删除它',
  STORE_UNDECLARED: '存在，但没有文件声明它',
  STORE_NOT_COMPARED: '未能比较',
}

/** What comparing a store with its declaration found. Names, values and what a server says stay as they are. */
export function findingInChinese({ code, store, resource, what, next }: StoreFinding, why: string | null): Said {
  const state = states[code]
  if (state === undefined) return { what, why, fix: next }
  const allow = /--allow ([\w-]+)/.exec(next)?.[1]
  const meant = allow === undefined ? '' : `（前提是确认接受该损失：${allow}）`
  const apply = `请先查看 \`wwdb setup plan --only ${store}\`，再执行 \`wwdb setup apply --only ${store}${allow === undefined ? '' : ` --allow ${allow}`}\`${meant}。`
  return {
    what: `${kinds.get(resource.kind) ?? resource.kind} \`${resource.name}\` ${state}。`,
    why,
    fix: next.startsWith('Look at `wwdb setup plan') ? apply : inChinese(next),
  }
}
