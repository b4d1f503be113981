import { isZone } from '../../calendar/zone.ts'
import { closestName } from '../../core/closest-name.ts'
import { parseDuration } from '../../core/duration.ts'
import type {
  CalendarSpan,
  FamilyPolicy,
  FamilySequence,
  FamilyVindex,
  KeySource,
  PeriodKind,
  ShardTemplate,
  SharedReference,
} from '../../core/shard-family.ts'

/** What is wrong with a header's text: the end of a sentence (`is "24", a number without a unit`) and what to write. */
export interface HeaderObjection {
  readonly says: string
  readonly why?: string
  readonly next: string
}

/** A value, or what is wrong with the text. Optional values are wrapped in an object. */
export type ValueOutcome<Value> = { readonly type: 'value'; readonly value: Value } | HeaderObjection

function value<Value>(read: Value): ValueOutcome<Value> {
  return { type: 'value', value: read }
}

function object(text: string, rest: string, next: string, why?: string): HeaderObjection {
  return { says: `is ${JSON.stringify(text)}, ${rest}`, next, ...(why === undefined ? {} : { why }) }
}

const kinds: readonly PeriodKind[] = ['day', 'week', 'month', 'quarter', 'year']

const kindAdvice =
  'Write day, week (an ISO week), month, quarter or year, followed by `zone NAME` for a zone other than UTC.'

export function readPeriod(text: string): ValueOutcome<{ readonly kind: PeriodKind; readonly zone: string }> {
  const [, written = '', zone = 'UTC'] = /^(\S+)(?:\s+zone\s+(\S+))?$/.exec(text) ?? []
  const kind = kinds.find((each) => each === written)
  if (kind === undefined) {
    const meant = closestName(written, kinds)
    return object(
      text,
      'which is not a period',
      meant === null ? kindAdvice : `Did you mean \`${meant}\`? ${kindAdvice}`,
    )
  }
  if (!isZone(zone)) {
    const next = 'Write UTC or an IANA time zone name such as Asia/Shanghai.'
    return { says: `names the zone ${JSON.stringify(zone)}, which does not exist`, next }
  }
  return value({ kind, zone })
}

/** Which column says when a row was made; null where its zone is the family's. */
export interface WrittenTime {
  readonly column: string
  readonly zone: string | null
}

const identifier = '(?:`[^`\\n]{1,64}`|[\\w$\\u0080-\\uffff]{1,64})'
const tableAt = `([A-Za-z]\\w*)\\.(${identifier})`
const keysForm = new RegExp(`^${tableAt}\\s*\\(\\s*(${identifier})\\s*\\)(?:\\s+deleted\\s+(${identifier}))?$`)

function unquote(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1) : name
}

export function readKeys(text: string): ValueOutcome<KeySource> {
  const [, database, table, column, deletedAt] = keysForm.exec(text) ?? []
  if (database === undefined || table === undefined || column === undefined) {
    const next =
      'Write database.table(column), followed by `deleted COLUMN` if a row with a value in that column counts as deleted.'
    return object(text, 'which does not name the rows that need a shard', next)
  }
  const source = { database, table: unquote(table), column: unquote(column) }
  return value({ ...source, deletedAt: deletedAt === undefined ? null : unquote(deletedAt) })
}

const timeForm = new RegExp(`^(${identifier})(?:\\s+zone\\s+(\\S+))?$`)

export function readTime(text: string): ValueOutcome<WrittenTime> {
  const [, column, zone = null] = timeForm.exec(text) ?? []
  if (column === undefined) {
    const next =
      'Write the column, followed by `zone NAME` if its DATETIME shows clocks other than those of the periods.'
    return object(text, 'which does not name a column', next)
  }
  if (zone === null || isZone(zone)) return value({ column: unquote(column), zone })
  const next = 'Write UTC or an IANA time zone name such as Asia/Shanghai.'
  return { says: `names the zone ${JSON.stringify(zone)}, which does not exist`, next }
}

