import { migrationLabel } from '../../core/migration-label.ts'
import type { Fault } from '../../core/tool-error.ts'
import { endOfRetirement } from '../../operate/retire/presence.ts'
import type { RetiredRecord } from '../../operate/retire/record.ts'
import { nameRetired } from '../../operate/retire/retirement.ts'
import { indexNameAt, isMark, isWord } from '../../sql/clauses.ts'
import { type Statement, summarizeStatement } from '../../sql/statement.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { Migration } from '../migration.ts'
import type { Step } from '../plan.ts'
import { readWaiting } from '../retired-records.ts'
import { hasRetired } from '../retirements.ts'
import type { OpenTarget } from '../targets.ts'

/** What is retired now, with the migrations that know it by name. */
export interface RetiredNow {
  readonly records: readonly RetiredRecord[]
  readonly migrations: readonly Migration[]
}

/** Asks nothing where nothing was ever retired. */
export async function readRetiredNow({
  session,
  snapshot,
  all,
}: Pick<OpenTarget, 'session' | 'snapshot' | 'all'>): Promise<RetiredNow> {
  return { records: hasRetired(snapshot) ? await readWaiting(session) : [], migrations: all }
}

/** A retired thing that a statement names, and how: as a sentence goes on. */
interface NamedRetired {
  readonly record: RetiredRecord
  readonly how: string
}

/** Notes of statements that make again, rename or change what is only hidden: it has its name still, or its rows stay where nobody looks for them. Pure. */
export function noteRetired(
  statements: readonly { readonly step: Step; readonly statement: Statement }[],
  retired: RetiredNow,
): readonly string[] {
  return statements.flatMap(({ step, statement }) =>
    findNamed(step, statement, retired).map(({ record, how }) => {
      const place = `${summarizeStatement(statement)} (${statement.file}:${statement.line})`
      return `${place} ${how}, which \`${nameOrigin(record, retired)}\` retired: ${describeHiding(record)} ${adviseRetired(record)}`
    }),
  )
}

/** What to do about a name that is taken by what is only hidden; null where it is taken by something else. Pure. */
export function adviseHidden(
  { step, statement }: { readonly step: Step; readonly statement: Statement },
  retired: RetiredNow,
): string | null {
  const [first] = findNamed(step, statement, retired)
  if (first === undefined) return null
  const { record } = first
  const origin = nameOrigin(record, retired)
  return `\`${origin}\` retired \`${nameRetired(record)}\`: ${describeHiding(record)} ${adviseRetired(record)}`
}

function nameOrigin(record: RetiredRecord, { migrations }: RetiredNow): string {
  const migration = migrations.find(({ version }) => version === record.version)
  return migration === undefined ? record.version : migrationLabel(migration)
}

function describeHiding(record: RetiredRecord): string {
  const kept =
    record.hold !== ''
      ? `its rows are in \`${record.hold}\``
      : `it ${record.isHidden ? 'is invisible' : 'stays visible'} and keeps its name`
  return `${kept} until ${new Date(endOfRetirement(record)).toISOString().slice(0, 16).replace('T', ' ')} UTC at least.`
}

const adviseRetired = (record: RetiredRecord): string =>
  `\`wwdb retire undo ${nameRetired(record)}\` puts it back; or wait until \`wwdb retire run\` has dropped it.`

const isSame = (name: string | undefined, other: string | null): boolean => name?.toLowerCase() === other?.toLowerCase()

function findNamed(
  { type, migration, fanOut }: Step,
  statement: Statement,
  { records }: RetiredNow,
): readonly NamedRetired[] {
  if (type !== 'apply' || fanOut !== undefined || statement.class !== 'definition') return []
  return records
    .filter(({ version }) => version !== migration.version)
    .flatMap((record) => {
      const how = record.type === 'table' ? howTable(statement, record) : howPart(statement, record)
      return how === null ? [] : [{ record, how }]
    })
}

/** A table has another name by then; what makes one of its name takes the place to which it would come back. */
function howTable({ verb, objects }: Statement, { table, hold }: RetiredRecord): string | null {
  const names = objects.map(({ name }) => name)
  if (verb === 'CREATE TABLE' || verb === 'CREATE VIEW')
    return isSame(names[0], table) ? `makes \`${table}\` again` : null
  if (names.some((name) => isSame(name, hold))) return `names the hold table of \`${table}\``
  const isTarget = names.some((name, at) => at % 2 === 1 && isSame(name, table))
  return (verb === 'RENAME TABLE' || verb === 'ALTER TABLE') && isTarget ? `gives a table the name \`${table}\`` : null
}

function howPart({ verb, objects, text }: Statement, record: RetiredRecord): string | null {
  const { table, part } = record
  const own = `\`${nameRetired(record)}\``
  const at = objects.findIndex(({ name }) => isSame(name, table))
  if (at < 0) return null
  if (verb === 'DROP TABLE') return `drops \`${table}\` with ${own}`
  if (verb === 'RENAME TABLE') return at % 2 === 0 ? `renames \`${table}\` with ${own}` : null
  const tokens = tokenize(text)
  if (verb === 'CREATE INDEX' || verb === 'DROP INDEX' || verb.endsWith(' INDEX')) {
    const names = record.type === 'index' ? tokens.slice(indexNameAt(tokens)).slice(0, 1) : tokens
    return names.some((token) => isSame(token.text, part)) ? `names ${own}` : null
  }
  if (verb !== 'ALTER TABLE') return null
  if (objects.length > 1 && at === 0 && tokens.some((token) => isWord(token, 'RENAME')))
    return `renames \`${table}\` with ${own}`
  // A string says nothing, and neither does the name before a point.
  const isNamed = tokens.some(
    (token, position) => token.type !== 'string' && isSame(token.text, part) && !isMark(tokens[position + 1], '.'),
  )
  return isNamed ? `names ${own}` : null
}

/** What is known to be refused has its sentence already, with its way out: a trial that finds the same adds none. What has no file is of no statement, and never the same. */
export const withoutSaid = (failures: readonly Fault[], said: readonly Fault[]): readonly Fault[] =>
  failures.filter(
    ({ where }) =>
      where?.file === undefined ||
      !said.some((one) => one.where?.file === where.file && one.where?.line === where.line),
  )
