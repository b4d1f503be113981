import type { ErrorCode } from '../../core/error-codes.ts'
import { ToolError } from '../../core/tool-error.ts'

/** A cluster that is not made or changed, and why. */
export function refuse(code: ErrorCode, server: string, what: string, next: string, why?: string): ToolError {
  return new ToolError(code, { what, where: { server }, ...(why === undefined ? {} : { why }), next })
}
