import type { Target } from '../../core/target.ts'
import { quoteQualified } from '../../sql/quote-name.ts'
import { type CutOverRequest, tryBetween } from './cut-over.ts'
import type { OnlineServer } from './ports.ts'
import type { OnlineRecord } from './record.ts'
import { blocked, stoppedBefore } from './refusals.ts'

interface TextRequest {
  readonly server: Pick<OnlineServer, 'ask'>
  readonly target: Pick<Target, 'schema'>
}

async function readText({ server, target }: TextRequest, table: string): Promise<string> {
  const [row] = await server.ask(`SHOW CREATE TABLE ${quoteQualified(target.schema, table)}`)
  return String(row?.[1])
}

/** Of its options: no text in quotes stands before that one, and a comment may say anything. */
const nextOf = (text: string): bigint => BigInt(/\n\)[^\n']*? AUTO_INCREMENT=(\d+)/.exec(text)?.[1] ?? 1)

/** Whether a column numbers the rows: no text in quotes stands before that word. */
const isNumbered = (text: string): boolean => /^ [^'\n]* AUTO_INCREMENT\b/m.test(text)

/** What gives the copy the next number of the table; null where its own is as high, or it numbers no rows. */
export async function numberLike(request: TextRequest, table: string, copy: string): Promise<string | null> {
  const next = nextOf(await readText(request, table))
  const text = await readText(request, copy)
  if (!isNumbered(text) || nextOf(text) >= next) return null
  return `ALTER TABLE ${quoteQualified(request.target.schema, copy)} AUTO_INCREMENT=${next}`
}

/** A tool copies rows alone: numbers of rows that were deleted, and those below which a shard must have none, would be given again. */
export async function keepNumbers(request: CutOverRequest, record: OnlineRecord, stays: string | null): Promise<void> {
  const { server, target, stop } = request
  const text = await numberLike(request, record.table, record.copy)
  if (text === null) return
  const { done, ...tries } = await tryBetween(request, stays, () => server.define(text))
  if (!done && stop.requested) throw stoppedBefore(record, target)
  if (!done) throw blocked(record, target, tries)
}
