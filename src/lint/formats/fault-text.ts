import type { Fault } from '../../core/tool-error.ts'

/** The code for what makes a file unreadable, in formats that need a single code. */
export const faultCode = 'INVALID_FILE'

/** A fault as one text, for formats that have a single field. */
export function faultText({ what, why, next }: Fault): string {
  return [what, why, next].filter((part) => part !== undefined).join(' ')
}
