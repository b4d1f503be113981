import { formatSize } from '../../core/size.ts'
import { answering, type Check } from '../check.ts'
import { isOff, isOn, mebi, setting } from '../setting.ts'

/** Settings of a server that clients and runs meet. Each is a global variable by MySQL's manual. */
export const settingChecks: readonly Check[] = [
  setting({
    code: 'read-only',
    severity: 'error',
    variable: 'read_only',
    asks: { en: 'Does every server accept writes?', zh: '每台服务器是否接受写入？' },
    hurts: isOn,
    why: {
      en: 'It is a replica, a secondary, or out of service: no run can change anything there.',
      zh: '它是从库，或已停止服务：任何运行都无法在那里做改动。',
    },
    fix: { en: 'Point the URL at the server that accepts writes.', zh: '请让 URL 指向接受写入的服务器。' },
  }),
  setting({
    code: 'sql-mode',
    variable: 'sql_mode',
    asks: { en: 'Is `sql_mode` strict?', zh: '`sql_mode` 是否为严格模式？' },
    hurts: (value) => !/STRICT_(?:TRANS|ALL)_TABLES/.test(value),
    why: {
      en: 'Values that do not fit are truncated without an error, for every client that does not set its own mode. wwdb sets its own.',
      zh: '对不自行设置模式的客户端，放不下的值会被截断而不报错。wwdb 会设置自己的模式。',
    },
    fix: {
      en: 'Add STRICT_TRANS_TABLES to `sql_mode` of the server.',
      zh: '请在服务器的 `sql_mode` 中加入 STRICT_TRANS_TABLES。',
    },
  }),
  setting({
    code: 'innodb-strict-mode',
    variable: 'innodb_strict_mode',
    asks: { en: 'Is innodb_strict_mode on?', zh: 'innodb_strict_mode 是否打开？' },
    hurts: isOff,
    why: {
      en: 'A table option that InnoDB does not support, or a row that is too long, is only a warning.',
      zh: 'InnoDB 无法满足的表选项或过长的行只会产生警告。',
    },
    fix: { en: 'Set `innodb_strict_mode = ON`.', zh: '请设置 `innodb_strict_mode = ON`。' },
  }),
  setting({
    code: 'timestamp-defaults',
    variable: 'explicit_defaults_for_timestamp',
    asks: { en: 'Is explicit_defaults_for_timestamp on?', zh: 'explicit_defaults_for_timestamp 是否打开？' },
    hurts: isOff,
    why: {
      en: 'A TIMESTAMP column becomes NOT NULL with ON UPDATE CURRENT_TIMESTAMP although its definition has neither.',
      zh: 'TIMESTAMP 列即使定义中没有写，也会成为 NOT NULL 并带 ON UPDATE CURRENT_TIMESTAMP。',
    },
    fix: { en: 'Set `explicit_defaults_for_timestamp = ON`.', zh: '请设置 `explicit_defaults_for_timestamp = ON`。' },
  }),
  setting({
    code: 'packet-size',
    variable: 'max_allowed_packet',
    asks: { en: 'Does every server accept packets of 16 MiB?', zh: '每台服务器是否接受 16 MiB 的数据包？' },
    hurts: (value) => Number(value) < 16 * mebi,
    show: (value) => formatSize(Number(value)),
    why: {
      en: 'Long statements, seeds and rows of archives are refused (error 1153).',
      zh: '较长的语句、基础数据和归档的行会被拒绝（错误 1153）。',
    },
    fix: { en: 'Set `max_allowed_packet = 64M`, the default.', zh: '请设置 `max_allowed_packet = 64M`，即默认值。' },
  }),
  setting({
    code: 'wait-timeout',
    variable: 'wait_timeout',
    asks: { en: 'Do idle connections stay open for at least ten minutes?', zh: '空闲连接能否保持十分钟？' },
    hurts: (value) => Number(value) < 600,
    show: (value) => `${value} s`,
    why: {
      en: 'The connection that holds the lock of a run is idle while shards are changed on other connections; the server would close it.',
      zh: '在其他连接修改分表期间，持有运行锁的连接处于空闲；服务器会断开它。',
    },
    fix: {
      en: 'Set `wait_timeout = 28800`, the default, or at least 600.',
      zh: '请设置 `wait_timeout = 28800`，即默认值，至少 600。',
    },
  }),
  {
    code: 'lower-case-names',
    severity: 'error',
    asks: {
      en: 'Is `lower_case_table_names` the same on all servers?',
      zh: '所有服务器的 `lower_case_table_names` 是否相同？',
    },
    find: (facts) => {
      const servers = answering(facts)
      const values = new Map(servers.map(({ label, seen }) => [label, seen.variables.get('lower_case_table_names')]))
      if (new Set(values.values()).size < 2) return []
      const each = [...values].map(([label, value]) => `${label} has ${value}`)
      return [
        {
          what: '`lower_case_table_names` differs between the servers.',
          where: {},
          why: `${each.join('; ')}. A statement that works on one server does not find its table on another.`,
          fix: 'It can only be set when a server is initialized: move the databases of one to a server like the others.',
          zh: {
            what: '各服务器的 `lower_case_table_names` 不同。',
            why: `${[...values].map(([label, value]) => `${label} 为 ${value}`).join('；')}。在一台上可行的语句，在另一台上会找不到表。`,
            fix: '它只能在初始化服务器时设置：请把其中一台的库移到与其他服务器相同的服务器上。',
          },
        },
      ]
    },
  },
  setting({
    code: 'default-engine',
    variable: 'default_storage_engine',
    asks: { en: 'Is InnoDB the default engine?', zh: '默认引擎是否为 InnoDB？' },
    hurts: (value) => value !== 'InnoDB',
    why: {
      en: 'A table that other clients create without ENGINE is not transactional, and an interrupted statement on it cannot be rolled back.',
      zh: '由 wwdb 之外的程序创建、且没有写 ENGINE 的表不支持事务，其上被中断的语句无法撤销。',
    },
    fix: { en: 'Set `default_storage_engine = InnoDB`.', zh: '请设置 `default_storage_engine = InnoDB`。' },
  }),
  setting({
    code: 'default-charset',
    variable: 'character_set_server',
    asks: { en: 'Is utf8mb4 the default character set?', zh: '默认字符集是否为 utf8mb4？' },
    hurts: (value) => value !== 'utf8mb4',
    why: {
      en: 'A schema that is created without a character set cannot store every character. wwdb creates its own with utf8mb4.',
      zh: '未指定字符集而创建的库无法保存所有字符。wwdb 创建的库使用 utf8mb4。',
    },
    fix: { en: 'Set `character_set_server = utf8mb4`.', zh: '请设置 `character_set_server = utf8mb4`。' },
  }),
  setting({
    code: 'isolation',
    variable: 'transaction_isolation',
    asks: { en: 'Do clients read only committed rows without locking them?', zh: '客户端是否只读取已提交的内容？' },
    hurts: (value) => value === 'READ-UNCOMMITTED' || value === 'SERIALIZABLE',
    why: {
      en: 'READ UNCOMMITTED shows rows that may be rolled back; SERIALIZABLE makes every SELECT lock the rows that it reads.',
      zh: 'READ UNCOMMITTED 会读到可能被撤销的行；SERIALIZABLE 让每个 SELECT 都锁住所读的行。',
    },
    fix: {
      en: 'Set `transaction_isolation = REPEATABLE-READ`, the default, or READ-COMMITTED.',
      zh: '请设置 `transaction_isolation = REPEATABLE-READ`，即默认值，或 READ-COMMITTED。',
    },
  }),
]
