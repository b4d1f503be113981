import { countOf } from '../../core/plural.ts'
import { formatSize } from '../../core/size.ts'
import { type AnsweringServer, answering, type Check, perServer } from '../check.ts'

/** A global variable that should have another value. */
interface Setting {
  readonly code: string
  readonly severity?: Check['severity']
  readonly variable: string
  readonly asks: string
  /** True where the value hurts. A server without the variable is never asked. */
  readonly hurts: (value: string, server: AnsweringServer) => boolean
  /** How the value is written for people. Default: as it is. */
  readonly show?: (value: string) => string
  /** Sentences. */
  readonly why: string
  readonly fix: string
}

function setting({ code, severity = 'warning', variable, asks, hurts, show = String, why, fix }: Setting): Check {
  return {
    code,
    severity,
    asks,
    find: (facts) =>
      perServer(facts, (server) => {
        const value = server.seen.variables.get(variable)
        if (value === undefined || !hurts(value, server)) return null
        return { what: `\`${variable}\` is ${value === '' ? 'empty' : show(value)}.`, why, fix }
      }),
  }
}

const isOff = (value: string): boolean => /^(?:OFF|0)$/i.test(value)
const isOn = (value: string): boolean => /^(?:ON|1)$/i.test(value)
const writesBinlog = ({ seen }: AnsweringServer): boolean => isOn(seen.variables.get('log_bin') ?? '')
const replicates = ({ seen }: AnsweringServer): boolean =>
  (seen.channels ?? []).length > 0 ||
  (seen.members ?? []).length > 0 ||
  Number(seen.status.get('replica_open_temp_tables') ?? 0) > 0
const mebi = 1024 ** 2

