import type { Connection as RawConnection } from 'mysql2'
import { ToolError } from '../core/tool-error.ts'
import type { Row } from './connection.ts'
import { isMissingRight, missingGrant } from './missing-grant.ts'

/** A server answers a query with a request for a file only after LOAD DATA LOCAL, which wwdb never sends: mysql2 refuses, with its own error. */
function fileWanted(error: unknown, server: string): ToolError | null {
  const file =
    error instanceof Error
      ? /^As a result of LOCAL INFILE command server wants to read (.*) file,/s.exec(error.message)?.[1]
      : undefined
  if (file === undefined) return null
  const fault = {
    what: `The server at ${server} requested the file \`${file}\` from this machine.`,
    where: { server },
    why: 'wwdb never sends LOAD DATA LOCAL, so a MySQL server would not request a file: another program may answer in its place, or intercept the connection. The file was not sent.',
    next: 'Check the host and the port of the URL and what listens there, and verify the server: `"tls": {"ca": "ca.pem"}`.',
  }
  return new ToolError('SERVER_UNSUPPORTED', fault, { cause: error })
}

/**
 * Adds to a missing-privilege error the GRANT that would help, as `grant`. Only the server knows the account: the name in its message has the host
 * that the user connects from. Other errors are not changed.
 */
export async function explainError(raw: RawConnection, error: unknown, text: string, server: string): Promise<unknown> {
  if (!isMissingRight(error)) return fileWanted(error, server) ?? error
  const session = await new Promise<Row>((resolve) => {
    raw.query({ sql: 'SELECT CURRENT_USER(),DATABASE()', rowsAsArray: true }, (failure, rows) => {
      resolve(failure || !Array.isArray(rows) ? [] : ((rows as readonly unknown[])[0] as Row))
    })
  })
  const [account, schema] = session
  if (typeof account !== 'string') return error
  const grant = missingGrant(error, text, { account, schema: typeof schema === 'string' ? schema : null })
  return grant === null ? error : Object.assign(error, { grant })
}
