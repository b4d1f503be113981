import { ToolError } from '../core/tool-error.ts'
import { quoteAccount } from '../sql/quote-name.ts'
import { compareGrants, readGrants } from './compare-grants.ts'
import { type Grant, grantText, type NameRules, usualRules } from './grant.ts'
import type { AccountState } from './ports.ts'

/** The changes that give an account exactly its grants. */
export interface AccountPlan {
  readonly account: string
  readonly create: boolean
  /** GRANT and REVOKE, without the final semicolon. */
  readonly statements: readonly string[]
}

/**
 * Decides what is done to an account. Pure. Throws ToolError `ACCOUNT_FOREIGN` for an account that wwdb did not create, unless it already has
 * exactly what is needed.
 */
export function planAccount(
  account: string,
  grants: readonly Grant[],
  state: AccountState,
  server: string,
  rules: NameRules = usualRules,
): AccountPlan {
  const quoted = quoteAccount(account)
  if (state.type === 'absent') {
    return { account, create: true, statements: grants.map((grant) => grantText(grant, quoted, rules)) }
  }
  const { missing, excess } = compareGrants(grants, readGrants(state.grants), rules)
  const statements = [
    ...missing.map((grant) => grantText(grant, quoted, rules)),
    ...excess.map(({ privileges, place, line }) => revokeOf(privileges, place, line, quoted)),
  ]
  if (statements.length > 0 && !state.own) throw foreign(account, server)
  return { account, create: false, statements }
}

/** For a role, the line itself names the role. */
export function revokeOf(privileges: readonly string[], place: string, line: string, quoted: string): string {
  if (place !== 'role') return `REVOKE ${privileges.join(', ')} ON ${place} FROM ${quoted}`
  return `REVOKE ${/^GRANT (.+) TO /.exec(line)?.[1] ?? ''} FROM ${quoted}`
}

function foreign(account: string, server: string): ToolError {
  return new ToolError('ACCOUNT_FOREIGN', {
    what: `Account \`${account}\` exists, but was not created by wwdb.`,
    where: { server },
    why: 'wwdb only changes accounts with the attribute that `wwdb grants --apply` sets; servers before 8.0.21 have no attributes.',
    next: 'Choose another name with `--user`, or run the statements that `wwdb grants check` prints yourself.',
  })
}
