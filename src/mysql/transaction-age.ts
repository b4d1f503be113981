/**
 * The age in seconds of a transaction of INNODB_TRX, as an expression. The server shows its beginning in the time zone of its machine, whatever the session has: beside
 * NOW() of a session in UTC, a transaction of a server in Shanghai would be eight hours from beginning.
 * @param transaction the alias of the row
 */
export const secondsSinceBegin = (transaction: string): string =>
  `TIMESTAMPDIFF(SECOND,${transaction}.trx_started,CONVERT_TZ(UTC_TIMESTAMP(),'+00:00','SYSTEM'))`