/** Settings of a server that hurt migrations, shards or what they promise. Each is a global variable by MySQL's manual. */
export const settingChecks: readonly Check[] = [
  setting({
    code: 'read-only',
    severity: 'error',
    variable: 'read_only',
    asks: 'Does every server accept writes?',
    hurts: isOn,
    why: 'It is a secondary, or was taken out of service: no run can change anything there.',
    fix: 'Point the URL at the server that accepts writes.',
  }),
  setting({
    code: 'sql-mode',
    variable: 'sql_mode',
    asks: 'Have clients a strict sql_mode?',
    hurts: (value) => !/STRICT_(?:TRANS|ALL)_TABLES/.test(value),
    why: 'Values that do not fit are cut without an error, for every client that sets no mode of its own. wwdb sets its own.',
    fix: 'Add STRICT_TRANS_TABLES to `sql_mode` of the server.',
  }),
  setting({
    code: 'innodb-strict-mode',
    variable: 'innodb_strict_mode',
    asks: 'Is innodb_strict_mode on?',
    hurts: isOff,
    why: 'A table option that InnoDB cannot keep, or a row that is too long, is only a warning.',
    fix: 'Set `innodb_strict_mode = ON`.',
  }),
  setting({
    code: 'timestamp-defaults',
    variable: 'explicit_defaults_for_timestamp',
    asks: 'Is explicit_defaults_for_timestamp on?',
    hurts: isOff,
    why: 'A TIMESTAMP column becomes NOT NULL with ON UPDATE CURRENT_TIMESTAMP where its definition has neither.',
    fix: 'Set `explicit_defaults_for_timestamp = ON`.',
  }),
  setting({
    code: 'packet-size',
    variable: 'max_allowed_packet',
    asks: 'Does every server take packets of 16 MiB?',
    hurts: (value) => Number(value) < 16 * mebi,
    show: (value) => formatSize(Number(value)),
    why: 'Long statements, seeds and rows of archives are refused (error 1153).',
    fix: 'Set `max_allowed_packet = 64M`, the default.',
  }),
  setting({
    code: 'wait-timeout',
    variable: 'wait_timeout',
    asks: 'Do idle connections live for ten minutes?',
    hurts: (value) => Number(value) < 600,
    show: (value) => `${value} s`,
    why: 'The connection that holds the lock of a run is idle while shards are changed on others; the server would end it.',
    fix: 'Set `wait_timeout = 28800`, the default, or at least 600.',
  }),
  {
    code: 'lower-case-names',
    severity: 'error',
    asks: 'Do all servers treat capitals in names of tables alike?',
    find: (facts) => {
      const servers = answering(facts)
      const values = new Map(servers.map(({ label, seen }) => [label, seen.variables.get('lower_case_table_names')]))
      if (new Set(values.values()).size < 2) return []
      const each = [...values].map(([label, value]) => `${label} has ${value}`)
      return [
        {
          what: '`lower_case_table_names` differs between the servers.',
          where: {},
          why: `${each.join('; ')}. What works on one does not find its table on the other.`,
          fix: 'It can only be set when a server is initialized: move the databases of one to a server like the others.',
        },
      ]
    },
  },
  setting({
    code: 'default-engine',
    variable: 'default_storage_engine',
    asks: 'Is InnoDB the default engine?',
    hurts: (value) => value !== 'InnoDB',
    why: 'A table without ENGINE has no transactions, and an interrupted statement on it cannot be undone.',
    fix: 'Set `default_storage_engine = InnoDB`.',
  }),
  setting({
    code: 'default-charset',
    variable: 'character_set_server',
    asks: 'Is utf8mb4 the default character set?',
    hurts: (value) => value !== 'utf8mb4',
    why: 'A schema that is made without a character set cannot hold every character. wwdb makes its own with utf8mb4.',
    fix: 'Set `character_set_server = utf8mb4`.',
  }),
  setting({
    code: 'binlog-off',
    variable: 'log_bin',
    asks: 'Is a binary log written?',
    hurts: isOff,
    why: 'A backup cannot be brought up to a point in time, and no replica can follow.',
    fix: 'Remove `skip-log-bin` from the options of the server.',
  }),
  setting({
    code: 'binlog-format',
    variable: 'binlog_format',
    asks: 'Is the binary log written by rows?',
    hurts: (value, server) => writesBinlog(server) && value !== 'ROW',
    why: 'Statements with LIMIT, UUID() or triggers can do something else on a replica than they did here.',
    fix: 'Set `binlog_format = ROW`, the default.',
  }),
  setting({
    code: 'binlog-row-image',
    variable: 'binlog_row_image',
    asks: 'Does the binary log have whole rows?',
    hurts: (value, server) => writesBinlog(server) && value.toUpperCase() !== 'FULL',
    why: 'What reads changes from the log, and tools that undo from it, do not see the other columns.',
    fix: 'Set `binlog_row_image = FULL`, the default.',
  }),
  setting({
    code: 'gtid-mode',
    variable: 'gtid_mode',
    asks: 'Have replicas and groups GTIDs?',
    hurts: (value, server) => replicates(server) && value !== 'ON',
    why: 'After a failover a replica cannot find by itself where it was.',
    fix: 'Set `enforce_gtid_consistency = ON`, then `gtid_mode` step by step to ON (manual, "Enabling GTID Transactions Online").',
  }),
  setting({
    code: 'online-alter-log',
    variable: 'innodb_online_alter_log_max_size',
    asks: 'Is the log of online ALTERs large enough?',
    hurts: (value) => Number(value) < 128 * mebi,
    show: (value) => formatSize(Number(value)),
    why: 'An online ALTER fails at its end (error 1799) where more was written to the table meanwhile.',
    fix: 'Set `innodb_online_alter_log_max_size = 128M`, the default, or more for tables that are written much.',
  }),
  setting({
    code: 'redo-durability',
    variable: 'innodb_flush_log_at_trx_commit',
    asks: 'Does a committed transaction outlive a crash?',
    hurts: (value) => value !== '1',
    why: 'After a crash the last second of the journal can be gone: statements that ran would run again.',
    fix: 'Set `innodb_flush_log_at_trx_commit = 1`, the default.',
  }),
  setting({
    code: 'binlog-durability',
    variable: 'sync_binlog',
    asks: 'Does the binary log outlive a crash?',
    hurts: (value, server) => writesBinlog(server) && value !== '1',
    why: 'After a crash of the machine, replicas can have what this server lost, or lack what it has.',
    fix: 'Set `sync_binlog = 1`, the default.',
  }),
  setting({
    code: 'file-per-table',
    variable: 'innodb_file_per_table',
    asks: 'Has every table a file of its own?',
    hurts: isOff,
    why: 'The space of shards that are dropped is not given back to the disk.',
    fix: 'Set `innodb_file_per_table = ON`, the default; tables that exist need a rebuild.',
  }),
  setting({
    code: 'execution-time',
    variable: 'max_execution_time',
    asks: 'May a SELECT take its time?',
    hurts: (value) => Number(value) > 0,
    show: (value) => countOf(Number(value), 'millisecond'),
    why: 'Counts and archives of large shards are ended by the server (error 3024).',
    fix: 'Set `max_execution_time = 0`, the default, and limit single accounts of applications by the hint of the same name.',
  }),
  setting({
    code: 'performance-schema',
    variable: 'performance_schema',
    asks: 'Does the server know who waits for whom?',
    hurts: isOff,
    why: 'Who blocks a statement, and how far an ALTER is, cannot be seen.',
    fix: 'Set `performance_schema = ON`, the default, and restart the server.',
  }),
  {
    code: 'statement-stages',
    severity: 'warning',
    asks: 'Does the server say how far an ALTER is?',
    find: (facts) =>
      perServer(facts, ({ seen }) =>
        seen.stages === false && !isOff(seen.variables.get('performance_schema') ?? '')
          ? {
              what: 'The consumer `events_stages_current` is off.',
              why: 'A long ALTER, or the build of an index, shows neither its percentage nor the time left.',
              fix: "Run `UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current'`, and start the server with `performance-schema-consumer-events-stages-current = ON`.",
            }
          : null,
      ),
  },
  setting({
    code: 'general-log',
    variable: 'general_log',
    asks: 'Is the general log off?',
    hurts: isOn,
    why: 'Every statement is written to a file, those with passwords and personal data too.',
    fix: 'Set `general_log = OFF` when what was looked for is found.',
  }),
  setting({
    code: 'isolation',
    variable: 'transaction_isolation',
    asks: 'Do clients read only what is committed?',
    hurts: (value) => value === 'READ-UNCOMMITTED' || value === 'SERIALIZABLE',
    why: 'READ UNCOMMITTED shows rows that may be undone; SERIALIZABLE makes every SELECT lock what it reads.',
    fix: 'Set `transaction_isolation = REPEATABLE-READ`, the default, or READ-COMMITTED.',
  }),
  {
    code: 'function-creators',
    severity: 'warning',
    asks: 'May migrations make functions and triggers where a binary log is written?',
    find: (facts) =>
      perServer(facts, (server) =>
        facts.project.makesFunctions &&
        writesBinlog(server) &&
        isOff(server.seen.variables.get('log_bin_trust_function_creators') ?? '') &&
        !server.seen.account.grants.some((line) => /\bSUPER\b|ALL PRIVILEGES ON \*\.\*/.test(line))
          ? {
              what: '`log_bin_trust_function_creators` is OFF, and migrations make functions or triggers.',
              why: 'The server refuses them to an account without SUPER (error 1419).',
              fix: 'Set `log_bin_trust_function_creators = ON`; with a binary log by rows nothing is lost by that.',
            }
          : null,
      ),
  },
]
