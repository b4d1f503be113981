import type { Holder } from '../../domain/event.ts'
import { formatSeconds } from '../text/duration.ts'

type HolderFacts = Pick<Holder, 'user' | 'host' | 'seconds' | 'state' | 'statement' | 'orphaned'> & {
  readonly connectionId: number | null
}

/** `connection 42 (app@10.0.0.3, altering table, 40 s, orphaned)`, as far as the server lets us see. */
export function describeHolder(holder: HolderFacts): string {
  const id = holder.connectionId === null ? 'a connection' : `connection ${holder.connectionId}`
  const facts = [
    account(holder),
    holder.state,
    holder.seconds === null ? null : formatSeconds(holder.seconds),
    holder.orphaned ? 'orphaned: its run has ended, the server finishes its statement' : null,
  ].filter((fact) => fact !== null && fact !== '')
  const described = facts.length === 0 ? id : `${id} (${facts.join(', ')})`
  return holder.statement === null || holder.statement === '' ? described : `${described}: ${holder.statement}`
}

/** `orphaned, 40 s, altering table, app@10.0.0.3: ALTER TABLE users`: what matters most first, as a line may be cut. */
export function detailHolder(holder: HolderFacts): string {
  const facts = [
    holder.orphaned ? 'orphaned' : null,
    holder.seconds === null ? null : formatSeconds(holder.seconds),
    holder.state,
    account(holder),
  ].filter((fact) => fact !== null && fact !== '')
  return [facts.join(', '), holder.statement].filter((part) => part !== null && part !== '').join(': ')
}

function account(holder: HolderFacts): string | null {
  if (holder.user === null) return null
  return holder.host === null ? holder.user : `${holder.user}@${holder.host}`
}
