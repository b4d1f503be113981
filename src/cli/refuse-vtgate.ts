import { type Config, selectDatabases } from '../config/config.ts'
import { countOf } from '../core/plural.ts'
import { ToolError } from '../core/tool-error.ts'
import { commandEntries } from './registry.generated.ts'

/** Throws ToolError `SERVER_UNSUPPORTED` where the command is to work on a keyspace, and knows MySQL alone. */
export function refuseVtgate(config: Config, targets: readonly string[], command: string): void {
  if (config.databases.every(({ vitess }) => vitess === undefined)) return
  const keyspaces = selectDatabases(config, targets).filter(({ vitess }) => vitess !== undefined)
  if (keyspaces.length === 0) return
  const known = commandEntries.filter(({ vtgate }) => vtgate === true).map(({ name }) => `\`wwdb ${name}\``)
  throw new ToolError('SERVER_UNSUPPORTED', {
    what: `\`wwdb ${command}\` does not work through a vtgate.`,
    why: `${countOf(keyspaces.length, 'database')} (${keyspaces.map(({ name }) => `\`${name}\``).join(', ')}) ${keyspaces.length === 1 ? 'is a keyspace' : 'are keyspaces'} of Vitess by \`databases.NAME.vitess\`. These commands work there: ${known.join(', ')}.`,
    next: 'Choose databases that are on MySQL itself with `--target`, or change the keyspace with `vtctldclient`.',
  })
}
