import type { Config } from '../../config/config.ts'
import { compareVersions } from '../../core/version.ts'
import type { VschemaSnapshot } from '../../ddl/vschema-parts.ts'
import { partsOfVschema } from '../../ddl/vschema-snapshot.ts'
import { migrationFolders } from '../../migrations/files/folder.ts'
import { readMigrations } from '../../migrations/files/read-migrations.ts'
import type { Migration } from '../../migrations/migration.ts'
import { isApplicable } from '../../migrations/plan/database-state.ts'
import { resolveText, schemasOf } from '../../migrations/plan/placeholders.ts'
import { emptyVschema, followVschema } from '../../sql/follow-vschema.ts'
import type { Statement } from '../../sql/statement.ts'
import { isVschemaVerb } from '../../sql/statements/vschema.ts'

const statementsOf = ({ up }: Migration): readonly Statement[] => (up.type === 'statements' ? up.statements : [])

/** Whether the order or the choice of files depends on what no file says. */
const isUncertain = ({ kind, conditions, up }: Migration): boolean =>
  kind === 'repeatable' || up.type !== 'statements' || conditions.some(({ type }) => type === 'server')

/**
 * What the files of each keyspace make of its VSchema, by database. A database is absent whose files have no `ALTER VSCHEMA`: its VSchema is kept by other means. So is one where such a statement
 * runs at a time, or under a condition, that the files alone do not tell. What files do not say of the keyspace itself is no part.
 * @param only the steps that run, by name; null for all
 */
export async function readVschemasOfFiles(
  config: Config,
  only: ReadonlySet<string> | null,
): Promise<ReadonlyMap<string, readonly VschemaSnapshot[]>> {
  const keyspaces = config.databases.filter(({ vitess }) => vitess !== undefined)
  if (keyspaces.length === 0) return new Map()
  const { migrations } = await readMigrations({
    ...{ root: config.root, check: 'all' },
    databases: migrationFolders({ ...config, databases: keyspaces }),
  })
  const schemas = schemasOf(config)
  const context = {
    ...({ environment: config.environment, platform: 'vitess', serverVersion: '0' } as const),
    references: config.references === 'physical' ? ('physical' as const) : ('logical' as const),
  }
  return new Map(
    keyspaces.flatMap(({ name }) => {
      const run = (migrations.get(name) ?? [])
        .filter(({ version }) => only?.has(`${name}/${version}`) !== false)
        .filter((one) => statementsOf(one).some(({ verb }) => isVschemaVerb(verb)))
      if (run.length === 0 || run.some(isUncertain)) return []
      const statements = run
        .filter((one) => isApplicable(one, context))
        .toSorted((a, b) => compareVersions(a.version, b.version))
        .flatMap(statementsOf)
      const followed = statements.reduce(
        (before, one) => followVschema(before, { ...one, text: resolveText(one.text, schemas) }),
        emptyVschema,
      )
      const parts = partsOfVschema({ keyspace: name, isSharded: false, foreignKeyMode: '', ...followed })
      return [[name, parts.filter(({ type }) => type !== 'keyspace')] as const]
    }),
  )
}
