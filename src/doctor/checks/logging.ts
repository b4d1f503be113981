import { formatSize } from '../../core/size.ts'
import { type AnsweringServer, type Check, perServer } from '../check.ts'
import { isOff, isOn, mebi, setting } from '../setting.ts'

const writesBinlog = ({ seen }: AnsweringServer): boolean => isOn(seen.variables.get('log_bin') ?? '')
const replicates = ({ seen }: AnsweringServer): boolean =>
  (seen.channels ?? []).length > 0 ||
  (seen.members ?? []).length > 0 ||
  Number(seen.status.get('replica_open_temp_tables') ?? 0) > 0

/** Settings for what a server logs besides its data: logs, files, and data about its sessions. */
export const loggingChecks: readonly Check[] = [
  setting({
    code: 'binlog-off',
    variable: 'log_bin',
    asks: { en: 'Is the binary log enabled?', zh: '是否写入二进制日志？' },
    hurts: isOff,
    why: {
      en: 'Point-in-time recovery and replication are impossible.',
      zh: '备份无法恢复到指定时间点，也无法有从库。',
    },
    fix: { en: 'Remove `skip-log-bin` from the options of the server.', zh: '请从服务器的选项中去掉 `skip-log-bin`。' },
  }),
  setting({
    code: 'binlog-format',
    variable: 'binlog_format',
    asks: { en: 'Is the binary log in row format?', zh: '二进制日志是否按行写入？' },
    hurts: (value, server) => writesBinlog(server) && value !== 'ROW',
    why: {
      en: 'Statements with LIMIT, UUID() or triggers can have a different result on a replica.',
      zh: '含 LIMIT、UUID() 或触发器的语句，在从库上的效果可能与这里不同。',
    },
    fix: { en: 'Set `binlog_format = ROW`, the default.', zh: '请设置 `binlog_format = ROW`，即默认值。' },
  }),
  setting({
    code: 'binlog-row-image',
    variable: 'binlog_row_image',
    asks: { en: 'Does the binary log contain full rows?', zh: '二进制日志是否包含整行？' },
    hurts: (value, server) => writesBinlog(server) && value.toUpperCase() !== 'FULL',
    why: {
      en: 'Tools that read or undo changes from the log do not see the other columns.',
      zh: '从日志读取变更的程序，以及据此撤销的工具，看不到其他列。',
    },
    fix: { en: 'Set `binlog_row_image = FULL`, the default.', zh: '请设置 `binlog_row_image = FULL`，即默认值。' },
  }),
  setting({
    code: 'gtid-mode',
    variable: 'gtid_mode',
    asks: { en: 'Are GTIDs enabled?', zh: '从库和组是否使用 GTID？' },
    hurts: (value, server) => replicates(server) && value !== 'ON',
    why: {
      en: 'After a failover a replica cannot find its position by itself.',
      zh: '故障切换之后，从库无法自行找到它的位置。',
    },
    fix: {
      en: 'Set `enforce_gtid_consistency = ON`, then `gtid_mode` step by step to ON (manual, "Enabling GTID Transactions Online").',
      zh: '请设置 `enforce_gtid_consistency = ON`，再把 `gtid_mode` 逐步改为 ON（手册 "Enabling GTID Transactions Online"）。',
    },
  }),
  setting({
    code: 'online-alter-log',
    variable: 'innodb_online_alter_log_max_size',
    asks: {
      en: 'Is `innodb_online_alter_log_max_size` large enough?',
      zh: '`innodb_online_alter_log_max_size` 是否足够大？',
    },
    hurts: (value) => Number(value) < 128 * mebi,
    show: (value) => formatSize(Number(value)),
    why: {
      en: 'An online ALTER fails at its end (error 1799) if more was written to the table in the meantime.',
      zh: '若期间对表的写入超过该大小，在线 ALTER 会在结束时失败（错误 1799）。',
    },
    fix: {
      en: 'Set `innodb_online_alter_log_max_size = 128M`, the default, or more for tables with many writes.',
      zh: '请设置 `innodb_online_alter_log_max_size = 128M`，即默认值；写入频繁的表可以更大。',
    },
  }),
  setting({
    code: 'redo-durability',
    variable: 'innodb_flush_log_at_trx_commit',
    asks: { en: 'Does a committed transaction survive a crash?', zh: '已提交的事务能否经受崩溃？' },
    hurts: (value) => value !== '1',
    why: {
      en: 'After a crash the last second of the journal can be lost: statements that ran would run again.',
      zh: '崩溃之后，日志表最后一秒的内容可能丢失：执行过的语句会再次执行。',
    },
    fix: {
      en: 'Set `innodb_flush_log_at_trx_commit = 1`, the default.',
      zh: '请设置 `innodb_flush_log_at_trx_commit = 1`，即默认值。',
    },
  }),
  setting({
    code: 'binlog-durability',
    variable: 'sync_binlog',
    asks: { en: 'Does the binary log survive a crash?', zh: '二进制日志能否经受崩溃？' },
    hurts: (value, server) => writesBinlog(server) && value !== '1',
    why: {
      en: 'After a crash of the machine, replicas can have transactions that this server lost, or lack some that it has.',
      zh: '机器崩溃之后，从库可能有这台服务器丢失的内容，或缺少它有的内容。',
    },
    fix: { en: 'Set `sync_binlog = 1`, the default.', zh: '请设置 `sync_binlog = 1`，即默认值。' },
  }),
  setting({
    code: 'file-per-table',
    variable: 'innodb_file_per_table',
    asks: { en: 'Is `innodb_file_per_table` on?', zh: '是否已启用 `innodb_file_per_table`？' },
    hurts: isOff,
    why: {
      en: 'The space of dropped shards is not returned to the file system.',
      zh: '删除分表之后，空间不会归还给磁盘。',
    },
    fix: {
      en: 'Set `innodb_file_per_table = ON`, the default; existing tables need a rebuild.',
      zh: '请设置 `innodb_file_per_table = ON`，即默认值；已有的表需要重建。',
    },
  }),
  setting({
    code: 'performance-schema',
    variable: 'performance_schema',
    asks: { en: 'Is the Performance Schema on?', zh: '服务器是否知道谁在等谁？' },
    hurts: isOff,
    why: {
      en: 'wwdb cannot see who blocks a statement, nor the progress of an ALTER.',
      zh: '无法看到谁阻塞了语句，也看不到 ALTER 的进度。',
    },
    fix: {
      en: 'Set `performance_schema = ON`, the default, and restart the server.',
      zh: '请设置 `performance_schema = ON`，即默认值，并重启服务器。',
    },
  }),
  {
    code: 'statement-stages',
    severity: 'warning',
    asks: { en: 'Does the server show the progress of an ALTER?', zh: '服务器是否显示 ALTER 的进度？' },
    find: (facts) =>
      perServer(facts, ({ seen }) =>
        seen.stages === false && !isOff(seen.variables.get('performance_schema') ?? '')
          ? {
              what: 'The consumer `events_stages_current` is off.',
              why: 'A long ALTER or index build shows neither a percentage nor the time left.',
              fix: "Run `UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'`, and start the server with `performance-schema-consumer-events-stages-current = ON`.",
              zh: {
                what: '消费者 `events_stages_current` 已关闭。',
                why: '耗时的 ALTER 或索引的创建，既不显示百分比，也不显示剩余时间。',
                fix: "请执行 `UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'`，并以 `performance-schema-consumer-events-stages-current = ON` 启动服务器。",
              },
            }
          : null,
      ),
  },
  setting({
    code: 'general-log',
    variable: 'general_log',
    asks: { en: 'Is the general log off?', zh: '通用日志是否关闭？' },
    hurts: isOn,
    why: {
      en: 'Every statement is written to a file, including those with passwords and personal data.',
      zh: '每条语句都写入文件，包括含密码和个人数据的语句。',
    },
    fix: {
      en: 'Set `general_log = OFF` when you no longer need it.',
      zh: '查明问题之后，请设置 `general_log = OFF`。',
    },
  }),
  {
    code: 'function-creators',
    severity: 'warning',
    asks: {
      en: 'Can migrations create functions and triggers while the binary log is enabled?',
      zh: '写入二进制日志时，迁移能否创建函数和触发器？',
    },
    find: (facts) =>
      perServer(facts, (server) =>
        facts.project.makesFunctions &&
        writesBinlog(server) &&
        isOff(server.seen.variables.get('log_bin_trust_function_creators') ?? '') &&
        !server.seen.account.grants.some((line) => /\bSUPER\b|ALL PRIVILEGES ON \*\.\*/.test(line))
          ? {
              what: '`log_bin_trust_function_creators` is OFF, but migrations create functions or triggers.',
              why: 'The server refuses to create them for an account without SUPER (error 1419).',
              fix: 'Set `log_bin_trust_function_creators = ON`; this is safe with a row-based binary log.',
              zh: {
                what: '`log_bin_trust_function_creators` 为 OFF，而迁移要创建函数或触发器。',
                why: '对没有 SUPER 的账户，服务器拒绝创建（错误 1419）。',
                fix: '请设置 `log_bin_trust_function_creators = ON`；二进制日志按行写入时，这样做没有损失。',
              },
            }
          : null,
      ),
  },
]
