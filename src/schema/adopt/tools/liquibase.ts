import { createHash } from 'node:crypto'
import type { Fault } from '../../../core/tool-error.ts'
import {
  type AppliedMigration,
  fileGone,
  type HistoryRow,
  keepLines,
  type OldFile,
  type OldHistory,
  type OldMigration,
  type OldProject,
  type SqlTool,
  splitLines,
  unfinished,
} from '../contract.ts'

/**
 * Liquibase: formatted SQL (`--changeset author:id`), and for changelogs in XML, YAML or JSON what its own `update-sql` writes for an empty schema. Each
 * changeset is a migration; the table is `DATABASECHANGELOG`.
 */
export const liquibase: SqlTool = {
  kind: 'sql',
  name: 'liquibase',
  history: {
    table: 'DATABASECHANGELOG',
    columns: ['ID', 'AUTHOR', 'FILENAME', 'DATEEXECUTED', 'EXECTYPE', 'MD5SUM'],
    order: 'ORDEREXECUTED, DATEEXECUTED',
    beside: (table) => [`${table}LOCK`],
  },
  readProject,
  readHistory,
}

/** A changeset with the checksum that Liquibase gives it. */
interface Changeset extends OldMigration {
  readonly checksum: string
}

function readProject(files: readonly OldFile[]): OldProject {
  const [first] = files
  if (files.length === 1 && first !== undefined && printed.test(first.text)) return readPrinted(first)
  const formatted = files.filter(({ text }) => /^\ufeff?\s*--\s*liquibase formatted sql/i.test(text))
  const notes = new Set<string>()
  const sets = sortByChangelog(formatted, files).flatMap((file) => readFormatted(file, notes))
  const others = files.filter(({ path, text }) => /\.(?:xml|ya?ml|json)$/i.test(path) && /change-?set\b/i.test(text))
  return {
    migrations: sets,
    notes: [...notes],
    faults: others.map(({ path }) => ({
      what: 'Changesets in XML, YAML or JSON become SQL by Liquibase itself.',
      where: { file: path },
      next: 'Run `liquibase update-sql` against an empty schema, and name the file that it writes with `--files`.',
    })),
  }
}

/** Files in the order in which a changelog of the folder includes them; the others behind them, by name. */
function sortByChangelog(formatted: readonly OldFile[], files: readonly OldFile[]): readonly OldFile[] {
  const roots = files.filter(({ path }) => /\.(?:xml|ya?ml|json)$/i.test(path))
  const included = roots.flatMap(({ text }) =>
    [...text.matchAll(/\bfile["']?\s*[:=]\s*["']?([^"'\s>,}]+\.sql)/g)].map(([, file = '']) => file),
  )
  const placeOf = ({ path }: OldFile): number => {
    const at = included.findIndex((one) => path.endsWith(one) || one.endsWith(path))
    return at < 0 ? included.length : at
  }
  return formatted.toSorted((one, other) => placeOf(one) - placeOf(other) || (one.path < other.path ? -1 : 1))
}

const changeset = /^\s*--\s*changeset\s+(?:"([^"]*)"|([^:]+)):(?:"([^"]*)"|(\S+))(.*)$/i
const rollback = /^\s*--\s*rollback\b(.*)$/i
/** Lines that Liquibase reads itself. */
const directive =
  /^\s*--\s*(?:liquibase formatted sql|changeset|rollback|comment|validCheckSum|valid-checksum|preconditions?\b|precondition-[\w-]+|ignoreLines|property)\b/i

function readFormatted(file: OldFile, notes: Set<string>): readonly Changeset[] {
  const lines = splitLines(file.text)
  const starts = lines.flatMap((line, index) => (changeset.test(line) ? [index] : []))
  return starts.flatMap((start, order) => {
    const end = starts[order + 1] ?? lines.length
    const [, quoted, author, quotedId, id, rest = ''] = changeset.exec(lines[start] ?? '') ?? []
    const attributes = new Map(
      [...rest.matchAll(/(\w+):(?:"([^"]*)"|(\S+))/g)].map(([, name = '', text, word = '']) => [
        name.toLowerCase(),
        text ?? word,
      ]),
    )
    if (!isForMysql(attributes.get('dbms'))) {
      notes.add('Changesets for other servers than MySQL are left out.')
      return []
    }
    for (const name of ['context', 'contextfilter', 'labels', 'runalways'])
      if (attributes.has(name)) notes.add(`\`${name}\` of changesets is not kept.`)
    if (lines.slice(start, end).some((line) => /^\s*--\s*preconditions/i.test(line)))
      notes.add('Preconditions of changesets are not kept.')
    const isText = (index: number): boolean => index > start && index < end && !directive.test(lines[index] ?? '')
    const text = lines.filter((_, index) => isText(index)).join('\n')
    const [who, what] = [quoted ?? author ?? '', quotedId ?? id ?? '']
    return [
      {
        id: identify(what, who, file.path),
        file: file.path,
        kind: attributes.get('runonchange') === 'true' ? 'repeatable' : 'versioned',
        version: what,
        name: nameOf(what, file.path),
        up: setDelimiter(keepLines(lines, isText), start, attributes.get('enddelimiter')),
        down: readRollback(lines, start, end),
        checksum: checksumOf(text),
      },
    ]
  })
}

