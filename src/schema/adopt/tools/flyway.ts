import { crc32 } from 'node:zlib'
import type { Fault } from '../../../core/tool-error.ts'
import {
  type AppliedMigration,
  fileGone,
  type HistoryRow,
  type OldFile,
  type OldHistory,
  type OldMigration,
  type OldProject,
  passedOver,
  type SqlTool,
  splitLines,
  unfinished,
} from '../contract.ts'
import { findDuplicates } from '../duplicates.ts'

/** Flyway: `V1.2__name.sql`, `U1.2__name.sql`, `R__name.sql`; the table `flyway_schema_history`. */
export const flyway: SqlTool = {
  kind: 'sql',
  name: 'flyway',
  history: {
    table: 'flyway_schema_history',
    columns: [
      'version',
      'description',
      'type',
      'script',
      'checksum',
      'installed_by',
      'installed_on',
      'execution_time',
      'success',
    ],
    order: 'installed_rank',
  },
  readProject,
  readHistory,
}

const fileName = /^([VUR])(\d[\d._]*)?__(.*)\.sql$/

function readProject(files: readonly OldFile[]): OldProject {
  const named = files.flatMap((file) => {
    const parts = fileName.exec(baseName(file.path))
    if (parts === null || (parts[1] === 'R') !== (parts[2] === undefined)) return []
    return [{ file, prefix: parts[1], version: normalVersion(parts[2] ?? ''), title: parts[3] ?? '' }]
  })
  const undo = new Map(named.filter(({ prefix }) => prefix === 'U').map(({ version, file }) => [version, file]))
  const downOf = (version: string): string | null => {
    const file = undo.get(version)
    return file === undefined ? null : nameSchema(file.text)
  }
  const versioned = named.filter(({ prefix }) => prefix === 'V')
  const repeatable = named.filter(({ prefix }) => prefix === 'R')
  const of = ({ file, version, title }: (typeof named)[number], kind: OldMigration['kind']): OldMigration => ({
    id: kind === 'repeatable' ? `R ${title.replaceAll('_', ' ')}` : version,
    file: file.path,
    kind,
    version,
    name: title,
    up: nameSchema(file.text),
    down: kind === 'versioned' ? downOf(version) : null,
  })
  const used = new Set(named.map(({ file }) => file.path))
  const code = files.filter(({ path }) => /(?:^|\/)[VR][\d._]*__.*\.(?:java|kt|class)$/.test(path))
  return {
    migrations: [
      ...versioned
        .toSorted((one, other) => compareDotted(one.version, other.version))
        .map((one) => of(one, 'versioned')),
      ...repeatable.toSorted((one, other) => (one.title < other.title ? -1 : 1)).map((one) => of(one, 'repeatable')),
    ],
    notes: passedOver(
      'Flyway',
      files.filter(({ path }) => path.endsWith('.sql') && !used.has(path)).map(({ path }) => path),
    ),
    faults: [
      ...code.map(({ path }) => codeFault(path)),
      ...findDuplicates('Flyway', named.map(identify), (id) => `the name \`${id}\``),
      ...named.flatMap(({ file }) => findPlaceholders(file)),
    ],
  }
}

/** A version, or the title of a repeatable migration, must be unique. */
function identify(one: { file: OldFile; prefix: string | undefined; version: string; title: string }): {
  readonly id: string
  readonly file: string
} {
  const { file, prefix = '', version, title } = one
  return { id: prefix === 'R' ? `R__${title}` : `${prefix}${version}`, file: file.path }
}

function codeFault(file: string): Fault {
  return {
    what: 'A Flyway migration written as code cannot be converted to SQL.',
    where: { file },
    next: 'Write it as SQL in a file with the same version, and move the code out of the folder.',
  }
}

/** Flyway's own name for its schema. */
function nameSchema(text: string): string {
  return text.replaceAll(/`?\$\{flyway:defaultSchema\}`?/g, '{{schema}}')
}

function findPlaceholders({ path, text }: OldFile): readonly Fault[] {
  return splitLines(text).flatMap((line, index) => {
    const placeholder = /\$\{(?!flyway:defaultSchema\})[^}\n]+\}/.exec(line)?.[0]
    if (placeholder === undefined) return []
    return [
      {
        what: `\`${placeholder}\` is a placeholder of Flyway, whose value is in the configuration of Flyway.`,
        where: { file: path, line: index + 1 },
        next: 'Write its value in the copy of the file in the folder of `--files`.',
      },
    ]
  })
}

function readHistory(rows: readonly HistoryRow[], project: OldProject, files: readonly OldFile[]): OldHistory {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const known = new Map(project.migrations.map((one) => [one.id, one]))
  const applied = new Map<string, AppliedMigration>()
  const edited = new Map<string, string>()
  const faults: Fault[] = []
  const notes: string[] = []
  for (const row of rows) {
    const { type, version, script, success } = row
    const label = script ?? ''
    const id = version === null || version === undefined ? `R ${row['description'] ?? ''}` : normalVersion(version)
    if (success !== '1') {
      faults.push(
        unfinished(
          'Flyway',
          label,
          'One of its statements failed after those before it ran: MySQL cannot roll back DDL.',
          'Revert its changes by hand, run `flyway repair`, and then adopt.',
        ),
      )
    } else if (type === 'BASELINE' || type === 'SQL_BASELINE') {
      for (const one of project.migrations)
        if (one.kind === 'versioned' && compareDotted(one.version, id) <= 0) applied.set(one.id, toApplied(one.id, row))
      notes.push(`Flyway has the baseline ${version}: files up to it count as applied.`)
    } else if (type === 'DELETE' || type?.startsWith('UNDO')) applied.delete(id)
    else if (type !== 'SCHEMA') {
      const migration = known.get(id)
      if (migration === undefined) {
        if (type === 'SQL' && id.startsWith('R ')) notes.push(`The repeatable \`${label}\` no longer has a file.`)
        else faults.push(fileGone('Flyway', label))
        continue
      }
      const isSame = row['checksum'] === null || row['checksum'] === String(checksumOf(texts.get(migration.file) ?? ''))
      if (migration.kind === 'repeatable') {
        // Flyway itself would run it again.
        applied.delete(id)
        if (isSame) applied.set(id, toApplied(id, row))
        continue
      }
      if (!isSame) edited.set(migration.file, `its CRC32 is not ${row['checksum']}, which Flyway recorded`)
      applied.set(id, toApplied(id, row))
    }
  }
  return {
    applied: [...applied.values()],
    edited: [...edited].map(([file, why]) => ({ file, why })),
    notes,
    faults,
  }
}

function toApplied(id: string, row: HistoryRow): AppliedMigration {
  return {
    id,
    at: row['installed_on'] ?? null,
    by: row['installed_by'] ?? null,
    milliseconds: Number(row['execution_time'] ?? 0),
  }
}

/** CRC32 over the lines without their ends, as a signed number: Flyway's ChecksumCalculator. */
function checksumOf(text: string): number {
  const lines = splitLines(text)
  return lines.reduce((sum, line) => crc32(line, sum), 0) | 0
}

/** `1_2` and `1.2`, `1` and `1.0` are the same version. */
function normalVersion(version: string): string {
  const parts = version.replaceAll('_', '.').split('.')
  const numbers = parts.map((part) => part.replace(/^0+(?=\d)/, ''))
  while (numbers.length > 1 && numbers.at(-1) === '0') numbers.pop()
  return numbers.join('.')
}

function compareDotted(one: string, other: string): number {
  const [left, right] = [one.split('.'), other.split('.')]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [a, b] = [BigInt(left[at] || '0'), BigInt(right[at] || '0')]
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
