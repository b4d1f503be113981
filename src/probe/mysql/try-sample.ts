import type { Connection, Row } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { tokenize } from '../../sql/tokens.ts'
import type { SampleOutcome } from '../probe-result.ts'
import { hideValues } from './hide-values.ts'

/** Runs a statement in the selected scratch schema, and takes it back. @param isOuterCause whether the account or the moment is the cause */
export async function trySample(
  connection: Pick<Connection, 'ask' | 'run'>,
  text: string,
  isOuterCause: (error: unknown) => boolean,
): Promise<SampleOutcome> {
  try {
    // The first rows that it would meet are not there.
    await connection.ask('SET SESSION foreign_key_checks=0')
    await connection.ask('START TRANSACTION')
    const rows = await explainAndRun(connection, text).finally(() => connection.ask('ROLLBACK'))
    return { type: 'ran', reads: rows.map(describeRow).join(', ') }
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    if (isOuterCause(error)) return { type: 'untried', why: sentenceWithGrant(error).replace(/\.$/, '') }
    return { type: 'refused', why: hideValues(error, listTexts(text)) }
  }
}

/** The texts of a sample as it has them, and as the server quotes them: values of an application, of which a message says none. */
export function listTexts(text: string): readonly string[] {
  const texts = tokenize(text).filter((token) => token.type === 'string' && token.text !== '')
  return [...new Set(texts.flatMap((token) => [text.slice(token.start, token.end), `'${token.text}'`]))]
}

/** EXPLAIN may execute functions, which write as well. */
async function explainAndRun(connection: Pick<Connection, 'ask' | 'run'>, text: string): Promise<readonly Row[]> {
  const { rows } = await connection.ask(`EXPLAIN FORMAT=TRADITIONAL ${text}`)
  await connection.run(text)
  return rows
}

/** Of a row of EXPLAIN, which table is read how: without rows, its estimates say nothing. */
function describeRow([, , table, , type, , key, , , , , extra]: readonly unknown[]): string {
  if (table === null || table === undefined) return String(extra ?? '')
  return `${String(table)}: ${String(type ?? extra)}${key === null || key === undefined ? '' : ` by ${String(key)}`}`
}
