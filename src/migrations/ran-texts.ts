import type { Config, DatabaseConfig } from '../config/config.ts'
import type { RanText } from '../uses/own-statements.ts'
import type { StatementServers } from '../uses/ports.ts'
import { migrationFolders } from './files/folder.ts'
import { inspectMigrations } from './files/read-migrations.ts'
import { resolveText, schemasOf } from './plan/placeholders.ts'

/** The statements of a database's migrations with the times at which they ran: those are uses by nobody. Definitions are left out, as they are no uses. */
export async function readRanTexts(
  config: Config,
  database: DatabaseConfig,
  servers: StatementServers,
): Promise<readonly RanText[]> {
  const passes = await servers.readPasses(database, config.timeouts)
  if (passes.length === 0) return []
  const { migrations } = await inspectMigrations({ root: config.root, databases: migrationFolders(config) })
  const schemas = schemasOf(config)
  const ran: RanText[] = []
  for (const { version, up, down } of migrations.get(database.name) ?? []) {
    const own = passes.filter((pass) => pass.version === version)
    if (own.length === 0) continue
    for (const script of [up, down]) {
      if (script === null || script.type === 'module') continue
      for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
        if (statement.class === 'definition') continue
        const text = resolveText(statement.text, schemas)
        for (const { from, to } of own) ran.push({ text: text.slice(0, longestCompared), from, to })
      }
    }
  }
  return ran
}

/** A sample of the server is no longer, as a rule. */
const longestCompared = 8192
