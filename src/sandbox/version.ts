/** What `mysqld --version` or a server's greeting says. */
export interface MysqlVersion {
  /** `9.7.4`. */
  readonly text: string
  readonly major: number
  readonly mariadb: boolean
}

/** Finds the version in a line such as `mysqld  Ver 9.7.4-2 for Linux on x86_64`; null when there is none. */
export function parseVersion(line: string): MysqlVersion | null {
  const found = /(?:^5\.5\.5-|^|Ver )(\d+)\.(\d+)\.(\d+)/.exec(line)
  if (found === null) return null
  return { text: `${found[1]}.${found[2]}.${found[3]}`, major: Number(found[1]), mariadb: /mariadb/i.test(line) }
}

/** True for a server that this tool works with: MySQL 8 or later. */
export function isSupported(version: MysqlVersion | null): version is MysqlVersion {
  return version !== null && !version.mariadb && version.major >= 8
}
