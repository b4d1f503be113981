import type { StatementOutcome } from '../../mysql/facts.ts'
import type { Session } from '../ports.ts'
import type { StatementToOpen } from './step-rows.ts'
import type { ExecutionRequest } from './work.ts'

interface Retiring extends StatementToOpen {
  readonly session: Session
  readonly lockWait: number | null
}

/** With `-- wwdb:retire`: what the statement drops is hidden, or put back by a rollback. */
export function retire(
  retirements: ExecutionRequest['retirements'],
  { session, run, ready, lockWait }: Retiring,
): Promise<StatementOutcome> {
  if (retirements === undefined) throw new Error('only a run with retirements retires')
  const { version } = run.step.migration
  return retirements.retire({
    ...{ session, lockWait, statement: ready.source, text: ready.text },
    at: { pass: run.pass, statement: ready.source.index, version },
  })
}
