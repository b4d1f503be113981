import { inspect } from 'node:util'
import type { ErrorCode } from '../core/error-codes.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'

/** How anything that was thrown is reported. */
export interface ErrorReport {
  /** `DEFECT` for everything that is not meant for people. */
  readonly code: ErrorCode
  readonly exitCode: ExitCode
  readonly faults: readonly Fault[]
  /** With --debug only: the stack, and those of the causes. */
  readonly stack: string | null
}

/** Turns anything thrown into faults. What is not a ToolError is a defect of this tool, and is reported as one. */
export function reportError(error: unknown, debug: boolean): ErrorReport {
  const stack = debug ? stackOf(error) : null
  if (error instanceof ToolError) return { code: error.code, exitCode: error.exitCode, faults: error.faults, stack }
  const next = debug
    ? 'Report it with the lines below.'
    : 'Run the same command again with `--debug` and report it with that output.'
  const fault: Fault = { what: `wwdb has a defect: ${messageOf(error)}`, next }
  return { code: 'DEFECT', exitCode: exitCodes.failed, faults: [fault], stack }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${describeValue(error)}`
  return /[.!?]$/.test(message) ? message : `${message}.`
}

/** For a thrown value that is not an Error; String() itself can throw. */
function describeValue(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
}

function stackOf(error: unknown): string {
  const stacks: string[] = []
  let current = error
  // A chain of causes can be a circle.
  for (let depth = 0; current instanceof Error && depth < 10; depth += 1) {
    stacks.push(current.stack ?? String(current))
    current = current.cause
  }
  return stacks.length === 0 ? describeValue(error) : stacks.join('\nCaused by: ')
}
