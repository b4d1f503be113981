import { type Config, selectDatabases } from '../config/config.ts'
import { countOf } from '../core/plural.ts'
import { ToolError } from '../core/tool-error.ts'
import { vtgateRefusals } from './vtgate-refusals.ts'

/** Throws ToolError `SERVER_UNSUPPORTED` where the command is to work on a keyspace, and knows MySQL alone. */
export function refuseVtgate(config: Config, targets: readonly string[], command: string): void {
  if (config.databases.every(({ vitess }) => vitess === undefined)) return
  const keyspaces = selectDatabases(config, targets).filter(({ vitess }) => vitess !== undefined)
  if (keyspaces.length === 0) return
  const refusal = vtgateRefusals.find(({ commands }) => commands.includes(command))
  if (refusal === undefined) throw new Error(`${command} has no sentence for keyspaces`)
  const names = keyspaces.map(({ name }) => `\`${name}\``).join(', ')
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `\`wwdb ${command}\` does not work through a vtgate.`,
    why: `${countOf(keyspaces.length, 'database')} (${names}) ${keyspaces.length === 1 ? 'is a keyspace' : 'are keyspaces'} of Vitess by \`databases.NAME.vitess\`. ${refusal.why}`,
    next: `${refusal.next} Databases on MySQL itself are chosen with \`--target\`.`,
  })
}
