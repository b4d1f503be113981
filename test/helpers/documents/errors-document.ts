import { type ErrorCode, errorCodes } from '../../../src/core/error-codes.ts'
import type { ErrorCodeEntry } from '../../../src/core/exit-code.ts'

/** docs/reference/errors.md, made from the table of error codes. */
export function errorsDocument(): string {
  const rows = listErrorCodes().map(({ code, exits, meaning }) => `| \`${code}\` | ${exits.join(', ')} | ${meaning} |`)
  const parts = [
    '# Errors',
    'Made from `src/core/error-codes.ts`; a test keeps this file the same as the program.',
    'Every error has a stable code, which is printed under its text and is `code` in the answer with `--json`. The text says what is wrong, where, why and ' +
      'what to do next; this page says what the code means and with which exit code the command ends. [Output](output.md#exit-codes) explains the exit ' +
      'codes.',
    'Where a code has several exit codes, the cause decides: what was typed on the command line is wrong usage (64), and the same fault in a file or a ' +
      'database is a failure (2). A command that continues with other databases or stores after an error ends with the exit code of the whole command. The ' +
      'codes of hazards are in [Hazards](hazards.md).',
    ['| code | exit code | meaning |', '| --- | --- | --- |', ...rows].join('\n'),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The table with every exit code of a code, the first being that of an error that names none. */
export function listErrorCodes(): readonly {
  readonly code: ErrorCode
  readonly exits: readonly number[]
  readonly meaning: string
}[] {
  const entries = Object.entries<ErrorCodeEntry>(errorCodes).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.map(([code, [exit, meaning]]) => ({
    code: code as ErrorCode,
    exits: typeof exit === 'number' ? [exit] : exit,
    meaning,
  }))
}
