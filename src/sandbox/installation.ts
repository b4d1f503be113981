import { geteuid } from 'node:process'

/** Programs that can serve as a MySQL server on this machine. */
export interface Installation {
  readonly provider: 'installed' | 'portable'
  /** The server program, as it is spawned. */
  readonly mysqld: string
  /** Options that this copy needs in every run, before all others. */
  readonly options: readonly string[]
  /** The folder with `mysql` and `mysqldump`, or null when this copy has none. */
  readonly bin: string | null
  /** `9.7.4`. */
  readonly version: string
}

/** What every run of a server program begins with: no my.cnf of this machine, and root may be asked to run it. */
export function commonOptions(installation: Installation): readonly string[] {
  const asRoot = geteuid?.() === 0 ? ['--user=root'] : []
  return ['--no-defaults', ...installation.options, ...asRoot]
}
