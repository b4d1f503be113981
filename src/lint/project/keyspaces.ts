import type { Config } from '../../config/config.ts'
import type { LintKeyspace } from '../subjects.ts'

/** The databases whose files are judged for vtgate, by the configuration alone: whether a keyspace is sharded, only vtgate knows. */
export async function keyspacesOf(config: Config): Promise<ReadonlyMap<string, LintKeyspace>> {
  const { platform } = config.lint
  const own = config.databases.filter(({ vitess }) =>
    platform === null ? vitess !== undefined : platform === 'vitess',
  )
  if (own.length === 0) return new Map()
  // Most projects have none, and planning is not loaded for them.
  const { resolveText, schemasOf } = await import('../../migrations/plan/placeholders.ts')
  const schemas = schemasOf(config)
  const resolve = (text: string): string => resolveText(text, schemas)
  // With `auto`, a plan takes logical ones where a database is a keyspace.
  const isPhysical = config.references === 'physical'
  return new Map(
    own.map(({ name, schema, vitess }) => {
      const isOnline = vitess?.ddlStrategy !== 'direct'
      return [name, { keyspace: schema, isSharded: null, isOnline, resolve, isPhysical }]
    }),
  )
}
