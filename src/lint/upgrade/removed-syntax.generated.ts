// Written by scripts/find-removed-syntax.mjs, which tried them on MySQL 8.0.12 and on 9.7. Do not edit.

/** Functions of 8.0.12 that 9.7 does not know. */
export const lostFunctions: readonly string[] = [
  'MD5',
  'SHA',
  'SHA1',
  'WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS',
]

/** What statements of 8.0.12 begin with that 9.7 refuses as a syntax error. */
export const lostStatements: readonly string[] = [
  'CHANGE MASTER TO',
  'FLUSH HOSTS',
  'PURGE MASTER LOGS BEFORE',
  'PURGE MASTER LOGS TO',
  'RESET MASTER',
  'RESET MASTER TO',
  'RESET SLAVE',
  'RESET SLAVE ALL',
  'SHOW MASTER LOGS',
  'SHOW MASTER STATUS',
  'SHOW SLAVE HOSTS',
  'SHOW SLAVE STATUS',
  'SHOW SLAVE STATUS FOR CHANNEL',
  'START SLAVE',
  'START SLAVE IO_THREAD',
  'START SLAVE SQL_THREAD',
  'START SLAVE UNTIL MASTER_LOG_FILE',
  'STOP SLAVE',
  'STOP SLAVE IO_THREAD',
]
