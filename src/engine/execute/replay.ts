import type { Schemas } from '../placeholders.ts'
import type { Session } from '../ports.ts'
import { readyStatement } from './ready-statement.ts'
import type { SessionTrack } from './session-track.ts'
import type { Work } from './work.ts'

/**
 * Gives the connection what a closed statement left in the one it ran on: remembered values are set, whatever else
 * changed only the session is run again.
 */
export async function replayStatement(
  work: Work & { readonly type: 'replay' },
  { session, schemas }: { readonly session: Session; readonly schemas: Schemas },
  track: SessionTrack,
): Promise<void> {
  const { statement, row } = work
  if (row.memory !== null) await session.restoreMemory(row.memory)
  if (row.class !== 'session') return
  const ready = readyStatement(statement, statement, schemas, track.temporary)
  const assignsOnly =
    statement.class === 'session' &&
    statement.sessionVariables.length === 0 &&
    statement.prepared === null &&
    !/TABLE/.test(statement.verb)
  if (!(assignsOnly && row.memory !== null)) await session.run(ready.text)
  await track.observe(statement, ready.text)
}
