import { describeDuration } from '../../core/duration.ts'
import { formatSize } from '../../core/size.ts'
import type { Leftover } from './leftovers.ts'

const hour = 3_600_000

/** `gh-ost left _orders_gho (1.2 GB, 3 days old), _orders_ghc (16 kB)`. */
export function describeLeftover({ tools, tables, triggers }: Leftover, now: number): string {
  const names = [
    ...triggers.map(({ name }) => `the trigger \`${name}\``),
    ...tables.map(({ name, bytes, createdAt }) => {
      const age = createdAt === null ? 0 : Math.floor((now - createdAt) / hour) * hour
      return `\`${name}\` (${formatSize(bytes)}${age > 0 ? `, ${describeDuration(age)} old` : ''})`
    }),
  ]
  return `${tools.join(' or ')} left ${names.join(', ')}`
}

/** How it is removed, as a clause; empty where that is not known. */
export function describeRemoval({ remove }: Pick<Leftover, 'remove'>): string {
  const order = remove.map((text) => `\`${text}\``).join(', then ')
  return order === '' ? '' : `when no such tool runs, remove it in this order: ${order}`
}