export function readIds(text: string): ValueOutcome<ShardTemplate['idBase']> {
  if (text === 'none') return value(null)
  const [, pattern, factor] = /^([A-Z]+)\s*[x×*]\s*(\d{1,18})$/.exec(text) ?? []
  if (pattern === undefined || factor === undefined || BigInt(factor) === 0n) {
    const next = 'Write the digits of the period times a whole number, `YYYYMM x 10000000000`, or `none`.'
    return object(text, 'which does not define a first id', next)
  }
  return value({ pattern, factor: BigInt(factor) })
}

/** Null for the half that is not given. */
export interface WrittenPremake {
  readonly periods: number | null
  readonly days: number | null
  /** True for a family that gets no more shards: existing ones stay until they are retired. */
  readonly none?: true
}

export function readPremake(text: string): ValueOutcome<WrittenPremake> {
  if (text === 'none') return value({ periods: null, days: null, none: true })
  const advice = 'Write periods, days or both: `3 periods, 45 days`, or `none` for a family that gets no more shards.'
  let read: WrittenPremake = { periods: null, days: null }
  for (const part of text.split(',').map((each) => each.trim())) {
    const [, number, unit] = /^(\d{1,5})\s*([A-Za-z]*)$/.exec(part) ?? []
    if (number === undefined) return object(text, 'which is not an amount', advice)
    if (unit === '') return object(text, 'a number without a unit', advice)
    const half = /^periods?$/.test(unit ?? '') ? 'periods' : /^days?$/.test(unit ?? '') ? 'days' : null
    if (half === null) return object(text, `in which ${JSON.stringify(unit)} is not a unit`, advice)
    if (read[half] !== null) return object(text, `which has ${half} twice`, advice)
    read = { ...read, [half]: Number(number) }
  }
  if ((read.periods ?? 0) + (read.days ?? 0) === 0) return object(text, 'which creates nothing ahead', advice)
  return value(read)
}

/** A span of time in milliseconds. */
export function readDelay(text: string): ValueOutcome<number> {
  const outcome = parseDuration(text)
  if (outcome.type === 'duration') return value(outcome.milliseconds)
  if (outcome.type === 'fault') return object(text, outcome.why, outcome.next)
  return object(text, 'which is not a duration', 'Write it like `2 days`, `36 hours` or `1 week`.')
}

/** More of a unit than a century has. */
const mostOf: Readonly<Record<PeriodKind, number>> = { day: 36_525, week: 5_218, month: 1_200, quarter: 400, year: 100 }

export function readKeep(text: string): ValueOutcome<CalendarSpan | null> {
  const advice = 'Write it like `24 months`, `90 days`, `52 weeks`, `8 quarters` or `2 years`, or `forever`.'
  if (text === 'forever') return value(null)
  const [, number, written] = /^(\d{1,9})\s*([A-Za-z]*)$/.exec(text) ?? []
  if (number === undefined || written === undefined) return object(text, 'which is not a span of the calendar', advice)
  if (written === '')
    return object(text, 'a number without a unit', `${advice} A bare number could mean days or months.`)
  const unit = kinds.find((kind) => kind === written || `${kind}s` === written)
  if (unit === undefined) return object(text, `in which ${JSON.stringify(written)} is not a unit`, advice)
  const count = Number(number)
  if (count === 0) return object(text, 'which keeps nothing', advice)
  if (count > mostOf[unit]) return object(text, 'longer than a century', 'Check its unit, or write `forever`.')
  return value({ count, unit })
}

/** One of a few words. */
export function readChoice<Choice extends string>(text: string, choices: readonly Choice[]): ValueOutcome<Choice> {
  const found = choices.find((choice) => choice === text)
  if (found !== undefined) return value(found)
  const meant = closestName(text, choices)
  const list = choices.map((choice) => `"${choice}"`).join(' or ')
  return {
    says: `must be ${list}, not ${JSON.stringify(text)}`,
    next: meant === null ? `Write ${list}.` : `Did you mean \`${meant}\`?`,
  }
}

