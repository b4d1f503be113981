/**
 * The age in seconds of a transaction of INNODB_TRX, as an expression. The server shows its start in the time zone of its machine, whatever the session's: compared with NOW() of a session in UTC, a transaction on a server in Shanghai would start eight hours in the future.
 * @param transaction the alias of the row
 */
export const secondsSinceBegin = (transaction: string): string =>
  `TIMESTAMPDIFF(SECOND,${transaction}.trx_started,CONVERT_TZ(UTC_TIMESTAMP(),'+00:00','SYSTEM'))`
