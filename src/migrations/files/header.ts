import { closestName } from '../../core/closest-name.ts'
import type { Condition } from '../../core/condition.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { AcceptedHazard, Suppression } from '../../lint/accepted.ts'
import { explainUnknownCode } from '../../lint/allowances.ts'
import type { MigrationReference } from '../migration.ts'

/** A reference as its header wrote it; whether it exists is unknown yet. */
export interface WrittenReference extends MigrationReference {
  readonly line: number
}

/** One `-- wwdb:NAME ...` line before the up part. */
export type Header =
  | { readonly type: 'requires'; readonly references: readonly WrittenReference[] }
  | { readonly type: 'when'; readonly condition: Condition }
  | { readonly type: 'accept'; readonly accepted: AcceptedHazard }
  | { readonly type: 'nolint'; readonly suppression: Omit<Suppression, 'scope'> }
  | { readonly type: 'shards'; readonly family: string; readonly line: number }
  | { readonly type: 'squashes'; readonly versions: readonly string[] }

interface Place {
  readonly file: string
  readonly line: number
}

const headerNames = [
  'requires',
  'when',
  'accept',
  'nolint',
  'shards',
  'squashes',
  'batch',
  'undo',
  'online',
  'retire',
] as const

/** Reads what follows `-- wwdb:`: the header's name and the rest of the line. */
export function readHeader(name: string, argument: string, place: Place): Header | Fault {
  switch (name) {
    case 'requires':
      return readRequires(argument.trim(), place)
    case 'when':
      return readWhen(argument.trim(), place)
    case 'accept':
      return readAccept(argument.trim(), place)
    case 'nolint':
      return readNolint(argument.trim(), place)
    case 'shards':
      return readShards(argument.trim(), place)
    case 'squashes':
      return readSquashes(argument.trim(), place)
    case 'batch':
    case 'undo':
      return {
        what: `The header \`wwdb:${name}\` is above the first part.`,
        where: place,
        next: 'Move it directly above the statement that is to run in batches.',
      }
    default:
      return unknownHeader(name, place)
  }
}

function readRequires(argument: string, place: Place): Header | Fault {
  const words = argument.split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return requiresFault('The header `wwdb:requires` does not name a migration.', place)
  const references: WrittenReference[] = []
  for (const word of words) {
    const [, database, version] = /^([^/\s]+)\/(\d+|R__[^/\s]+)$/.exec(word) ?? []
    if (database === undefined || version === undefined) {
      return requiresFault(`"${word}" does not name a migration.`, place)
    }
    references.push({ database, version, line: place.line })
  }
  return { type: 'requires', references }
}

function requiresFault(what: string, place: Place): Fault {
  return { what, where: place, next: 'Write it as database/version: -- wwdb:requires user_db/20260101000000.' }
}

const comparison = /^(\w+)\s*(!=|<=|>=|<|>|=)\s*(.*)$/

function readWhen(argument: string, place: Place): Header | Fault {
  const [, name, operator, value] = comparison.exec(argument) ?? []
  const condition = name === undefined ? null : readCondition(name, operator ?? '', value ?? '')
  if (condition !== null) return { type: 'when', condition }
  return {
    what:
      argument === ''
        ? 'The header `wwdb:when` has no condition.'
        : `"${argument}" is not a condition that wwdb knows.`,
    where: place,
    next: 'Write references=physical, references=logical, platform=mysql, platform=vitess, environment=a,b, environment!=a,b, or server>=8.0.16 (also >, <, <=).',
  }
}

function readCondition(name: string, operator: string, value: string): Condition | null {
  if (name === 'references' && operator === '=' && (value === 'physical' || value === 'logical')) {
    return { type: 'references', value }
  }
  if (name === 'platform' && operator === '=' && (value === 'mysql' || value === 'vitess')) {
    return { type: 'platform', value }
  }
  if (name === 'environment' && (operator === '=' || operator === '!=')) {
    const names = value.split(/\s*,\s*/)
    if (!names.every((each) => /^[\w.-]+$/.test(each))) return null
    return { type: 'environment', names, negated: operator === '!=' }
  }
  if (name === 'server' && isOrder(operator) && /^\d+(\.\d+){0,2}$/.test(value)) {
    return { type: 'server', operator, version: value }
  }
  return null
}

function isOrder(operator: string): operator is '<' | '<=' | '>=' | '>' {
  return operator === '<' || operator === '<=' || operator === '>=' || operator === '>'
}

function readAccept(argument: string, place: Place): Header | Fault {
  const [, code, reason] = /^([A-Za-z][\w-]*)(?:\s+(.+))?$/.exec(argument) ?? []
  if (code === undefined) return acceptFault('The header `wwdb:accept` does not name a hazard.', 'DROP_TABLE', place)
  const unknown = explainUnknownCode(code)
  if (unknown !== null) return { what: `"${code}" is not a hazard that wwdb knows.`, where: place, next: unknown }
  if (reason === undefined) return acceptFault(`The header accepts ${code} without a reason.`, code, place)
  return { type: 'accept', accepted: { code, reason, line: place.line } }
}

function acceptFault(what: string, code: string, place: Place): Fault {
  const next = `Write the hazard's code and the reason: -- wwdb:accept ${code} the table has been empty since May.`
  return { what, where: place, next }
}

/** Only `wwdb lint`, which loads all rules, knows whether there is a rule with that name. */
export function readNolint(argument: string, place: Place): Extract<Header, { readonly type: 'nolint' }> | Fault {
  const [, code, rest = ''] = /^([A-Za-z][\w-]*)(?:\s+(.+))?$/.exec(argument) ?? []
  const [, reason = rest, until = null] = /^(.*?)\s*\buntil\s+(\S+)$/.exec(rest) ?? []
  if (code === undefined) return nolintFault('The header `wwdb:nolint` does not name a rule.', 'FLOAT_COLUMN', place)
  if (until !== null && !isDate(until)) return nolintFault(`"${until}" is not a date.`, code, place)
  if (reason === '') return nolintFault(`The header turns ${code} off without a reason.`, code, place)
  return { type: 'nolint', suppression: { code, reason, until, line: place.line } }
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function nolintFault(what: string, code: string, place: Place): Fault {
  const next = `Write the rule's code and the reason, and optionally a date: -- wwdb:nolint ${code} the readings are rounded until 2027-03-01.`
  return { what, where: place, next }
}

/** Whether the family exists is checked when its templates are read. */
function readShards(argument: string, place: Place): Header | Fault {
  if (/^[A-Za-z]\w*$/.test(argument)) return { type: 'shards', family: argument, line: place.line }
  return {
    what:
      argument === ''
        ? 'The header `wwdb:shards` does not name a shard family.'
        : `"${argument}" is not the name of one shard family.`,
    where: place,
    next: 'Write the name of one family, which is the name of its template: -- wwdb:shards messages.',
  }
}

function readSquashes(argument: string, place: Place): Header | Fault {
  const versions = argument.split(/\s+/)
  if (versions.every((version) => /^\d+$/.test(version))) return { type: 'squashes', versions }
  return {
    what: 'The header `wwdb:squashes` contains something other than versions.',
    where: place,
    next: 'Leave the file as `wwdb squash` wrote it.',
  }
}

function unknownHeader(name: string, place: Place): Fault {
  const close = closestName(name, headerNames)
  const known = headerNames.map((each) => `\`wwdb:${each}\``).join(', ')
  return {
    what: `\`wwdb:${name}\` is not a header that wwdb knows.`,
    where: place,
    next:
      close === null ? `Valid headers are ${known}.` : `Did you mean \`wwdb:${close}\`? Valid headers are ${known}.`,
  }
}
