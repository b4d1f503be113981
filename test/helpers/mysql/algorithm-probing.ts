import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { nameScratch } from '../../../src/core/scratch-name.ts'
import type { Schema } from '../../../src/ddl/schema.ts'
import type { ServerAnswer } from '../../../src/ddl/server-answer.ts'
import { type Connection, connect } from '../../../src/mysql/connection.ts'
import { readTableStates } from '../../../src/mysql/table-states.ts'
import { makeAlgorithmQuestions } from '../../../src/probe/algorithm-questions.ts'
import { probeAlgorithms } from '../../../src/probe/mysql/algorithm-probe.ts'
import type { ProbeResult } from '../../../src/probe/probe-result.ts'
import { listTablesToRead } from '../../../src/probe/what-to-read.ts'
import type { Statement } from '../../../src/sql/statement.ts'
import { statementOf } from '../migrations/statements.ts'
import { dropSchemas, randomName } from '../servers/schema.ts'
import { type ServerVersion, testServerOf } from '../servers/servers.ts'

/** A table with columns and keys of every kind that a change may concern. */
export const plainTable = `CREATE TABLE t (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, n INT, x INT, d VARCHAR(50), e ENUM('a','b'),
  place POINT NOT NULL SRID 0, day DATE NOT NULL DEFAULT '2026-01-01', KEY k_n (n)
) ENGINE=InnoDB CHARSET=utf8mb4 COMMENT='ALGORITHM=COPY'`

/** `INPLACE NONE rebuild` */
export function showAnswer(answer: ServerAnswer | undefined): string {
  if (answer === undefined) return 'no answer'
  return `${answer.algorithm} ${answer.lock}${answer.rebuilds ? ' rebuild' : ''}`
}

/** How an answer is shown. */
export const instant = 'INSTANT NONE'
export const inPlace = 'INPLACE NONE'
export const rebuild = 'INPLACE NONE rebuild'
export const shared = 'INPLACE SHARED'
export const copy = 'COPY SHARED rebuild'

interface ProbeRun extends ProbeResult {
  readonly statements: readonly Statement[]
  readonly tables: Schema
}

/** Two schemas on a server, empty but for a table `parent`, and everything that a plan does to ask about statements. */
export interface Probing {
  readonly schema: string
  readonly other: string
  /** The probe's own connection. */
  readonly connection: () => Connection
  /** Of another owner. */
  readonly second: () => Connection
  readonly open: (user?: string) => Promise<Connection>
  readonly probe: (texts: readonly string[], files?: readonly string[], by?: Connection) => Promise<ProbeRun>
  /** Answers as `showAnswer` shows them; the probe must have no notes. */
  readonly answersTo: (...texts: readonly string[]) => Promise<readonly string[]>
  /** Scratch schemas of these and all earlier probes that are still there; other tests have their own. */
  readonly listScratch: (...others: readonly string[]) => Promise<readonly string[]>
}

/** To be called in a `describe`: sets up before each of its tests. */
export function withProbing(version: ServerVersion): Probing {
  const prefix = randomName('probe')
  const [schema, other] = [`${prefix}_a`, `${prefix}_b`]
  const used: string[] = []
  let connections: readonly [Connection, Connection] | undefined
  const own = (index: 0 | 1): Connection => {
    if (connections === undefined) throw new Error('connections of withProbing() exist only while tests run')
    return connections[index]
  }
  const open = (user = 'root'): Promise<Connection> => openAs(version, user)

  beforeAll(async () => {
    connections = [await open(), await open()]
  })
  afterAll(async () => {
    await own(0).close()
    await own(1).close()
    await dropSchemas((await testServerOf(version)).url, prefix)
  })
  beforeEach(() => makeSchemas(own(1), own(0), schema, other))

  const probe: Probing['probe'] = async (texts, files = [], by = own(0)) => {
    const statements = texts.map((text, index) => statementOf(text, index, files[index] ?? 'a.sql'))
    const tables = await readTableStates(by, { schema, foldsNames: false }, listTablesToRead(statements))
    const serverVersion = version === '9.7' ? '9.7.4' : '8.0.12'
    const scratch = nameScratch()
    used.push(scratch)
    const questions = makeAlgorithmQuestions({ statements, tables, schema, serverVersion, scratch })
    return { ...(await probeAlgorithms(by, questions)), statements, tables }
  }
  const answersTo: Probing['answersTo'] = async (...texts) => {
    const { answers, notes, refusals } = await probe(texts)
    expect(notes).toEqual([])
    // Where one has no answer, the reason belongs to what a failing test prints.
    const unanswered = texts.flatMap((_, index) => (answers?.has(index) ? [] : [refusals?.get(index)?.why]))
    if (unanswered.length === texts.length) expect(unanswered).toEqual([])
    return texts.map((_, index) => showAnswer(answers?.get(index)))
  }
  const listScratch: Probing['listScratch'] = async (...others) => {
    const { rows } = await own(1).ask(`SHOW DATABASES LIKE 'wwdb\\_scratch\\_%'`)
    const names = rows.map(([name]) => String(name))
    return names.filter((name) => [...used, ...others].some((ours) => name.startsWith(ours))).sort()
  }
  return { schema, other, connection: () => own(0), second: () => own(1), open, probe, answersTo, listScratch }
}

async function openAs(version: ServerVersion, user: string): Promise<Connection> {
  const { hostname, port } = new URL((await testServerOf(version)).url)
  const label = `${hostname}:${port}`
  const config = {
    host: hostname,
    port: Number(port),
    socket: null,
    user,
    password: null,
    encryption: 'as-needed' as const,
    tls: null,
    allowPublicKeyRetrieval: false,
    label,
  }
  return connect(config, null, 10_000)
}

async function makeSchemas(maker: Connection, user: Connection, schema: string, other: string): Promise<void> {
  await maker.ask('SET foreign_key_checks=0')
  for (const name of [schema, other]) {
    await maker.ask(`DROP SCHEMA IF EXISTS ${name}`)
    await maker.ask(`CREATE SCHEMA ${name}`)
  }
  await maker.ask(`USE ${schema}`)
  await maker.ask('SET foreign_key_checks=1')
  await user.ask(`USE ${schema}`)
  await maker.ask('CREATE TABLE parent (id INT PRIMARY KEY)')
}
