import { describeDuration } from '../../core/duration.ts'
import { formatSize } from '../../core/size.ts'
import { readLeftoverName } from './leftover-names.ts'
import type { Leftover } from './leftovers.ts'

/** Of a table that a revert did not put back, as a clause. */
export const describeCarried = 'a revert ended without putting it back, and rows that were written since may be in it'

const hour = 3_600_000

/** Whether a table has the name of one as it was before a change: the name is all that says so. */
export const isOld = (name: string): boolean => readLeftoverName(name)?.role === 'old'

/** What is to be known before a table is dropped that has the name of an old one; empty for others. */
export const warnOfOld = (names: readonly string[]): string =>
  names.some(isOld) ? '; only the name says so, and a table that is marked old may hold the only copy of rows' : ''

/** `gh-ost left _orders_gho (1.2 GB, 3 days old), _orders_ghc (16 kB)`; `_orders_old` by its name alone. */
export function describeLeftover({ tools, tables, triggers }: Leftover, now: number): string {
  const names = [
    ...triggers.map(({ name }) => `the trigger \`${name}\``),
    ...tables.map(({ name, bytes, createdAt }) => {
      const age = createdAt === null ? 0 : Math.floor((now - createdAt) / hour) * hour
      return `\`${name}\` (${isOld(name) ? 'old, ' : ''}${formatSize(bytes)}${age > 0 ? `, ${describeDuration(age)} old` : ''})`
    }),
  ]
  const tool = tools.join(' or ')
  const isByName = triggers.length === 0 && tables.every(({ name }) => isOld(name))
  const what = isByName
    ? `${names.join(', ')} ${names.length === 1 ? 'has the name' : 'have the names'} of what ${tool} leaves`
    : `${tool} left ${names.join(', ')}`
  return `${what}${warnOfOld(tables.map(({ name }) => name))}`
}

/** How it is removed, as a clause; empty where that is not known. */
export function describeRemoval({ remove }: Pick<Leftover, 'remove'>): string {
  const order = remove.map((text) => `\`${text}\``).join(', then ')
  return order === '' ? '' : `when no such tool runs, remove it in this order: ${order}`
}
