import { ToolError } from '../../core/tool-error.ts'
import { explainError, hasCode, serverErrors } from '../mongodb/errors.ts'
import { journalCollection } from '../mongodb/ports.ts'
import type { CodeConnection, CodePlace } from './messages.ts'

/** Transactions are numbered by a session, which a server alone does not do. */
const illegalOperation = 20

/** Why wwdb's own work with the journal failed: no code of a user is at fault. */
export function explainOwn(error: unknown, connection: CodeConnection, place: CodePlace): unknown {
  if (error instanceof ToolError) return error
  if (hasCode(error, illegalOperation)) return notReplicated(connection.address)
  if (hasCode(error, serverErrors.unauthorized) && connection.user !== null) return mayNot(error, connection, place)
  return explainError(error, connection.address, connection.user, 'write')
}

function mayNot(cause: unknown, { address, user }: CodeConnection, place: CodePlace): ToolError {
  return new ToolError(
    'STORE_ACCESS_DENIED',
    {
      what: `The user \`${user}\` may not write the journal of migrations.`,
      where: { server: address, database: place.database },
      why: `It is the collection \`${journalCollection}\`, and the lock is in the database \`${place.lockDatabase}\`.`,
      next: `Give the user \`readWrite\` on \`${place.database}\` and on \`${place.lockDatabase}\`.`,
    },
    { cause },
  )
}

export function notReplicated(address: string): ToolError {
  return new ToolError('MONGODB_NOT_REPLICATED', {
    what: `${address} is not a member of a replica set.`,
    where: { server: address },
    why: 'A migration commits with its record in one transaction, and a server alone has none.',
    next: 'Start it with `--replSet`, and declare `replicaSet` in `migrations/mongodb`: a set may have one member.',
  })
}
