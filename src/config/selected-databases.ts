import { closestName } from '../core/closest-name.ts'
import { exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Config, DatabaseConfig } from './config.ts'

/** The databases that `--target` names, in the configuration's order; all without it. Throws ToolError `UNKNOWN_TARGET` (64). */
export function selectDatabases(config: Config, names: readonly string[]): readonly DatabaseConfig[] {
  const known = config.databases.map((database) => database.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const faults = unknown.map((name) => {
      const meant = closestName(name, known)
      return {
        what: `There is no database '${name}'`,
        why: 'it was given with --target',
        next: meant === null ? `Known are: ${known.join(', ')}.` : `Did you mean '${meant}'?`,
      }
    })
    throw new ToolError('UNKNOWN_TARGET', faults, { exitCode: exitCodes.usage })
  }
  return names.length === 0 ? config.databases : config.databases.filter((database) => names.includes(database.name))
}