export function readView(text: string): ValueOutcome<FamilyPolicy['view']> {
  if (text === 'none') return value(null)
  const [, name, periods] = /^([a-z][a-z0-9_]{0,63})\s+(\d{1,3})\s+periods?$/.exec(text) ?? []
  if (name === undefined || periods === undefined) {
    const next = 'Write its name in lower case and its length: `messages_recent 3 periods`, or `none`.'
    return object(text, 'which does not name a view and how many periods it goes back', next)
  }
  if (name.startsWith('wwdb_')) return object(text, 'whose prefix `wwdb_` is reserved for wwdb', 'Choose another name.')
  return value({ name, periods: Number(periods) })
}

export function readCap(text: string): ValueOutcome<number> {
  if (/^[1-9]\d{0,5}$/.test(text)) return value(Number(text))
  return object(text, 'which is not a number of shards', 'Write a whole number from 1.')
}

export function readShare(text: string): ValueOutcome<number> {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?)\s*%$/.exec(text)?.[1]
  const share = percent === undefined ? 0 : Number(percent) / 100
  if (share > 0 && share <= 1) return value(share)
  return object(
    text,
    'which is not a percentage of the shards',
    'Write a percentage of more than 0 and at most 100: `25%`.',
  )
}

export function readFormerNames(text: string): ValueOutcome<readonly string[]> {
  const names = text.split(/[\s,]+/).filter((name) => name !== '')
  const wrong = names.find((name) => !/^[A-Za-z]\w{0,63}$/.test(name))
  if (wrong === undefined && names.length > 0) return value(names)
  return object(text, 'which is not a list of families', 'Write the names that the family had: `-- wwdb:formerly msg`.')
}

const columnList = `\\(\\s*(${identifier}(?:\\s*,\\s*${identifier})*)\\s*\\)`
const referenceForm = new RegExp(
  `^${columnList}\\s+${tableAt}\\s*${columnList}(?:\\s+on\\s+delete\\s+(restrict|cascade|set\\s+null))?$`,
  'i',
)

/** As in its header; the reader of the file knows the position. */
export type WrittenReference = Omit<SharedReference, 'line'>

export function readReference(text: string): ValueOutcome<WrittenReference> {
  const [, columns, database, table, parentColumns, onDelete = 'restrict'] = referenceForm.exec(text) ?? []
  const advice =
    'Write (column) database.table(column), optionally followed by `on delete cascade` or `on delete set null`.'
  if (columns === undefined || database === undefined || table === undefined || parentColumns === undefined) {
    return object(text, 'which does not name columns and what they reference', advice)
  }
  const [own, parents] = [columns, parentColumns].map((list) => list.split(',').map((name) => unquote(name.trim())))
  if (own === undefined || own.length !== parents?.length) {
    return object(text, 'whose two lists of columns differ in length', advice)
  }
  const rule = onDelete.toLowerCase()
  return value({
    columns: own,
    database,
    table: unquote(table),
    parentColumns: parents,
    onDelete: rule === 'cascade' ? 'cascade' : rule === 'restrict' ? 'restrict' : 'set null',
  })
}

const vindexForm = new RegExp(`^(${identifier})\\s*${columnList}\\s+using\\s+([a-z]\\w*)$`, 'i')

export function readVindex(text: string): ValueOutcome<FamilyVindex> {
  const [, name, columns, type] = vindexForm.exec(text) ?? []
  if (name !== undefined && columns !== undefined && type !== undefined)
    return value({ name: unquote(name), columns: columns.split(',').map((each) => unquote(each.trim())), type })
  const next = 'Write it as in `ALTER VSCHEMA ... ADD VINDEX`: `by_account (account_id) USING xxhash`.'
  return object(text, 'which does not name a vindex, its column and its type', next)
}

const sequenceForm = new RegExp(`^(${identifier})\\s+using\\s+${tableAt}$`, 'i')

export function readSequence(text: string): ValueOutcome<FamilySequence> {
  const [, column, database, table] = sequenceForm.exec(text) ?? []
  if (column !== undefined && database !== undefined && table !== undefined)
    return value({ column: unquote(column), database, table: unquote(table) })
  const next = 'Write the column and the sequence, with its database: `id USING user_db.message_ids`.'
  return object(text, 'which does not name a column and a sequence', next)
}
