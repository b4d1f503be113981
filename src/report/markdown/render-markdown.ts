import { formatDuration } from '../../core/duration.ts'
import type { Language } from '../../core/language.ts'
import { type DrawnTable, renderMermaid } from '../../schema/render-diagram.ts'
import { foldFindings } from '../fold-findings.ts'
import { code, paragraph, words as plain, row, table } from '../markup/markdown.ts'
import {
  isWhole,
  knownCount,
  type Report,
  type ReportColumn,
  type ReportDatabase,
  type ReportFamily,
  type ReportFinding,
  type ReportKey,
  type ReportTable,
  shardLooks,
} from '../report.ts'
import { judgeReport } from '../verdict.ts'
import { type Words, wordsOf } from '../words.ts'

export interface MarkdownFile {
  readonly name: string
  readonly text: string
}

/**
 * The report for a wiki: a file for each database, and one that links to them and contains everything that belongs to none. Pure, like
 * the page.
 */
export function renderMarkdown(report: Report, language: Language): readonly MarkdownFile[] {
  const words = wordsOf(language)
  return [
    { name: 'README.md', text: renderIndex(report, words) },
    ...report.databases.map((database) => ({
      name: fileOf(database.name),
      text: renderDatabase(database, report, words),
    })),
  ]
}

/** Names of databases consist of letters, digits and `_` in the configuration; other characters are left out. */
function fileOf(database: string): string {
  return `${database.replaceAll(/[^\p{L}\p{N}_-]/gu, '_')}.md`
}

const join = (blocks: readonly string[]): string => `${blocks.filter((block) => block !== '').join('\n\n')}\n`

function renderIndex(report: Report, words: Words): string {
  const { families, drift, lint, doctor } = report
  const none = (part: 'drift' | 'lint' | 'doctor'): string => (isWhole(report, part) ? words.none[part] : words.notRead)
  const title = report.environment === null ? words.title : `${words.title}, ${words.environment(report.environment)}`
  return join([
    `# ${plain(title)}`,
    plain(words.made(report.at.slice(0, 16).replace('T', ' '), report.toolVersion)),
    renderVerdict(report, words),
    ...renderGaps(report, words),
    `## ${words.databases}`,
    renderDatabases(report, words),
    `## ${words.shards}`,
    families.length === 0
      ? isWhole(report, 'shards')
        ? words.none.families
        : words.notRead
      : renderFamilies(families, report, words),
    `## ${words.runs}`,
    renderRuns(report, words),
    `## ${words.drift}`,
    renderFindings(drift, none('drift'), words),
    `## ${words.lint}`,
    renderFindings(lint, none('lint'), words),
    `## ${words.doctor}`,
    renderFindings(doctor, none('doctor'), words),
    `## ${words.stores}`,
    ...renderStores(report, words),
  ])
}

/** What is wrong, first; the part follows in parentheses where several have findings. */
function renderVerdict(report: Report, words: Words): string {
  const { errors, warnings, parts, whole } = judgeReport(report)
  if (errors + warnings === 0) return `**${whole ? words.nothingWrong : words.nothingWrongSeen}**`
  const where = parts.map((one) => `${words[one.part]}: ${words.wrong(one.errors, one.warnings)}`)
  return `**${words.wrong(errors, warnings)}** (${where.join('; ')})`
}

/** What the report lacks, with its heading; nothing where it is complete. */
function renderGaps({ gaps }: Report, words: Words): readonly string[] {
  if (gaps.length === 0) return []
  const lines = gaps.map(({ part, place, why, next }) => {
    const where = place === null ? words.parts[part] : `${words.parts[part]}, ${place}`
    return `- **${plain(where)}**: ${[why, next].flatMap((text) => (text === null ? [] : paragraph(text))).join(' ')}`
  })
  return [`## ${words.gaps}`, lines.join('\n')]
}

function renderDatabases(report: Report, words: Words): string {
  return table(
    [words.databases, words.tables, words.columns, 'MySQL'],
    report.databases.map(({ name, tables, leftOut, serverVersion }) =>
      row(
        `[${plain(name)}](${encodeURI(fileOf(name))})`,
        String(knownCount(report, tables.length + leftOut, 'tables') ?? '?'),
        knownCount(report, tables.length, 'tables') === null
          ? '?'
          : String(tables.reduce((sum, { columns }) => sum + columns.length, 0)),
        plain(serverVersion ?? ''),
      ),
    ),
  )
}

function renderRuns(report: Report, words: Words): string {
  const { runs } = report
  if (runs.length === 0) return isWhole(report, 'runs') ? words.none.runs : words.notRead
  return table(
    [words.when, words.command, words.duration, words.outcome, words.databases, words.by],
    runs.map(({ startedAt, command, milliseconds, outcome, databases, by }) =>
      row(
        startedAt.slice(0, 16).replace('T', ' '),
        code(`wwdb ${command}`),
        milliseconds === null ? '' : formatDuration(milliseconds),
        words.outcomes[outcome],
        plain(databases.join(', ')),
        plain(by),
      ),
    ),
  )
}

