import { ToolError } from '../core/tool-error.ts'
import type { DatabaseConfig } from './config.ts'

/** Throws ToolError `TARGETS_MANY` for a database with many targets, where one schema is needed: that of its entry in the configuration is nobody's. */
export function refuseManyTargets({ name, targets }: Pick<DatabaseConfig, 'name' | 'targets'>): void {
  if (targets === undefined) return
  throw new ToolError('TARGETS_MANY', {
    what: `\`${name}\` has many targets, and this is about one schema.`,
    where: { database: name },
    next: `Name one of them: \`--target ${name}/SCHEMA\`. Or name the other databases with \`--target\`.`,
  })
}
