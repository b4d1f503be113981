/** What of a header decides which table a row is in. */
export interface Header {
  readonly name: string
  readonly period: string
}

/** The header that the shards of a story are made under. */
export const original: Header = { name: 'msg_{YYYYMM}', period: 'month' }
/** What others might have in its place. */
export const changed: readonly Header[] = [
  { name: 'msgs_{YYYYMM}', period: 'month' },
  { name: 'msg_{GGGG}w{WW}', period: 'week' },
  { name: 'msg_{YYYYMM}', period: 'month zone Asia/Shanghai' },
]
export const template = ({ name, period }: Header): string => `-- wwdb:period ${period}
-- wwdb:name ${name}
-- wwdb:premake 1 periods
-- wwdb:keep 1 months
-- wwdb:late 1 days
-- wwdb:grace 1 hour
-- wwdb:share 100%
-- wwdb:archive none
CREATE TABLE {{table}} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(40)) ENGINE=InnoDB;
`

/** The first instant of the month so many months before this one. */
export function monthsAgo(count: number): Date {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1))
}

export const keyOf = (month: Date): string => month.toISOString().slice(0, 7)
