import { createHash } from 'node:crypto'
import type { Migration } from '../../core/migration.ts'
import type { Target } from '../../core/target.ts'
import type { JournalSnapshot, ServerFacts } from '../ports.ts'

/** Digest of all that a target's plan was made from. Two equal digests mean that the plan still holds. */
export function digestWorld(
  target: Target,
  facts: ServerFacts,
  snapshot: JournalSnapshot,
  migrations: readonly Migration[],
): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([facts.uuid, facts.version, target.schema]))
  for (const pass of snapshot.passes) {
    if (pass.kind === 'seed') continue // rows of reference data are nothing that a plan was made from
    hash.update(
      JSON.stringify([pass.pass, pass.version, pass.direction, pass.checksum, pass.closed, pass.open, pass.total]),
    )
  }
  for (const migration of migrations) hash.update(JSON.stringify([migration.version, migration.checksum]))
  return hash.digest('hex')
}
