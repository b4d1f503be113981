import { existsSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { ToolError } from '../../core/tool-error.ts'

/**
 * This very program, by node's and its own absolute path: a scheduler has another PATH.
 * @param program node and the script, as the process was started; empty where it was not started by a script
 * @throws ToolError USAGE for a program in a folder of npm's cache
 */
export function findProgram(program: readonly string[]): readonly string[] {
  const [node, script] = program
  if (node === undefined || script === undefined) return program.length === 0 ? ['wwdb'] : program
  // npx starts a link in a folder of npm's cache; its target is permanent.
  const real = existsSync(script) ? realpathSync(script) : script
  if (!real.split(sep).includes('_npx')) return [node, real]
  throw refuse(
    `This wwdb runs from npm's own cache (\`${real}\`), which npm may clear at any time.`,
    "Install wwdb in the project with `npm install --save-dev wwdb`, or give the command that starts it with `--command`, for example `--command 'npx wwdb'`.",
  )
}

/** The words of `--command`. Throws ToolError `USAGE`. */
export function readLauncher(command = 'wwdb'): readonly string[] {
  const words = command.split(/\s+/).filter((word) => word !== '')
  if (words.length > 0 && /^[ -~]*$/.test(command)) return words
  throw refuse(
    '`--command` is empty or has characters that cannot be used.',
    'Write the command that starts wwdb, for example `npx wwdb`.',
  )
}

function refuse(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
