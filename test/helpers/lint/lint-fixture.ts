import type { ReviewFinding } from '../../../src/lint/review/finding.ts'
import { type HeldMigration, readHistory } from '../../../src/lint/review/read-history.ts'
import { review } from '../../../src/lint/review/review.ts'
import { reviewRules } from '../../../src/lint/review-rules.generated.ts'
import type { Fixture, Rule } from '../../../src/lint/rule.ts'
import { hazardRules } from '../../../src/lint/rules.generated.ts'
import { type LintKeyspace, readTemplateHeaders } from '../../../src/lint/subjects.ts'
import { readContent } from '../../../src/migrations/files/large-file.ts'
import type { Migration } from '../../../src/migrations/migration.ts'
import { readTemplateFile } from '../../../src/shards/templates/template-file.ts'
import { toStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'
import { tokenize } from '../../../src/sql/tokens.ts'

/** The folder of fixtures' files. */
const folder = 'migrations/app'

/** Every rule, in one list. */
export const allRules: readonly Rule[] = [...hazardRules, ...reviewRules]

/** A migration file as its author writes it. */
export function migrationText({ headers, sql, down }: Pick<Fixture, 'headers' | 'sql' | 'down'>): string {
  const top = headers === undefined ? '' : `${headers}\n\n`
  return `${top}-- migrate:up\n${sql};\n${down === undefined ? '' : `\n-- migrate:down\n${down};\n`}`
}

/** Reads a migration's text; throws where it is not well-formed. */
export function heldMigration(text: string, name: string): HeldMigration {
  const version = /^\d+/.exec(name)?.[0] ?? '1'
  const file = `${folder}/${name}`
  const request = { file, repeatable: false, database: 'app', databases: ['app', 'other'] }
  const { headers, content, faults } = readContent(text, request)
  const [fault] = faults
  if (fault !== undefined) throw new Error(`${fault.what} ${fault.next ?? ''}\n${text}`)
  const { up, down } = content
  const migration: Migration = {
    database: 'app',
    version,
    name: name.replace(/^\d+_|\.sql$/g, ''),
    kind: 'versioned',
    file,
    checksum: '',
    requires: [],
    conditions: headers.conditions,
    accepted: headers.accepted,
    suppressed: headers.suppressed,
    ...(headers.shards === null ? {} : { shards: headers.shards }),
    up,
    down,
  }
  if (up.type !== 'statements') throw new Error('a fixture is small')
  return { migration, up: up.statements, down: down?.type === 'statements' ? down.statements : null, partial: false }
}

/** Lints a fixture with some of the rules: its own file alone is judged. */
export function lintFixture(fixture: Fixture, rules: readonly Rule[] = allRules): readonly ReviewFinding[] {
  const own = fixture.file ?? '20260102000000_fixture.sql'
  const files: HeldMigration[] = []
  if (fixture.setup !== undefined)
    files.push(heldMigration(migrationText({ sql: fixture.setup }), '20260101000000_setup.sql'))
  if (fixture.template === undefined) files.push(heldMigration(migrationText(fixture), own))
  if (fixture.later !== undefined)
    files.push(heldMigration(migrationText({ sql: fixture.later }), '20260103000000_later.sql'))
  const template = fixture.template === undefined ? [] : [readTemplate(fixture.sql, fixture.template)]
  const others = Object.entries(fixture.templates ?? {}).map(([family, text]) => readTemplate(text, family))
  return review({
    histories: new Map([['app', readHistory('app', files)]]),
    templates: [...template, ...others],
    judged: new Set([`${folder}/${own}`, ...template.map(({ file }) => file)]),
    rules,
    settingOf: (rule) => {
      const facts = rule
      return { severity: facts.severity, options: { ...facts.options, ...fixture.options } }
    },
    target: fixture.target ?? null,
    today: '2026-11-26',
    ...(fixture.facts !== undefined && { facts: [{ ...fixture.facts, place: 'server db:3306', database: null }] }),
    ...(fixture.keyspace !== undefined && { keyspaces: new Map([['app', keyspaceOf(fixture.keyspace)]]) }),
    ...(fixture.live !== undefined && { live: fixture.live }),
    ...(fixture.trial !== undefined && { trials: new Map([[`${folder}/${own}`, fixture.trial]]) }),
  })
}

/** A keyspace with the name of the database, beside another one. */
const keyspaceOf = ({ isSharded }: NonNullable<Fixture['keyspace']>): LintKeyspace => ({
  keyspace: 'app',
  isSharded,
  isOnline: true,
  isPhysical: false,
  resolve: (text) => text.replaceAll(/\{\{schema:(\w+)\}\}/g, '`$1`'),
})

function readTemplate(text: string, family: string) {
  const file = `shard-templates/app/${family}.sql`
  const piece = [...scan(text, { file })].find((each) => each.type === 'statement')
  if (piece === undefined) throw new Error('a template has a statement')
  const statement = toStatement(piece, 0)
  return {
    file,
    family,
    database: 'app',
    headers: readTemplateHeaders(text),
    suppressed: readTemplateFile(text, file).suppressed,
    statement,
    tokens: tokenize(statement.text),
  }
}

/** What became of a label, or of a finding without one. */
interface CorpusOutcome {
  readonly line: number
  readonly code: string
  readonly outcome: 'found' | 'missed' | 'false'
}

/**
 * Judges a file of the corpus: a small history, whose migrations begin at `-- migration: NAME`; each is judged after those before it. Labels
 * stand above statements. A hint without a label is advice, and not counted as false.
 * @public for scripts/lint-quality.mjs
 */
export function lintCorpusFile(source: string): {
  readonly statements: number
  readonly outcomes: readonly CorpusOutcome[]
} {
  const parts = splitMigrations(source)
  const held = parts.map(({ text }, at) => heldMigration(`-- migrate:up\n${text}`, `2026010${at + 1}000000_part.sql`))
  const outcomes = parts.flatMap(({ text, line }, at) => judgePart(held.slice(0, at + 1), text, line))
  return { statements: held.reduce((sum, { up }) => sum + up.length, 0), outcomes }
}

/** The texts behind the markers, with the number of lines before each. */
function splitMigrations(source: string): readonly { readonly text: string; readonly line: number }[] {
  const markers = [...source.matchAll(/^-- migration:.*\n/gm)]
  return markers.map((marker, at) => {
    const start = marker.index + marker[0].length
    return { text: source.slice(start, markers[at + 1]?.index), line: source.slice(0, start).split('\n').length - 1 }
  })
}

/** The last of the migrations is judged. @param shift lines of the file before it */
function judgePart(held: readonly HeldMigration[], text: string, shift: number): readonly CorpusOutcome[] {
  const own = held.at(-1)
  if (own === undefined) return []
  const found = reviewLast(held, own)
  const expected = labeledCodes(text, own, 'expect')
  const isAt = (finding: ReviewFinding, code: string, line: number): boolean =>
    finding.code === code && (finding.statement === null || finding.statement.line === line)
  const place = (line: number): number => line - 1 + shift
  const labeled = expected.map(({ code, line }) => {
    const isFound = found.some((finding) => isAt(finding, code, line))
    return { code, line: place(line), outcome: isFound ? ('found' as const) : ('missed' as const) }
  })
  const noise = found
    .filter(({ severity }) => severity !== 'hint')
    .filter((finding) => !expected.some(({ code, line }) => isAt(finding, code, line)))
    .map(({ code, statement, region }) => ({
      code,
      line: place(statement?.line ?? region.line),
      outcome: 'false' as const,
    }))
  return [...labeled, ...noise]
}

/** The last of the migrations is judged, after those before it. */
function reviewLast(held: readonly HeldMigration[], own: HeldMigration): readonly ReviewFinding[] {
  return review({
    histories: new Map([['app', readHistory('app', held)]]),
    templates: [],
    judged: new Set([own.migration.file]),
    rules: allRules,
    settingOf: standardSetting,
    target: null,
    today: '2026-11-26',
  }).filter(({ suppressed }) => suppressed === null)
}

/** An error or a warning in a schema that people wrote by hand, and what a reviewer calls it. */
interface SampleFinding {
  readonly line: number
  readonly code: string
  readonly message: string
  readonly label: 'useful' | 'noise' | 'unlabeled'
}

/**
 * Judges a file of test/lint-sample. `-- useful: CODE` and `-- noise: CODE` above a statement label its errors and warnings; a label
 * without its finding is not counted.
 * @public for scripts/lint-quality.mjs
 */
export function lintSampleFile(source: string): {
  readonly statements: number
  readonly findings: readonly SampleFinding[]
} {
  const parts = splitMigrations(source)
  const held = parts.map(({ text }, at) => heldMigration(`-- migrate:up\n${text}`, `2026010${at + 1}000000_part.sql`))
  const findings = parts.flatMap(({ text, line: shift }, at) => {
    const own = held[at]
    if (own === undefined) return []
    const labels = (['useful', 'noise'] as const).map((name) => [name, labeledCodes(text, own, name)] as const)
    return reviewLast(held.slice(0, at + 1), own)
      .filter(({ severity }) => severity !== 'hint')
      .map(({ code, message, statement, region }): SampleFinding => {
        const line = statement?.line ?? region.line
        const label = labels.find(([, codes]) => codes.some((each) => each.code === code && each.line === line))
        return { line: line - 1 + shift, code, message: message.en, label: label?.[0] ?? 'unlabeled' }
      })
  })
  return { statements: held.reduce((sum, { up }) => sum + up.length, 0), findings }
}

/** The codes of the labels of this name, each with the line of the statement below it. */
function labeledCodes(
  text: string,
  own: HeldMigration,
  name: string,
): readonly { readonly code: string; readonly line: number }[] {
  return readLabels(`-- migrate:up\n${text}`, name).flatMap(({ line, codes }) => {
    const statement = own.up.find((each) => each.line > line)
    return codes.map((code) => ({ code, line: statement?.line ?? line }))
  })
}

function standardSetting(rule: Rule) {
  const facts = rule
  if (facts.onByDefault === false) return { severity: 'off' as const, options: {} }
  return { severity: facts.severity, options: facts.options ?? {} }
}

function readLabels(
  text: string,
  name: string,
): readonly { readonly line: number; readonly codes: readonly string[] }[] {
  return text.split('\n').flatMap((line, at) => {
    const codes = new RegExp(`^\\s*-- ${name}:\\s*(.+)$`).exec(line)?.[1]
    return codes === undefined
      ? []
      : [{ line: at + 1, codes: codes.split(/[\s,]+/).filter((code) => /^[A-Z]/.test(code)) }]
  })
}
