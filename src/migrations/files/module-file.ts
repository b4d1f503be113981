import type { AcceptedHazard, Condition } from '../../core/migration.ts'
import type { Fault } from '../../core/tool-error.ts'
import { readHeader, type WrittenReference } from './header.ts'
import { isFault } from './migration-name.ts'
import type { Headers } from './part-reader.ts'
import { refuseShards } from './shard-statement.ts'

const headerLine = /^[ \t]*\/\/[ \t]*wwdb:([A-Za-z][\w-]*)(.*)$/
const leadingLine = /^[ \t]*(?:\/\/.*)?$/

/** The headers of a data migration: `// wwdb:NAME ...` lines in the comments above its code. The code is not read. */
export function readModuleHeaders(text: string, file: string): { readonly headers: Headers; readonly faults: Fault[] } {
  const requires: WrittenReference[] = []
  const conditions: Condition[] = []
  const accepted: AcceptedHazard[] = []
  const faults: Fault[] = []
  let inside = false
  for (const [index, line] of text.split('\n').entries()) {
    const match = headerLine.exec(line)
    inside ||= !leadingLine.test(line)
    if (match === null) continue
    const place = { file, line: index + 1 }
    const header = inside ? misplacedFault(match[1] ?? '', place) : readHeader(match[1] ?? '', match[2] ?? '', place)
    if (isFault(header)) faults.push(header)
    else if (header.type === 'requires') requires.push(...header.references)
    else if (header.type === 'when') conditions.push(header.condition)
    else if (header.type === 'accept') accepted.push(header.accepted)
    else faults.push(refuseShards('module', place))
  }
  return { headers: { requires, conditions, accepted, shards: null }, faults }
}

function misplacedFault(name: string, place: { readonly file: string; readonly line: number }): Fault {
  return {
    what: `The header "wwdb:${name}" stands below the first line of code.`,
    where: place,
    next: 'Move it to the top of the file.',
  }
}
