import { countOf } from '../../core/plural.ts'
import { answering, type Check, perServer } from '../check.ts'

/** Logs that hold rows, by their variables. */
const logs = ['innodb_redo_log_encrypt', 'innodb_undo_log_encrypt', 'binlog_encryption']

/** Backups, and encryption on disk. */
export const safetyChecks: readonly Check[] = [
  {
    code: 'backup-unknown',
    severity: 'warning',
    asks: {
      en: 'Is the time of the last backup of a protected environment known?',
      zh: '是否知道受保护的环境何时备份过？',
    },
    find: ({ config }) =>
      config === null || !config.protected || config.doctor.backup !== null
        ? []
        : [
            {
              what: 'The time of the last backup of this protected environment is not known.',
              where: config.file === null ? {} : { file: config.file },
              why: 'No command is configured that would show it.',
              fix: 'Set `doctor.backup` to a command that prints the time of the last backup.',
              zh: {
                what: '不知道这个受保护的环境上次备份是什么时候。',
                why: '没有配置能显示该时间的命令。',
                fix: '请把 `doctor.backup` 设为能打印上次备份时间的命令。',
              },
            },
          ],
  },
  {
    code: 'backup-failed',
    severity: 'error',
    asks: { en: 'Does the command of `doctor.backup` print a time?', zh: '`doctor.backup` 的命令是否给出时间？' },
    find: ({ project: { backup } }) =>
      backup === null || !('refusal' in backup)
        ? []
        : [
            {
              what: 'The command of `doctor.backup` did not print the time of the last backup.',
              where: {},
              why: backup.refusal.en,
              fix: 'It must print a time in ISO 8601, such as 2026-11-26T03:00:00Z, or seconds since 1970, and exit with 0.',
              zh: {
                what: '`doctor.backup` 的命令没有给出上次备份的时间。',
                why: backup.refusal.zh,
                fix: '请让它打印 ISO 8601 格式的时间，例如 2026-11-26T03:00:00Z，或自 1970 年起的秒数，并以 0 退出。',
              },
            },
          ],
  },
  {
    code: 'backup-old',
    severity: 'error',
    asks: { en: 'Is the last backup younger than `doctor.backupAge`?', zh: '上次备份是否在 `doctor.backupAge` 之内？' },
    find: ({ project: { backup }, config, now }) => {
      if (backup === null || !('at' in backup) || config === null) return []
      const age = now - backup.at
      if (age <= config.doctor.backupAge) return []
      return [
        {
          what: `The last backup is ${countOf(Math.floor(age / 3_600_000), 'hour')} old.`,
          where: {},
          why: `It was taken at ${new Date(backup.at).toISOString()}.`,
          fix: 'Check the backup job.',
          zh: {
            what: `上次备份是在 ${Math.floor(age / 3_600_000)} 小时之前。`,
            why: `备份时间为 ${new Date(backup.at).toISOString()}。`,
            fix: '请检查做备份的程序。',
          },
        },
      ]
    },
  },
  {
    code: 'encryption-tables',
    severity: 'error',
    asks: {
      en: 'Is every table encrypted on disk, if `doctor.encryption` requires it?',
      zh: '`doctor.encryption` 要求加密时，每张表在磁盘上是否都已加密？',
    },
    find: (facts) =>
      facts.config?.doctor.encryption !== true
        ? []
        : answering(facts).flatMap(({ label, seen }) =>
            seen.schemas
              .filter(({ plainTables }) => plainTables.length > 0)
              .map(({ database, schema, plainTables }) => ({
                what: `${countOf(plainTables.length, 'table')} of \`${schema}\` ${plainTables.length === 1 ? 'is' : 'are'} not encrypted on disk.`,
                where: { database, server: label },
                why: `${plainTables.slice(0, 3).join(', ')}${plainTables.length > 3 ? ', and others' : ''}.`,
                fix: "Load a keyring component, set `default_table_encryption = ON`, and run `ALTER TABLE ... ENCRYPTION='Y'` for each.",
                zh: {
                  what: `\`${schema}\` 中有 ${plainTables.length} 张表在磁盘上没有加密。`,
                  why: `未加密的表：${plainTables.slice(0, 3).join('、')}${plainTables.length > 3 ? ' 等' : ''}。`,
                  fix: "请加载 keyring 组件，设置 `default_table_encryption = ON`，并对每张表执行 `ALTER TABLE ... ENCRYPTION='Y'`。",
                },
              })),
          ),
  },
  {
    code: 'encryption-logs',
    severity: 'error',
    asks: {
      en: 'Are the logs of the server encrypted, if `doctor.encryption` requires it?',
      zh: '`doctor.encryption` 要求加密时，服务器的日志是否都已加密？',
    },
    find: (facts) =>
      facts.config?.doctor.encryption !== true
        ? []
        : perServer(facts, ({ seen }) => {
            const plain = logs.filter((name) => seen.variables.get(name)?.toUpperCase() === 'OFF')
            return plain.length === 0
              ? null
              : {
                  what: `${plain.map((name) => `\`${name}\``).join(', ')} ${plain.length === 1 ? 'is' : 'are'} OFF.`,
                  why: 'The logs contain the rows of encrypted tables in plain text.',
                  fix: 'Load a keyring component, then set them to ON.',
                  zh: {
                    what: `${plain.map((name) => `\`${name}\``).join('、')} 为 OFF。`,
                    why: '日志以明文保存已加密表的行。',
                    fix: '请加载 keyring 组件，然后将其设为 ON。',
                  },
                }
          }),
  },
]
