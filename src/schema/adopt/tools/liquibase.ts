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
import { findDuplicates } from '../duplicates.ts'

/**
 * Liquibase: formatted SQL (`--changeset author:id`), and for changelogs in XML, YAML or JSON the output of its own `update-sql` for an empty schema.
 * Each changeset is a migration; the table is `DATABASECHANGELOG`.
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

/** A changeset with the checksum that Liquibase computes for it. */
interface Changeset extends OldMigration {
  readonly checksum: string
  /** The changelog from which Liquibase read it: `file`, except for output of `update-sql`. */
  readonly path: string
  readonly author: string
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
    faults: [
      ...findDuplicates('Liquibase', sets, (id) => `the changeset \`${id}\``),
      ...others.map(({ path }) => ({
        what: 'Changesets in XML, YAML or JSON must be converted to SQL by Liquibase.',
        where: { file: path },
        next: 'Run `liquibase update-sql` against an empty schema, and give the file that it writes with `--files`.',
      })),
    ],
  }
}

/** Files in the order in which a changelog of the folder includes them; the others follow, by name. */
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
/** Lines that Liquibase itself interprets. */
const directive =
  /^\s*--\s*(?:liquibase formatted sql|changeset|rollback|comment|validCheckSum|valid-checksum|preconditions?\b|precondition-[\w-]+|ignoreLines|property)\b/i

