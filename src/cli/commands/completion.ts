import * as z from 'zod/mini'
import type { CommandResult } from '../../core/context.ts'
import { exitCodes } from '../../core/exit-code.ts'
import { assertNever } from '../../core/tool-error.ts'
import { bashCompletion } from '../completion/bash.ts'
import { fishCompletion } from '../completion/fish.ts'
import { zshCompletion } from '../completion/zsh.ts'

export const input = z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']) })

/** A script that completes commands, flags and values in a shell. */
export async function run({ shell }: z.infer<typeof input>): Promise<CommandResult> {
  return { result: { kind: 'document', format: 'text', content: scriptFor(shell) }, exitCode: exitCodes.done }
}

function scriptFor(shell: z.infer<typeof input>['shell']): string {
  switch (shell) {
    case 'bash':
      return bashCompletion()
    case 'zsh':
      return zshCompletion()
    case 'fish':
      return fishCompletion()
    default:
      return assertNever(shell)
  }
}
