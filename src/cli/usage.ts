import { ToolError } from '../core/tool-error.ts'

/** An error in how the tool was called. `command` is the part that was understood before it, e.g. `wwdb db create`. */
export function usageError(what: string, command: string, suggestion: string | null = null, why?: string): ToolError {
  const help = `See \`${command} --help\`.`
  return new ToolError('USAGE', {
    what,
    ...(why === undefined ? {} : { why }),
    next: suggestion === null ? help : `Did you mean ${suggestion}? ${help}`,
  })
}
