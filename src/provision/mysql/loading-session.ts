/**
 * A session in which rows and definitions of a template are loaded, as dumps are: nothing is checked that was checked when the template was
 * made, zeros stay zeros, and reading the template locks none of its rows.
 * @param lockWait seconds to wait for a table or a row that others use
 */
export function loadingSession(lockWait: number): string {
  return (
    `SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, unique_checks=0, autocommit=1, ` +
    `transaction_isolation='READ-COMMITTED', lock_wait_timeout=${lockWait}, innodb_lock_wait_timeout=${lockWait}, ` +
    `wait_timeout=86400, NAMES utf8mb4 COLLATE utf8mb4_0900_ai_ci`
  )
}
