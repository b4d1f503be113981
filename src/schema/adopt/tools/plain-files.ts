import * as z from 'zod/mini'
import {
  fileGone,
  type HistoryRow,
  type OldFile,
  type OldHistory,
  type OldMigration,
  type OldProject,
  passedOver,
  type SqlTool,
} from '../contract.ts'

/**
 * SQL by versions without a tool: `1.2.0/a.sql`, `versioned/v1.2/b.sql`, `v190-v200/c.sql`, `1.2.0_d.sql`. Only the current version shows what ran: it
 * comes from the tables in which such projects keep it, or from the caller.
 */
export const plainFiles: SqlTool = {
  kind: 'sql',
  name: 'files',
  history: {
    // Temporal's tool also keeps a log.
    table: 'schema_version',
    columns: ['curr_version'],
    order: 'curr_version',
    others: [{ table: 't_ds_version', columns: ['version'], order: 'version' }],
    beside: (table) => (table === 'schema_version' ? ['schema_update_history'] : []),
  },
  readProject,
  readHistory,
}

/** `v1.2`, `3.2.0_schema`, `V2__x`, `release-4`; of a step between two versions, the second: `v190-v200`. */
const versioned =
  /^(?:v|version|release|upgrade|from|delta)?[-_ ]?(\d+(?:[._]\d+)*)(?:[-_](?:to[-_])?v?(\d+(?:[._]\d+)*)(?![\w.]*\d))?/i

export function readVersion(word: string): string | null {
  const [, first, second] = versioned.exec(word) ?? []
  const version = second ?? first
  return version === undefined ? null : version.replaceAll('_', '.').replaceAll(/(?<=^|\.)0+(?=\d)/g, '')
}

interface Found {
  readonly file: OldFile
  readonly version: string
  readonly folder: string
}

function readProject(files: readonly OldFile[]): OldProject {
  const scripts = files.filter(({ path }) => path.endsWith('.sql'))
  const found = scripts.flatMap((file): readonly Found[] => {
    const parts = file.path.split('/')
    const folderAt = parts.slice(0, -1).findLastIndex((part) => readVersion(part) !== null)
    const version = readVersion(parts[folderAt < 0 ? parts.length - 1 : folderAt] ?? '')
    return version === null ? [] : [{ file, version, folder: parts.slice(0, -1).join('/') }]
  })
  const manifests = readManifests(files)
  const used = new Set(found.map(({ file }) => file.path))
  return {
    migrations: found
      .toSorted((one, other) => compareVersions(one.version, other.version) || comparePlaces(one, other, manifests))
      .map(toMigration),
    notes: passedOver(
      '`--from files`',
      scripts.filter(({ path }) => !used.has(path)).map(({ path }) => path),
    ).map((note) => `${note} One that makes the whole schema is named with \`--full-file\`.`),
    faults: [],
  }
}

function toMigration({ file, version }: Found): OldMigration {
  const base = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/\.sql$/, '')
  const folder = file.path
    .split('/')
    .findLast((part, index, parts) => index < parts.length - 1 && readVersion(part) === version)
  const isNamed = readVersion(base) === version || (folder !== undefined && base.includes(folder))
  const name = isNamed ? base : `${version.replaceAll('.', '_')}_${base}`
  return { id: file.path, file: file.path, kind: 'versioned', version, name, up: file.text, down: null }
}

const manifestSchema = z.object({ SchemaUpdateCqlFiles: z.array(z.string()) })

/** The order of files in a `manifest.json` beside them, as Temporal has. */
function readManifests(files: readonly OldFile[]): ReadonlyMap<string, number> {
  const manifests = files.filter(({ path }) => /(?:^|\/)manifest\.json$/.test(path))
  return new Map(
    manifests.flatMap(({ path, text }) => {
      const root = path.slice(0, -'manifest.json'.length)
      return readNames(text).map((name, index) => [`${root}${name}`, index] as const)
    }),
  )
}

function readNames(text: string): readonly string[] {
  try {
    const read = manifestSchema.safeParse(JSON.parse(text))
    return read.success ? read.data.SchemaUpdateCqlFiles : []
  } catch {
    return []
  }
}

function comparePlaces(one: Found, other: Found, manifests: ReadonlyMap<string, number>): number {
  const listed = (manifests.get(one.file.path) ?? manifests.size) - (manifests.get(other.file.path) ?? manifests.size)
  return listed || rankOf(one) - rankOf(other) || comparePaths(one.file.path, other.file.path)
}

/** Definitions come before data, and files called `post` or `after` come last. */
function rankOf({ file }: Found): number {
  const words = file.path
    .slice(file.path.lastIndexOf('/') + 1)
    .toLowerCase()
    .split(/[^a-z]+/)
  if (words.includes('post') || words.includes('after')) return 2
  return words.includes('dml') || words.includes('data') ? 1 : 0
}

/** `2_x` comes before `10_x`. */
function comparePaths(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

/** Compared by their numbers: `1.9` comes before `1.10`. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)]
  const length = Math.max(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The newest version in the rows. */
export function currentVersion(rows: readonly HistoryRow[]): string | undefined {
  return rows
    .flatMap((row) => readVersion(row['curr_version'] ?? row['version'] ?? '') ?? [])
    .toSorted(compareVersions)
    .at(-1)
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const none = { applied: [], edited: [], notes: [], faults: [] }
  const current = currentVersion(rows)
  if (current === undefined) return none
  if (!migrations.some(({ version }) => compareVersions(version, current) === 0))
    return { ...none, faults: [fileGone('`--from files`', current)] }
  const applied = migrations.filter(({ version }) => compareVersions(version, current) <= 0)
  return {
    ...none,
    applied: applied.map(({ id }) => ({ id, at: null, by: null, milliseconds: null })),
    notes: [`The current version is ${current}: all files up to it count as applied, at an unknown time.`],
  }
}
