import type { Fault } from '../../core/tool-error.ts'
import type { OldFile, OldHistory, OldProject, SqlTool } from './contract.ts'
import { compareVersions, currentVersion, plainFiles, readVersion } from './tools/plain-files.ts'

/** The file of a project that creates its whole schema, beside files that upgrade an older one. */
export interface FullFile {
  readonly file: OldFile
  /** The version whose schema it creates; null where it is the newest of the files. */
  readonly version: string | null
}

/** SQL by versions that begins with a full file: it replaces the upgrades up to its version, which no new database runs. */
export function startWithFull({ file, version: given }: FullFile): SqlTool {
  return {
    ...plainFiles,
    readProject: (files) => readProject(file, given, files),
    readHistory: (rows, project, files) => {
      const current = currentVersion(rows)
      const { faults, notes } = plainFiles.readHistory(rows, plainFiles.readProject(files), files)
      const full = project.migrations[0]?.version
      if (current === undefined || full === undefined) return noHistory([])
      if (compareVersions(current, full) < 0) return noHistory([olderThanFull(file, full, current)])
      // A version that the full file includes needs no file of its own.
      if (compareVersions(current, full) > 0 && faults.length > 0) return noHistory(faults)
      const applied = project.migrations.filter(({ version }) => compareVersions(version, current) <= 0)
      return {
        ...noHistory([]),
        notes,
        applied: applied.map(({ id }) => ({ id, at: null, by: null, milliseconds: null })),
      }
    },
  }
}

const noHistory = (faults: readonly Fault[]): OldHistory => ({ applied: [], edited: [], notes: [], faults })

function readProject(file: OldFile, given: string | null, files: readonly OldFile[]): OldProject {
  const { migrations, notes, faults } = plainFiles.readProject(files.filter(({ path }) => path !== file.path))
  const version = given === null ? migrations.at(-1)?.version : readVersion(given)
  if (version === undefined || version === null)
    return { migrations: [], notes, faults: [...faults, unknownVersion(file, given)] }
  const later = migrations.filter((one) => compareVersions(one.version, version) > 0)
  const left = migrations.length - later.length
  const base = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.sql$/, '')
  const name = `${version.replaceAll('.', '_')}_${base}`
  return {
    migrations: [
      { id: file.path, file: file.path, kind: 'versioned', version, name, up: file.text, down: null },
      ...later,
    ],
    notes: [...notes, `\`${file.path}\` makes the schema of version ${version}: ${leftOut(left)}.`],
    faults,
  }
}

function leftOut(count: number): string {
  if (count === 0) return 'no upgrade file is of that version or an older one'
  return count === 1 ? 'the one upgrade file up to it is left out' : `the ${count} upgrade files up to it are left out`
}

function unknownVersion({ path }: OldFile, given: string | null): Fault {
  return {
    what:
      given === null
        ? `The version whose schema \`${path}\` makes is not known: no other file has a version.`
        : `\`${given}\` of \`--full-version\` is not a version.`,
    where: { file: path },
    next: 'Give it with `--full-version`: digits with dots, such as `3.2.0`.',
  }
}

function olderThanFull({ path }: OldFile, full: string, current: string): Fault {
  return {
    what: `The database is at version ${current}, and \`${path}\` makes the schema of version ${full}.`,
    where: { file: path },
    why: 'A new database would begin with what this one does not have yet.',
    next: `Give \`--full-file\` the same file of version ${current}, with \`--full-version ${current}\`; or upgrade the database to ${full} as before, first; or let what is in the database be the first migration: \`--from-live\` in place of \`--full-file\`.`,
  }
}
