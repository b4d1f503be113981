import { formatSeconds } from '../../core/duration.ts'
import type { Holder } from '../../core/holder.ts'

type HolderFacts = Pick<
  Holder,
  'user' | 'host' | 'seconds' | 'state' | 'statement' | 'orphaned' | 'holds' | 'lease'
> & {
  readonly connectionId: number | null
}

const longest = 120

/** `connection 42 (app@10.0.0.3, altering table, 40 s, orphaned)`, as far as the server shows it. */
export function describeHolder(holder: HolderFacts): string {
  if (holder.connectionId === 0) return holder.holds ?? 'a prepared XA transaction'
  const id = holder.connectionId === null ? 'a connection' : `connection ${holder.connectionId}`
  const facts = [
    account(holder),
    holder.holds === undefined ? holder.state : `holds ${holder.holds}`,
    holder.seconds === null ? null : formatSeconds(holder.seconds),
    holder.orphaned ? 'orphaned: its run has ended, but the server is still executing its statement' : null,
    describeLease(holder),
  ].filter((fact) => fact !== null && fact !== '')
  const described = facts.length === 0 ? id : `${id} (${facts.join(', ')})`
  const statement = shorten(holder.statement)
  return statement === '' ? described : `${described}: ${statement}`
}

/** A lease ends by itself where nobody renews it. */
function describeLease({ lease }: HolderFacts): string | null {
  if (lease === undefined) return null
  const end = formatSeconds(Math.max(0, lease.left))
  return lease.isDead
    ? `its process has ended: the lease ends in ${end}`
    : `lease for ${end} more, renewed while it runs`
}

/**
 * `orphaned, 40 s, altering table, app@10.0.0.3: ALTER TABLE users`: the most important part comes first, because a
 * line may be cut.
 */
export function detailHolder(holder: HolderFacts): string {
  const facts = [
    holder.orphaned ? 'orphaned' : null,
    describeLease(holder),
    holder.seconds === null ? null : formatSeconds(holder.seconds),
    holder.holds ?? holder.state,
    account(holder),
  ].filter((fact) => fact !== null && fact !== '')
  return [facts.join(', '), shorten(holder.statement)].filter((part) => part !== '').join(': ')
}

/** The start of a statement on one line is enough to recognize it: a CREATE TABLE may have a hundred lines. */
function shorten(statement: string | null): string {
  const line = (statement ?? '').replace(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

function account(holder: HolderFacts): string | null {
  if (holder.user === null) return null
  return holder.host === null ? holder.user : `${holder.user}@${holder.host}`
}
