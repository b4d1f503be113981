import { createConnection } from 'mysql2/promise'
import type { GrantsCheckResult, GrantsResult } from '../../../src/grants/commands/grants-view.ts'
import type { Purpose } from '../../../src/grants/purpose.ts'
import type { Stage } from '../tool/stage.ts'

/** Several statements on a server, as root. Several accounts may be made on one server at once. */
export async function asRoot(url: string, ...texts: readonly string[]): Promise<void> {
  const connection = await createConnection({ uri: url })
  try {
    for (const text of texts) await connection.query(text)
  } finally {
    await connection.end()
  }
}

/** What `wwdb grants` computes for purposes of a stage's project: one GRANT for each place. */
export async function grantsFor(
  stage: Stage,
  purposes: Purpose | readonly Purpose[],
  user: string,
): Promise<readonly string[]> {
  const { answer, run } = await stage.json(['grants', ...wordsOf(purposes), '--user', user])
  const { accounts = [] } = answer as unknown as Partial<GrantsResult>
  if (accounts[0] === undefined) throw new Error(run.stdout + run.stderr)
  return accounts[0].statements.slice(1)
}

/** The same for a check of an account. */
export async function checkGrants(
  stage: Stage,
  user: string,
  purposes: Purpose | readonly Purpose[],
): Promise<GrantsCheckResult['accounts']> {
  const { answer } = await stage.json(['grants', 'check', user, ...wordsOf(purposes)])
  return (answer as unknown as GrantsCheckResult).accounts
}

const wordsOf = (purposes: Purpose | readonly Purpose[]): readonly string[] =>
  [purposes].flat().flatMap((purpose) => ['--for', purpose])

/** One right of a GRANT with several. */
export interface SingleRight {
  readonly privilege: string
  readonly place: string
}

/** `GRANT A, B ON p.* TO u` as its single rights. */
export function singleRights(statement: string): readonly SingleRight[] {
  const [, list = '', place = ''] = /^GRANT (.+) ON (\S+) TO /.exec(statement) ?? []
  return list.split(', ').map((privilege) => ({ privilege, place }))
}