function renderStores(report: Report, words: Words): readonly string[] {
  const { stores } = report
  if (stores.length === 0) return [isWhole(report, 'stores') ? words.none.stores : words.notRead]
  return stores.flatMap(({ store, server, state, unchanged, findings, fault }) => [
    `### ${plain(store)}`,
    `${plain(server)}: ${words.storeStates[state]}${state === 'unread' ? '' : `, ${words.unchanged(unchanged)}`}`,
    fault === null ? '' : paragraph(fault),
    findings.length === 0 ? '' : renderFindings(findings, '', words),
  ])
}

function renderFamilies(families: readonly ReportFamily[], report: Report, words: Words): string {
  return table(
    [words.families, words.pattern, ...shardLooks.map((look) => words.looks[look])],
    families.map(({ name, pattern, shards }) => {
      const areKnown = knownCount(report, shards.length, 'shards') !== null
      const counts = shardLooks.map((look) =>
        areKnown ? String(shards.filter((shard) => shard.look === look).length) : '?',
      )
      return row(plain(name), code(pattern), ...counts)
    }),
  )
}

function renderFindings(findings: readonly ReportFinding[], none: string, words: Words): string {
  if (findings.length === 0) return none
  return foldFindings(findings)
    .map(({ severity, code: name, places, what, why, next }) => {
      const sentences = [what, why].flatMap((text) => (text === null ? [] : paragraph(text))).join(' ')
      const step = next === null || next === '' ? '' : ` ${words.next}: ${paragraph(next)}`
      return `- **${words.severities[severity]}** ${code(name)} ${plain(places.join(', '))}: ${sentences}${step}`
    })
    .join('\n')
}

function renderDatabase(database: ReportDatabase, report: Report, words: Words): string {
  const { name, schema, server, serverVersion, source, tables, leftOut, others, migrations } = database
  const own = report.families.filter((family) => family.database === name)
  const facts = [
    `${schema} @ ${server}`,
    ...(serverVersion === null ? [] : [`MySQL ${serverVersion}`]),
    ...(migrations === null ? [] : [words.migrations(migrations.applied, migrations.pending)]),
  ]
  return join([
    `# ${plain(name)}`,
    plain(facts.join(' · ')),
    source === 'files' ? words.fromFiles : '',
    leftOut === 0 ? '' : words.leftOut(leftOut),
    tables.length === 0
      ? isWhole(report, 'tables')
        ? words.none.tables
        : words.notRead
      : `\`\`\`mermaid\n${renderMermaid([{ database: name, objects: tables.map((one) => toDrawn(name, one)) }])}\`\`\``,
    ...(own.length === 0 ? [] : [`## ${words.shards}`, renderFamilies(own, report, words)]),
    ...tables.flatMap((one) => renderTable(name, one, words)),
    ...(others.length === 0
      ? []
      : [`## ${words.others}`, others.map(({ type, name: other }) => `- ${type} ${code(other)}`).join('\n')]),
  ])
}

/** A table in the form that the diagram of `schema dump` accepts; a parent in another database has its full name. */
function toDrawn(database: string, { name, columns, indexes, keys }: ReportTable): DrawnTable {
  return {
    type: 'table',
    name,
    columns,
    indexes,
    foreignKeys: keys.map((key) => ({
      columns: key.columns,
      parentDatabase: null,
      parent: key.database === database ? key.table : `${key.database ?? '?'}.${key.table}`,
    })),
  }
}

function renderTable(
  database: string,
  { name, family, comment, made, columns, keys, indexes }: ReportTable,
  words: Words,
): readonly string[] {
  const origin = made === null ? '' : `${words.madeByFile} ${code(made.file)}`
  const applied = made?.applied == null ? '' : `, ${words.applied(made.applied.slice(0, 10))}`
  return [
    `## ${plain(name)}`,
    plain(comment),
    `${family === null ? '' : `${words.families}: ${plain(family)}. `}${origin}${applied}`,
    table(
      [words.column, words.type, words.default, words.comment, words.madeBy],
      columns.map((column) => renderColumn(column, words)),
    ),
    keys.length === 0
      ? ''
      : `${words.refersTo}:\n\n${keys.map((key) => `- ${renderKey(database, key, words)}`).join('\n')}`,
    indexes.length === 0
      ? ''
      : `${words.indexes}:\n\n${indexes
          .map(
            (index) =>
              `- ${code(index.name)} (${plain(index.columns.join(', '))})${index.unique ? `, ${words.uniqueIndex}` : ''}`,
          )
          .join('\n')}`,
  ]
}

function renderColumn(
  { name, type, nullable, default: value, comment, key, made, changed }: ReportColumn,
  words: Words,
): string {
  const tag = key === null || key === 'index' ? '' : `, ${words.keys[key]}`
  const versions = [
    ...(made === null ? [] : [made.version ?? made.name]),
    ...(changed === null ? [] : [`${words.changedBy} ${changed.version ?? changed.name}`]),
  ]
  return row(
    `${code(name)}${tag}`,
    `${code(type)}${nullable ? ` ${words.optional}` : ''}`,
    value === null ? '' : code(value),
    plain(comment),
    plain(versions.join(', ')),
  )
}

function renderKey(
  database: string,
  { columns, database: other, table: parent, parentColumns, physical }: ReportKey,
  words: Words,
): string {
  const name = other === null || other === database ? parent : `${other}.${parent}`
  const to = parentColumns.length === 0 ? '' : ` (${plain(parentColumns.join(', '))})`
  return `${plain(columns.join(', '))} → ${code(name)}${to}${physical ? '' : `, ${words.logical}`}`
}
