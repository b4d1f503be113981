import { isLoopback } from '../config/url-parts.ts'
import { ToolError } from '../core/tool-error.ts'

/**
 * True for an account that may connect over a network. A connection from the server's own machine crosses no network, and its socket has no TLS, so
 * REQUIRE SSL would lock it out. `wwdb doctor` judges accounts by the same rule.
 */
export function comesOverNetwork(account: string): boolean {
  return !isLoopback(account.slice(account.lastIndexOf('@') + 1))
}

/** What follows IDENTIFIED BY: TLS, and the attribute by which wwdb recognizes an account that it created. */
export function requirement({ requireTls, marks }: { readonly requireTls: boolean; readonly marks: boolean }): string {
  return `${requireTls ? ' REQUIRE SSL' : ''}${marks ? ` ATTRIBUTE '{"wwdb": "grants"}'` : ''}`
}

/**
 * `NAME` or `NAME@HOST` as `name@host`; without a host, any host is meant. MySQL allows 32 characters of a name and 255 of a host (manual,
 * "Account Names"). Throws ToolError `USAGE` (64).
 */
export function readAccountName(text: string): string {
  const at = text.lastIndexOf('@')
  const name = at === -1 ? text : text.slice(0, at)
  const host = at === -1 ? '%' : text.slice(at + 1)
  if (/^[\w.-]{1,32}$/.test(name) && /^[\w.%:/-]{1,255}$/.test(host)) return `${name}@${host}`
  throw new ToolError('USAGE', {
    what: `\`${text.slice(0, 80)}\` is not the name of an account.`,
    next: 'Write NAME or NAME@HOST: letters, digits, `_`, `.` and `-`, at most 32, and a host such as 10.0.0.% or %.',
  })
}
