import type { Config, DatabaseConfig } from '../config/config.ts'
import { exitCodes } from '../domain/exit-code.ts'
import { ToolError } from '../domain/tool-error.ts'
import type { JournalSnapshot } from './ports.ts'

interface Recorded {
  readonly database: DatabaseConfig
  readonly snapshot: JournalSnapshot
}

function recordedMode(
  opened: readonly Recorded[],
): { readonly mode: 'physical' | 'logical'; readonly database: string } | null {
  for (const { database, snapshot } of opened) {
    const mode = snapshot.settings.get('references')
    if (mode === 'physical' || mode === 'logical') return { mode, database: database.name }
  }
  return null
}

/** Foreign keys can cross schemas, not servers. */
function shareServer(databases: readonly DatabaseConfig[]): boolean {
  return new Set(databases.map((database) => database.server.label)).size <= 1
}

/**
 * How foreign keys between logical databases are made. The first migration records the choice; a configuration that now
 * says otherwise is refused, because half of the keys would be of one kind and half of the other.
 * Throws ToolError `REFERENCES_CHANGED` (78).
 */
export function resolveReferences(config: Config, opened: readonly Recorded[]): 'physical' | 'logical' {
  const wanted =
    config.references === 'auto' ? (shareServer(config.databases) ? 'physical' : 'logical') : config.references
  const recorded = recordedMode(opened)
  if (recorded === null || recorded.mode === wanted) return wanted
  if (config.references === 'auto' && recorded.mode === 'logical') return 'logical'
  throw new ToolError(
    'REFERENCES_CHANGED',
    {
      what: `Foreign keys between databases are ${recorded.mode} here, and the configuration now asks for ${wanted} ones`,
      where: { database: recorded.database, ...(config.file === null ? {} : { file: config.file }) },
      why:
        recorded.mode === 'physical' && config.references === 'auto'
          ? 'the databases no longer share a server, and a foreign key cannot cross servers'
          : 'the choice was recorded at the first migration, and cannot change unseen',
      next: `Set "references": "${recorded.mode}" in the configuration, or start with fresh schemas.`,
    },
    { exitCode: exitCodes.configuration },
  )
}