function readFormatted(file: OldFile, notes: Set<string>): readonly Changeset[] {
  const lines = splitLines(file.text)
  const starts = lines.flatMap((line, index) => (changeset.test(line) ? [index] : []))
  return starts.flatMap((start, order) => {
    const section = lines.slice(start, starts[order + 1] ?? lines.length)
    const [, quoted, author, quotedId, id, rest = ''] = changeset.exec(lines[start] ?? '') ?? []
    const attributes = new Map(
      [...rest.matchAll(/(\w+):(?:"([^"]*)"|(\S+))/g)].map(([, name = '', text, word = '']) => [
        name.toLowerCase(),
        text ?? word,
      ]),
    )
    if (!isForMysql(attributes.get('dbms'))) {
      notes.add('Changesets for databases other than MySQL are skipped.')
      return []
    }
    for (const name of ['context', 'contextfilter', 'labels', 'runalways'])
      if (attributes.has(name)) notes.add(`\`${name}\` of changesets is ignored.`)
    if (section.some((line) => /^\s*--\s*preconditions/i.test(line)))
      notes.add('Preconditions of changesets are ignored.')
    const isText = (index: number): boolean => index > 0 && !directive.test(section[index] ?? '')
    const text = section.filter((_, index) => isText(index)).join('\n')
    const [who, what] = [quoted ?? author ?? '', quotedId ?? id ?? '']
    return [
      {
        id: identify(what, who, file.path),
        file: file.path,
        kind: attributes.get('runonchange') === 'true' ? 'repeatable' : 'versioned',
        version: what,
        name: nameOf(what, file.path),
        up: setDelimiter(keepLines(section, isText), attributes.get('enddelimiter')),
        down: readRollback(section),
        firstLine: start + 1,
        checksum: checksumOf(text),
        path: file.path,
        author: who,
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

/** The changeset's own line is free for the command. */
function setDelimiter(text: string, delimiter: string | undefined): string {
  if (delimiter === undefined || delimiter === ';' || delimiter === '') return text
  const mark = delimiter.replaceAll('\\n', '').trim()
  const end = text.trimEnd().endsWith(mark) ? '' : `\n${mark}`
  return `${text
    .split('\n')
    .map((one, index) => (index === 0 ? `DELIMITER ${mark}` : one))
    .join('\n')
    .trimEnd()}${end}`
}

/** Null where the changeset has no rollback. */
function readRollback(section: readonly string[]): string | null {
  const parts = section.map((line) => rollback.exec(line)?.[1]?.trim() ?? '')
  const found = parts.filter((one) => one !== '')
  if (found.length === 0) return null
  return parts.map((one) => (/^(?:not required|empty)$/i.test(one) ? '' : one)).join('\n')
}

const printed = /^--\s+Changeset (.+)::(.+)::(.+)$/m
const recorded = /^INSERT INTO (?:`?([\w$-]+)`?\.)?`?DATABASECHANGELOG`?\b.*?'(\d+:[0-9a-f]{32})'.*$/i

/** The output of `update-sql`: the statements of each changeset, and the row that it adds to the history. */
function readPrinted(file: OldFile): OldProject {
  const lines = splitLines(file.text)
  const starts = lines.flatMap((line, index) => (printed.test(line) ? [index] : []))
  const schemas = new Set<string>()
  const migrations = starts.map((start, order): Changeset => {
    const section = lines.slice(start, starts[order + 1] ?? lines.length)
    const release = section.findIndex((line) => /^--\s+Release Database Lock/.test(line))
    const own = release < 0 ? section : section.slice(0, release)
    const [, path = '', what = '', who = ''] = printed.exec(lines[start] ?? '') ?? []
    const row = own.map((line) => recorded.exec(line)).find((one) => one !== null)
    if (row?.[1] !== undefined) schemas.add(row[1].toLowerCase())
    return {
      id: identify(what, who, path),
      file: file.path,
      kind: 'versioned',
      version: what,
      name: nameOf(what, path),
      up: keepLines(own, (index) => index > 0 && !recorded.test(own[index] ?? '')),
      down: null,
      firstLine: start + 1,
      path,
      author: who,
      checksum: row?.[2] ?? '',
    }
  })
  return { migrations, notes: [], faults: [], schemas: [...schemas] }
}

/** `4` of `db/users.sql` is `users_4`: an identity is unique only in its file, and may be a number. */
function nameOf(id: string, path: string): string {
  const file = baseName(path).replace(/(?:\.\w+)+$/, '')
  return `${file}_${id}`
}

function identify(id: string, author: string, path: string): string {
  return `${path}::${id}::${author}`
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Version 9 of Liquibase's checksums: the text without blanks, enclosed in the text of a changeset with one change. */
function checksumOf(text: string): string {
  const md5 = (value: string): string => createHash('md5').update(value).digest('hex')
  return `9:${md5(`9:${md5(text.replaceAll(/[ \n\r\t]/g, ''))}:`)}`
}

/** The changeset of a row. The path may begin differently in the history; of several changelogs with one name, the one whose path ends alike. */
function findByHistory(
  sets: readonly Changeset[],
): (id: string, author: string, path: string) => Changeset | undefined {
  const known = new Map<string, Changeset[]>()
  const keyOf = (id: string, author: string, path: string): string => identify(id, author, baseName(path))
  for (const one of sets) {
    const key = keyOf(one.version, one.author, one.path)
    const group = known.get(key)
    if (group === undefined) known.set(key, [one])
    else group.push(one)
  }
  return (id, author, path) => {
    const group = known.get(keyOf(id, author, path)) ?? []
    const isSame = (one: string): boolean => path === one || path.endsWith(`/${one}`) || one.endsWith(`/${path}`)
    return group.length > 1 ? group.find((one) => isSame(one.path)) : group[0]
  }
}

function readHistory(rows: readonly HistoryRow[], { migrations }: OldProject): OldHistory {
  const find = findByHistory(migrations as readonly Changeset[])
  const applied = new Map<string, AppliedMigration>()
  const edited: { file: string; why: string }[] = []
  const faults: Fault[] = []
  let unknown = 0
  for (const { ID: name, AUTHOR: author, FILENAME: file, DATEEXECUTED: at, EXECTYPE: type, MD5SUM: sum } of rows) {
    const one = find(name ?? '', author ?? '', file ?? '')
    const id = one?.id ?? identify(name ?? '', author ?? '', file ?? '')
    if (type === 'FAILED') {
      const next = 'Revert its changes by hand, delete its row, and then adopt.'
      faults.push(
        unfinished(
          'Liquibase',
          id,
          'Its row has the type FAILED, because its changelog allowed the run to continue.',
          next,
        ),
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
    notes: unknown === 0 ? [] : [`${unknown} checksums are from an older Liquibase, and were not compared.`],
    faults,
  }
}
