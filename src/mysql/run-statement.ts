import { countOf } from '../core/plural.ts'
import { beginningOf } from '../sql/mask-passwords.ts'
import { fitsPacket } from '../sql/packet-size.ts'
import type { Answer, Connection, Row, TimedAnswer } from './connection.ts'
import { isConnectionLost, isServerError, serverErrors } from './errors.ts'
import type { StatementOutcome, TimedOutcome } from './facts.ts'

const mostKinds = 5

/** 1681: display width is deprecated. MySQL 9 warns about every TINYINT(1), which drivers read as a flag; the stored data is the same. */
const withoutMeaning: ReadonlySet<number> = new Set([1681])

async function readWarnings(connection: Connection, count: number): Promise<readonly string[]> {
  if (count === 0) return []
  const { rows } = await connection.ask('SHOW WARNINGS')
  return describeWarnings(rows)
}

/** The warnings of a statement, with a count for equal ones; notes are left out. */
function describeWarnings(rows: readonly Row[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    if (row[0] === 'Note' || withoutMeaning.has(Number(row[1]))) continue
    const text = `${row[2]} (${row[1]})`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const warnings = [...counts].map(([text, times]) => (times === 1 ? text : `${text}, ${times} times`))
  return warnings.length > mostKinds
    ? [...warnings.slice(0, mostKinds), `and ${warnings.length - mostKinds} other warnings`]
    : warnings
}

/** A procedure, called directly or by a prepared CALL, may have several results. */
const mayRunProcedure = /^\s*(?:CALL|EXECUTE)\b/i

/**
 * Combines the answers to one statement of a user. If the server found several statements in the text, although it was
 * split and classified, the scanner has a defect and the run stops.
 */
async function describeAnswers(
  connection: Connection,
  answers: readonly Answer[],
  text: string,
): Promise<StatementOutcome> {
  const isCall = mayRunProcedure.test(text)
  if (answers.length > 1 && !isCall) {
    throw new Error(`the server found ${answers.length} statements where the scanner found one: ${beginningOf(text)}`)
  }
  const last = answers.at(-1)
  return {
    rows: last?.affected ?? null,
    warnings: await readWarnings(connection, last?.warningCount ?? 0),
    // A procedure's insert ID stays in LAST_INSERT_ID(), but is not in the answer.
    lastInsertId: last?.insertId ?? (isCall ? '0' : null),
  }
}

/** Smaller statements are not checked against max_allowed_packet; in bytes. */
const large = 64 * 1024

/** The server answers a packet that is too large by closing the connection, which looks like a lost one. */
async function refuseTooLarge(connection: Connection, text: string): Promise<void> {
  if (text.length < large) return
  const bytes = Buffer.byteLength(text)
  const { rows } = await connection.ask('SELECT @@max_allowed_packet')
  const most = Number(rows[0]?.[0])
  if (fitsPacket(bytes, most)) return
  const why = `it has ${bytes} bytes, too many for \`max_allowed_packet\` = ${most}: split it, or increase the limit there`
  throw Object.assign(new Error(why), { code: 'ER_NET_PACKET_TOO_LARGE', errno: serverErrors.packetTooLarge })
}

/** Runs one statement of a user. Throws the server's error; a statement over max_allowed_packet is not sent. */
export async function runStatement(connection: Connection, text: string): Promise<StatementOutcome> {
  await refuseTooLarge(connection, text)
  return describeAnswers(connection, await connection.run(text), text)
}

/**
 * Runs statements without result rows in one packet, in order. The server stops at the first that fails: the result has the answers
 * of those before it. Warnings are read after each statement, while the server keeps them.
 * Throws when the connection is lost.
 */
export async function runTogether(connection: Connection, texts: readonly string[]): Promise<readonly TimedOutcome[]> {
  const started = performance.now()
  const packet = texts.map((text) => `${text}\n;SHOW WARNINGS`).join(';')
  const { answers, error } = await connection.askInTurn(packet)
  if (error !== null && (!isServerError(error) || isConnectionLost(error))) throw error
  return shareTime(describeInTurn(answers, started))
}

/**
 * Answers with less time than this between them arrived in one read; milliseconds. No statement of a batch is that fast.
 */
const together = 0.5

/**
 * The server sends answers when its buffer is full or the packet is complete, so several may arrive at once. Their time is shared evenly
 * among those that arrived together.
 */
function shareTime(outcomes: readonly TimedOutcome[]): readonly TimedOutcome[] {
  const groups: TimedOutcome[][] = []
  for (const outcome of outcomes) {
    const group = groups.at(-1)
    if (group === undefined || outcome.milliseconds >= together) groups.push([outcome])
    else group.push(outcome)
  }
  return groups.flatMap((group) => {
    const total = group.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    return group.map((outcome) => ({ ...outcome, milliseconds: total / group.length }))
  })
}

function describeInTurn(answers: readonly TimedAnswer[], started: number): readonly TimedOutcome[] {
  const outcomes: TimedOutcome[] = []
  let before = started
  for (let index = 0; index + 1 < answers.length; index += 2) {
    const [own, warnings] = [answers[index], answers[index + 1]]
    if (own === undefined || warnings === undefined || own.affected === null || warnings.affected !== null) {
      throw new Error('the server found several statements where the scanner found one')
    }
    const described = own.warningCount === 0 ? [] : describeWarnings(warnings.rows)
    outcomes.push({ rows: own.affected, warnings: described, lastInsertId: null, milliseconds: own.at - before })
    before = warnings.at
  }
  return outcomes
}

/** Statements that were sent in one packet. The texts of their warnings are available only at the end of a packet. */
export function describeTogether(answers: readonly Answer[]): readonly StatementOutcome[] {
  return answers.map(({ affected, insertId, warningCount }) => ({
    rows: affected,
    warnings:
      warningCount === 0
        ? []
        : [`${countOf(warningCount, 'warning')}, whose text the server does not keep for statements sent together`],
    lastInsertId: insertId,
  }))
}