function isForMysql(dbms: string | undefined): boolean {
  if (dbms === undefined) return true
  const names = dbms.split(',').map((name) => name.trim().toLowerCase())
  if (names.includes('!mysql') || names.includes('none')) return false
  return names.includes('mysql') || names.includes('all') || names.every((name) => name.startsWith('!'))
}

/** The line of the changeset itself is free for the command. */
function setDelimiter(text: string, line: number, delimiter: string | undefined): string {
  if (delimiter === undefined || delimiter === ';' || delimiter === '') return text
  const mark = delimiter.replaceAll('\\n', '').trim()
  const end = text.trimEnd().endsWith(mark) ? '' : `\n${mark}`
  return `${text
    .split('\n')
    .map((one, index) => (index === line ? `DELIMITER ${mark}` : one))
    .join('\n')
    .trimEnd()}${end}`
}

/** Null where the changeset has no way back. */
function readRollback(lines: readonly string[], start: number, end: number): string | null {
  const parts = lines.map((line, index) =>
    index > start && index < end ? (rollback.exec(line)?.[1]?.trim() ?? '') : '',
  )
  const found = parts.filter((one) => one !== '')
  if (found.length === 0) return null
  return parts.map((one) => (/^(?:not required|empty)$/i.test(one) ? '' : one)).join('\n')
}

const printed = /^--\s+Changeset (.+)::(.+)::(.+)$/m
const recorded = /^INSERT INTO (?:`?([\w$-]+)`?\.)?`?DATABASECHANGELOG`?\b.*?'(\d+:[0-9a-f]{32})'.*$/i

/** What `update-sql` wrote: the statements of each changeset, and the row that it adds to the history. */
function readPrinted(file: OldFile): OldProject {
  const lines = splitLines(file.text)
  const starts = lines.flatMap((line, index) => (printed.test(line) ? [index] : []))
  const schemas = new Set<string>()
  const migrations = starts.map((start, order): Changeset => {
    const next = starts[order + 1] ?? lines.length
    const release = lines.findIndex((line, index) => index > start && /^--\s+Release Database Lock/.test(line))
    const end = release > start && release < next ? release : next
    const [, path = '', what = '', who = ''] = printed.exec(lines[start] ?? '') ?? []
    const row = lines
      .slice(start, end)
      .map((line) => recorded.exec(line))
      .find((one) => one !== null)
    if (row?.[1] !== undefined) schemas.add(row[1].toLowerCase())
    return {
      id: identify(what, who, path),
      file: file.path,
      kind: 'versioned',
      version: what,
      name: nameOf(what, path),
      up: keepLines(lines, (index) => index > start && index < end && !recorded.test(lines[index] ?? '')),
      down: null,
      checksum: row?.[2] ?? '',
    }
  })
  return { migrations, notes: [], faults: [], schemas: [...schemas] }
}

/** `4` of `db/users.sql` is `users_4`: an identity is unique in its file alone, and may be a number. */
function nameOf(id: string, path: string): string {
  const file = baseName(path).replace(/(?:\.\w+)+$/, '')
  return `${file}_${id}`
}

/** The path may have another beginning in the history. */
function identify(id: string, author: string, path: string): string {
  return `${baseName(path)}::${id}::${author}`
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Version 9 of Liquibase's checksums: the text without blanks, and around it that of a changeset of one change. */
function checksumOf(text: string): string {
  const md5 = (value: string): string => createHash('md5').update(value).digest('hex')
  return `9:${md5(`9:${md5(text.replaceAll(/[ \n\r\t]/g, ''))}:`)}`
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const known = new Map((migrations as readonly Changeset[]).map((one) => [one.id, one]))
  const applied = new Map<string, AppliedMigration>()
  const edited: { file: string; why: string }[] = []
  const faults: Fault[] = []
  let unknown = 0
  for (const { ID: name, AUTHOR: author, FILENAME: file, DATEEXECUTED: at, EXECTYPE: type, MD5SUM: sum } of rows) {
    const id = identify(name ?? '', author ?? '', file ?? '')
    const one = known.get(id)
    if (type === 'FAILED') {
      const next = 'Take back by hand what it has done, delete its row, and then adopt.'
      faults.push(
        unfinished('Liquibase', id, 'Its row has the type FAILED, and its changelog let the run continue.', next),
      )
    } else if (one === undefined) faults.push(fileGone('Liquibase', id))
    else {
      const isKnown = sum?.startsWith('9:') === true
      if (!isKnown) unknown += 1
      if (isKnown && sum !== one.checksum) {
        if (one.kind === 'repeatable') continue
        edited.push({ file: one.file, why: `the checksum of \`${id}\` is not ${sum}, which Liquibase recorded` })
      }
      applied.set(id, { id, at: at ?? null, by: author ?? null, milliseconds: null })
    }
  }
  return {
    applied: [...applied.values()],
    edited,
    notes: unknown === 0 ? [] : [`${unknown} checksums are of an older Liquibase, and were not compared.`],
    faults,
  }
}
