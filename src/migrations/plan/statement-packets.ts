import type { Target } from '../../core/target.ts'
import type { Fault } from '../../core/tool-error.ts'
import { fitsPacket } from '../../sql/packet-size.ts'
import { type Statement, summarizeStatement } from '../../sql/statement.ts'
import type { Session } from '../ports.ts'
import { resolveText, type Schemas } from './placeholders.ts'

/** More than the bytes that a character of a text becomes when the schemas' names are filled in. */
const mostGrowth = 16

/** The largest `max_allowed_packet` that MySQL allows: 1 GiB. */
const largestPacket = 1024 ** 3

const mebibyte = 1024 ** 2

/** A statement that is known to fail, as an error and as a note of the plan. */
export interface TooLarge {
  readonly fault: Fault
  readonly note: string
}

/**
 * Why the server would not accept a statement: it closes the connection where one does not fit in a packet. Null for one that fits. For one that does
 * not, only the answer is kept: a file too large to hold is processed in passing.
 */
export function findTooLarge(
  statement: Statement,
  { target, facts }: Pick<Session, 'target' | 'facts'>,
  schemas: Schemas,
): TooLarge | null {
  const { text, file, line, column } = statement
  const { maxPacket } = facts
  if (maxPacket === undefined || text.length * mostGrowth < maxPacket) return null
  const bytes = Buffer.byteLength(text.includes('{{') ? resolveText(text, schemas) : text)
  if (fitsPacket(bytes, maxPacket)) return null
  const summary = summarizeStatement(statement)
  const why = `The statement has ${bytes} bytes, but \`max_allowed_packet\` of the server is ${maxPacket}.`
  const next = advise(bytes, target)
  return {
    fault: {
      what: `${summary} is larger than the server accepts.`,
      where: { file, line, column, database: target.database, server: target.server },
      why,
      next: `${next} Nothing was run.`,
    },
    note: `${summary} (${file}:${line}) will fail. ${why} ${next}`,
  }
}

function advise(bytes: number, { server }: Target): string {
  let enough = Math.ceil(bytes / mebibyte) * mebibyte
  if (!fitsPacket(bytes, enough)) enough += mebibyte
  const split = 'Split the statement into smaller ones'
  if (enough > largestPacket) return `${split}: MySQL takes at most 1 GiB.`
  return `${split}, or increase the limit of ${server} with \`SET GLOBAL max_allowed_packet = ${enough}\` and in its option file.`
}
