import type { Fault } from '../../core/tool-error.ts'

/** The code of what makes a file unreadable, in formats that want one for everything. */
export const faultCode = 'INVALID_FILE'

/** A fault in one text, for formats that have one place for it. */
export function faultText({ what, why, next }: Fault): string {
  return [what, why, next].filter((part) => part !== undefined).join(' ')
}
