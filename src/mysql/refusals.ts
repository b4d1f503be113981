import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { describeEnded, transactionEnded } from './ended-transaction.ts'
import { hasNumber, isConnectionLost, isServerError, type ServerError, serverErrors, toSentence } from './errors.ts'
import { lacksPrimary, withoutPrimary } from './no-primary.ts'
import { deniedToWwdb, readDenied } from './table-acl.ts'

/** The advice for a statement of wwdb itself that the server refused, by error number. */
const adviceByNumber: readonly (readonly [numbers: readonly number[], next: string])[] = [
  [
    // Access to the server, a schema, a table, a column, a routine; CREATE USER; a global privilege.
    [1044, 1045, 1142, 1143, 1211, 1227, 1370, 1410, 1698],
    'Check the privileges of the user: `wwdb grants` prints what each command needs.',
  ],
  [
    [1419],
    'Ask an administrator to run `SET GLOBAL log_bin_trust_function_creators = ON`, which is safe with a row-based binary log, or use an account with SUPER; then run the command again.',
  ],
  [
    // Disk full, error on write, table full, undo log full, disk full without waiting.
    [1021, 1026, 1114, 3019, 3675],
    'Free disk space on the server (data, temporary files, undo and binary logs), then run the command again.',
  ],
  [[1040], 'Increase `max_connections` of the server, or close unused connections, then run the command again.'],
  [
    [1203, 1226],
    'Increase the limit of the user (`ALTER USER ... WITH MAX_USER_CONNECTIONS 0`) or of the server (`max_user_connections`), then run the command again.',
  ],
  [
    [1235, 1289, 1064],
    'The server does not support a feature that wwdb needs. Point the URL at MySQL 8.0.11 or later; docs/reference/platforms.md lists the supported servers.',
  ],
  [[1054, 1146], 'A table of wwdb is missing or was changed. Restore it from a backup: it records what ran.'],
  [
    // No default, NULL, out of range, truncated, incorrect, too long, CHECK.
    [1364, 1048, 1264, 1265, 1292, 1366, 1406, 3819],
    'The table of wwdb has a column or a constraint that wwdb did not create. Remove it, or give the column a default, then run the command again.',
  ],
  [[1644], 'A trigger on the table of wwdb refused the row. Drop the trigger, then run the command again.'],
  [
    [1205, 1213],
    'Another session holds a lock: on a table of wwdb, or on the whole server (a backup, `FLUSH TABLES WITH READ LOCK`). Run the command again after it has ended.',
  ],
  [[1317, 3024], 'The statement was ended by `KILL QUERY` or by `max_execution_time`. Run the command again.'],
  [[1037, 1038, 1041, 1206], 'The server is out of memory. Add memory, or run the command again at lower load.'],
  [[1153], 'Increase `max_allowed_packet` of the server, then run the command again.'],
  [[1197, 1598], 'The server cannot write its binary log. Check its error log, then run the command again.'],
  [[3032], 'The server is offline for maintenance (`offline_mode`). Run the command again when it is online.'],
  [
    [serverErrors.groupNotReady],
    'The member cannot write to its group. Check `performance_schema.replication_group_members`, then run the command again.',
  ],
]

const generalAdvice = 'Check the error log of the server, fix the cause, then run the command again.'

/** The advice for an error of the server in a statement of wwdb itself, in sentences. */
function adviseOn(error: ServerError): string {
  return adviceByNumber.find(([numbers]) => numbers.includes(error.errno))?.[1] ?? generalAdvice
}

/** The server accepts no writes. Other options cause 1290 as well, for example secure_file_priv. */
export function isReadOnly(error: ServerError): boolean {
  if (hasNumber(error, serverErrors.readOnlyTransaction, 1836)) return true
  return hasNumber(error, serverErrors.readOnly) && /read[-_]only/i.test(error.message)
}

/**
 * Turns a server's error in a statement of wwdb itself into ToolError `CONNECTION_LOST`, `READ_ONLY` or `SERVER_REFUSED`; returns
 * ToolErrors and errors of other origin unchanged.
 */
export function translateRunError(error: unknown, target: Target): unknown {
  if (error instanceof ToolError || !isServerError(error)) return error
  const where = { database: target.database, server: target.server }
  const fail = (code: 'CONNECTION_LOST' | 'READ_ONLY' | 'SERVER_REFUSED', what: string, next: string): ToolError =>
    new ToolError(code, { what, where, why: toSentence(error.message), next }, { cause: error })
  if (isConnectionLost(error)) {
    const next = 'Run the command again when the server is available: it continues where it stopped.'
    return fail('CONNECTION_LOST', `The connection to ${target.server} was lost.`, next)
  }
  const ended = describeEnded(error)
  if (ended !== null) return transactionEnded(ended, target, error)
  const denied = readDenied(error)
  if (denied !== null) return deniedToWwdb(denied, target)
  if (lacksPrimary(error)) return withoutPrimary(error, target)
  if (isReadOnly(error))
    return fail(
      'READ_ONLY',
      `The server at ${target.server} became read-only.`,
      'Run the command again on the current primary.',
    )
  return fail('SERVER_REFUSED', `MySQL refused a statement of wwdb itself (error ${error.errno}).`, adviseOn(error))
}
