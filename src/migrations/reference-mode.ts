import type { Config, DatabaseConfig } from '../config/config.ts'
import { ToolError } from '../core/tool-error.ts'
import type { JournalSnapshot } from './journal/rows.ts'

interface Recorded {
  readonly database: DatabaseConfig
  readonly snapshot: JournalSnapshot
}

interface RecordedMode {
  readonly mode: 'physical' | 'logical'
  readonly database: string
}

function listRecorded(opened: readonly Recorded[]): readonly RecordedMode[] {
  return opened.flatMap(({ database, snapshot }) => {
    const mode = snapshot.settings.get('references')
    return mode === 'physical' || mode === 'logical' ? [{ mode, database: database.name }] : []
  })
}

/** Foreign keys can cross schemas, not servers. */
function shareServer(databases: readonly DatabaseConfig[]): boolean {
  return new Set(databases.map((database) => database.server.label)).size <= 1
}

/** What the configuration asks for; `auto` stays with logical ones where the first migration found no common server. */
function wantedMode(config: Config, recorded: readonly RecordedMode[]): 'physical' | 'logical' {
  if (config.references !== 'auto') return config.references
  return shareServer(config.databases) && recorded.every((one) => one.mode === 'physical') ? 'physical' : 'logical'
}

/**
 * How foreign keys between logical databases are made. The first migration records the choice; a configuration that now
 * says otherwise is refused, because half of the keys would be of one kind and half of the other.
 * Throws ToolError `REFERENCES_CHANGED` (78).
 */
export function resolveReferences(config: Config, opened: readonly Recorded[]): 'physical' | 'logical' {
  const modes = listRecorded(opened)
  const wanted = wantedMode(config, modes)
  const recorded = modes.find((one) => one.mode !== wanted)
  if (recorded === undefined) return wanted
  throw new ToolError('REFERENCES_CHANGED', {
    what: `Foreign keys between databases are ${recorded.mode} here, and the configuration now asks for ${wanted} ones`,
    where: { database: recorded.database, ...(config.file === null ? {} : { file: config.file }) },
    why:
      recorded.mode === 'physical' && config.references === 'auto'
        ? 'the databases no longer share a server, and a foreign key cannot cross servers'
        : 'the choice was recorded at the first migration, and cannot change unseen',
    next: `Set "references": "${recorded.mode}" in the configuration, or start with fresh schemas.`,
  })
}
