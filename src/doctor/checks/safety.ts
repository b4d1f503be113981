import { countOf } from '../../core/plural.ts'
import { answering, type Check, perServer } from '../check.ts'

/** Logs that hold rows, by their variables. */
const logs = ['innodb_redo_log_encrypt', 'innodb_undo_log_encrypt', 'binlog_encryption']

/** Backups, and encryption on disk. */
export const safetyChecks: readonly Check[] = [
  {
    code: 'backup-unknown',
    severity: 'warning',
    asks: 'Is it known when a protected environment was backed up?',
    find: ({ config }) =>
      config === null || !config.protected || config.doctor.backup !== null
        ? []
        : [
            {
              what: 'It is not known when this protected environment was backed up.',
              where: config.file === null ? {} : { file: config.file },
              why: 'No command is configured that would show it.',
              fix: 'Set `doctor.backup` to a command that prints the time of the last backup.',
            },
          ],
  },
  {
    code: 'backup-failed',
    severity: 'error',
    asks: 'Does the command of `doctor.backup` show a time?',
    find: ({ project: { backup } }) =>
      backup === null || !('refusal' in backup)
        ? []
        : [
            {
              what: 'The command of `doctor.backup` does not show the time of the last backup.',
              where: {},
              why: backup.refusal,
              fix: 'Let it print a time in ISO 8601, such as 2026-11-26T03:00:00Z, or seconds since 1970, and end with 0.',
            },
          ],
  },
  {
    code: 'backup-old',
    severity: 'error',
    asks: 'Is the last backup younger than `doctor.backupAge`?',
    find: ({ project: { backup }, config, now }) => {
      if (backup === null || !('at' in backup) || config === null) return []
      const age = now - backup.at
      if (age <= config.doctor.backupAge) return []
      return [
        {
          what: `The last backup is ${countOf(Math.floor(age / 3_600_000), 'hour')} old.`,
          where: {},
          why: `It was made at ${new Date(backup.at).toISOString()}.`,
          fix: 'Look at what makes the backups.',
        },
      ]
    },
  },
  {
    code: 'encryption-tables',
    severity: 'error',
    asks: 'Is every table encrypted on disk, where `doctor.encryption` asks for it?',
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
              })),
          ),
  },
  {
    code: 'encryption-logs',
    severity: 'error',
    asks: 'Are the logs of the server encrypted, where `doctor.encryption` asks for it?',
    find: (facts) =>
      facts.config?.doctor.encryption !== true
        ? []
        : perServer(facts, ({ seen }) => {
            const plain = logs.filter((name) => seen.variables.get(name)?.toUpperCase() === 'OFF')
            return plain.length === 0
              ? null
              : {
                  what: `${plain.map((name) => `\`${name}\``).join(', ')} ${plain.length === 1 ? 'is' : 'are'} OFF.`,
                  why: 'The logs hold the rows of encrypted tables in plain text.',
                  fix: 'Load a keyring component, then set them to ON.',
                }
          }),
  },
]
