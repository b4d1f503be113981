import { checksumOf } from '../files/checksum.ts'
import { toStatement } from '../sql/classify.ts'
import type { Migration } from './migration.ts'
import type { DatabaseState } from './plan/database-state.ts'
import type { OpenTarget } from './targets.ts'

interface MadeStatements extends Pick<Migration, 'database' | 'version' | 'name'> {
  /** What the plan shows for a file. */
  readonly file: string
  readonly texts: readonly string[]
  readonly requires?: Migration['requires']
  readonly accepted?: Migration['accepted']
  /** Of what it does; of its texts where it is not given. */
  readonly checksum?: string
}

/** The name of a pass that drops what a migration has retired. */
export const dropOfRetired = 'drop_retired'

/** Statements of wwdb that run as a migration does, with the journal, and have no file. */
export function madeMigration({ texts, checksum, requires = [], accepted = [], ...made }: MadeStatements): Migration {
  const { file } = made
  const statements = texts.map((text, index) =>
    toStatement({ type: 'statement', text, source: text, file, line: index + 1, column: 1 }, index),
  )
  return {
    ...made,
    kind: 'drift',
    checksum: checksum ?? checksumOf(texts.join(';\n')),
    requires,
    conditions: [],
    accepted,
    up: { type: 'statements', statements },
    down: null,
  }
}

/** A target of which only these migrations are chosen, even when its journal is read again under the lock. */
export function withOnly(target: OpenTarget, own: readonly Migration[]): OpenTarget {
  const { database, resolve } = target
  const choose = (one: DatabaseState): DatabaseState => ({ ...one, all: [...one.all, ...own], migrations: own })
  return {
    ...target,
    ...choose(target),
    database,
    resolve: (state) => choose(resolve?.(state) ?? { ...target, state }),
  }
}
