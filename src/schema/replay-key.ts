import { createHash } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { normalForm } from '../ddl/snapshot.ts'
import { migrationFolders } from '../migrations/files/folder.ts'
import { readMigrations } from '../migrations/files/read-migrations.ts'
import { platformOf } from '../migrations/plan/database-state.ts'
import { isUnreachable } from '../migrations/unreached.ts'
import { readFamilies } from '../shards/templates/read-families.ts'
import type { SchemaServers } from './ports.ts'

/**
 * A digest of everything that determines what migrations create in scratch schemas. Null where more than their texts and the servers matters (a module may read anything), and where a server is not reached.
 * @param only the steps that run, by name; null for all
 * @param chosen the databases whose migrations run; null for all
 */
export async function findReplayKey(
  servers: Pick<SchemaServers, 'readFacts'>,
  config: Config,
  only: ReadonlySet<string> | null,
  chosen: ReadonlySet<string> | null,
  toolVersion: string,
): Promise<string | null> {
  const { databases, references, environment, root, timeouts } = config
  const limit = chosen === null ? {} : { chosen }
  const { migrations } = await readMigrations({ root, databases: migrationFolders(config), ...limit })
  const steps = databases.map(({ name }) =>
    chosen?.has(name) === false
      ? []
      : (migrations.get(name) ?? []).filter(({ version }) => only === null || only.has(`${name}/${version}`)),
  )
  if (steps.some((list) => list.some(({ kind }) => kind === 'data'))) return null
  const facts = await servers.readFacts(databases, timeouts).catch((error: unknown) => {
    // The replay names them, and answers for the others.
    if (isUnreachable(error)) return null
    throw error
  })
  if (facts === null) return null
  const families = await readFamilies({ ...config, ...limit })
  const parts = {
    form: [1, normalForm, toolVersion],
    references,
    environment,
    ...(only === null && chosen !== null && { reached: [...chosen].toSorted() }),
    facts: facts.facts,
    families: families.map(({ database, name, pattern, division }) => [database, name, pattern, division]),
    databases: databases.map(({ name, schema, server, session: { sqlMode, timeZone, variables }, ...own }, index) => ({
      place: [
        name,
        schema,
        databases.findIndex((one) => one.server.label === server.label),
        sqlMode,
        timeZone,
        [...variables],
        platformOf(own),
      ],
      steps: steps[index]?.map(({ version, name: step, kind, checksum }) => [version, step, kind, checksum]),
    })),
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/**
 * The databases of steps, for a reading of files that a fault in other files does not stop; nothing where all steps run.
 */
export function databasesOf(steps: ReadonlySet<string> | null): { readonly chosen?: ReadonlySet<string> } {
  if (steps === null || steps.size === 0) return {}
  return { chosen: new Set([...steps].map((step) => step.slice(0, step.lastIndexOf('/')))) }
}
