import type { ErrorCode } from '../../core/error-codes.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import { accessDenied, type Place, readDenied, refused, tooOld, unreachable } from '../server-errors.ts'

function place(server: string): Place {
  return { kind: 'redis', product: 'Redis', server }
}

/** Why a node cannot be used, in a sentence. What was sent is never shown: a command may contain a password. */
export function explainError(error: unknown, server: string): ToolError {
  if (error instanceof ToolError) return error
  const why = error instanceof Error ? error.message : String(error)
  if (/^(?:WRONGPASS|NOAUTH)\b|AUTH.*(?:no password|without any password)/.test(why)) {
    return accessDenied(place(server), why)
  }
  // Answers of the server begin with a word in capitals; errors of the network have a code.
  if (!/^[A-Z]{2,}\b/.test(why) || 'code' in Object(error)) return unreachable(place(server), error)
  const next = why.includes('NOPERM')
    ? 'Give the user of `stores.redis` this permission, or configure a user that has it.'
    : 'Fix what the server reports, then run the command again: completed changes are not repeated.'
  return refused(place(server), withoutPasswords(why), next)
}

/** Redis repeats the rule of a user that it does not take, which can be a password or its digest. */
function withoutPasswords(why: string): string {
  return why.replaceAll(/(modifier ')([><#!])[^']*/g, '$1$2***')
}

/** The same for reading: a user who may not read counts as denied. */
export function explainReadError(error: ToolError, server: string): ToolError {
  const why = error.faults[0]?.why ?? ''
  if (error.code !== 'STORE_REFUSED' || !why.startsWith('NOPERM')) return error
  const rights = '+@admin +acl +cluster +info +command +multi +exec'
  const next = `Give the user of \`stores.redis\` the rules \`${rights}\` on every node, or configure a user that has them.`
  return readDenied(place(server), why, next)
}

/** Throws ToolError `STORE_TOO_OLD` for a server before 6.2. */
export function refuseOld(version: string, server: string): void {
  if (isAtLeast(version, '6.2')) return
  throw tooOld(place(server), version, '6.2')
}

/** What cannot be planned, and why. */
export function refuse(code: ErrorCode, server: string, what: string, next: string, why?: string): ToolError {
  return new ToolError(code, { what, where: { server }, ...(why === undefined ? {} : { why }), next })
}
