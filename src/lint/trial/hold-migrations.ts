import type { Migration, Script } from '../../migrations/migration.ts'
import type { Statement } from '../../sql/statement.ts'
import { isPlainData } from '../find-hazards.ts'
import type { HeldMigration } from '../review/read-history.ts'

/**
 * The number of statements that are kept of a file too large to hold: far more than anyone's definitions in one file.
 */
const mostStatements = 20_000

/** Reads the statements of migrations for review. Of a file too large to hold, plain rows are left out: no rule finds anything in them. */
export async function holdMigrations(migrations: readonly Migration[]): Promise<readonly HeldMigration<Migration>[]> {
  const held: HeldMigration<Migration>[] = []
  for (const migration of migrations) held.push(await holdMigration(migration))
  return held
}

async function holdMigration(migration: Migration): Promise<HeldMigration<Migration>> {
  const { up, down } = migration
  if (up.type === 'statements' && down?.type !== 'stream')
    return { migration, up: up.statements, down: down?.type === 'statements' ? down.statements : null, partial: false }
  const upper = await holdScript(up)
  const lower = down === null ? null : await holdScript(down)
  return { migration, up: upper.statements, down: lower?.statements ?? null, partial: upper.isPartial }
}

async function holdScript(
  script: Script,
): Promise<{ readonly statements: readonly Statement[]; readonly isPartial: boolean }> {
  switch (script.type) {
    case 'statements':
      return { statements: script.statements, isPartial: false }
    case 'module':
      return { statements: [], isPartial: false }
    case 'stream': {
      const statements: Statement[] = []
      for await (const statement of script.open()) {
        if (isPlainData(statement)) continue
        if (statements.length === mostStatements) return { statements, isPartial: true }
        statements.push(statement)
      }
      return { statements, isPartial: false }
    }
  }
}
