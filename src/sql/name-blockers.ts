import type { Holder } from '../core/holder.ts'
import { maskPasswords } from './mask-passwords.ts'

/** `blocked by connection 42 of app from 10.0.0.3, idle in a transaction for 40 s`, as half a sentence. */
export function nameBlockers(blockers: readonly Holder[]): string {
  if (blockers.length === 0) return 'who blocks it could not be seen'
  const names = blockers.map((holder) => {
    if (holder.connectionId === 0) return holder.holds ?? 'a prepared XA transaction'
    const { connectionId, user, host, seconds } = holder
    const who = `connection ${connectionId} of ${user ?? 'an unknown user'}${host === null ? '' : ` from ${host}`}`
    if (holder.holds !== undefined) return `${who}, which holds ${holder.holds}`
    const doing =
      holder.statement === null
        ? 'idle in a transaction'
        : `running \`${maskPasswords(holder.statement).replace(/\s+/g, ' ').slice(0, 60)}\``
    return `${who}, ${doing}${seconds === null ? '' : ` for ${seconds} s`}`
  })
  return `blocked by ${names.join('; ')}`
}
