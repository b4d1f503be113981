import type { Fault } from '../../core/tool-error.ts'
import { translatingVtgate } from '../../migrations/mysql/vitess/errors.ts'
import { insideOfKeyspace } from '../../migrations/mysql/vitess/inside-keyspace.ts'
import type { Session } from '../../migrations/ports.ts'
import { oneByOne } from '../../mysql/asking.ts'
import { plainMessage } from '../../mysql/vtgate.ts'
import type { KeyspaceShape } from '../../sql/keyspace/refusal.ts'
import { fileRefusals } from '../../sql/keyspace/refuse-file.ts'
import { refuseStatement } from '../../sql/keyspace/refuse-statement.ts'
import type { SeedScript } from '../seed.ts'
import type { SeedHome } from './home.ts'

/**
 * A keyspace, through vtgate. One that is not sharded has temporary tables, which a sharded one uses in the keyspace of its journal. A temporary table makes it keep one connection of the tablet for the session, which the tablet ends where it is idle for longer
 * than its limit for transactions, 30 s by default. vtgate does not parse `OF`, so rows that are referred to are locked as those that are written, and not shared.
 */
export function keyspaceHome(session: Session): SeedHome {
  const { connection, renew } = insideOfKeyspace(session)
  const { target } = session
  const guard: SeedHome['guard'] = (work) => translatingVtgate(target, work)
  return {
    target,
    connection,
    asking: oneByOne(connection),
    refuse: async () => [],
    refuseScripts: async (scripts, resolve) => {
      const isSharded = session.keyspace?.isSharded === true
      return scripts.flatMap((one) => refuseScript(one, { keyspace: target.schema, resolve, isSharded }))
    },
    guard,
    create: (text) =>
      guard(async () => {
        await renew()
        await connection.ask(text)
      }),
    locks: () => ' FOR UPDATE',
    wordsOf: plainMessage,
    losesStages: true,
  }
}

/** What vtgate does not run of a script, each as a sentence. Pure. */
function refuseScript({ file, body }: SeedScript, at: Omit<KeyspaceShape, 'isOnline'>): readonly Fault[] {
  if (body.type === 'module') {
    const { is, why, next } = fileRefusals.code
    return [{ what: `\`${file}\` ${is.en}.`, where: { file }, why: why.en, next: next.en }]
  }
  return body.statements.flatMap((statement): readonly Fault[] => {
    // A seed has no definitions, whose strategy would matter.
    const refusal = refuseStatement(statement, { ...at, isOnline: true })
    if (refusal === null) return []
    const { line, column, verb, index } = statement
    const what = `Statement ${index + 1} of \`${file}\` (${verb}) does not run through vtgate.`
    return [{ what, where: { file, line, column }, why: refusal.why.en, next: refusal.next.en }]
  })
}
