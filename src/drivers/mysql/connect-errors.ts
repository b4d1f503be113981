import type { ServerConfig } from '../../config/config.ts'
import { exitCodes } from '../../domain/exit-code.ts'
import { type Fault, ToolError } from '../../domain/tool-error.ts'
import { hasNumber, isServerError, serverErrors } from './server-errors.ts'

function unreachable(error: Error & { readonly code?: unknown }, server: ServerConfig): Fault {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    ECONNREFUSED: ['nothing listens there', 'Start the server, or correct the host and port in the URL.'],
    ENOTFOUND: ['the name is not known', 'Correct the host in the URL.'],
    EAI_AGAIN: ['the name could not be looked up', 'Check the network, or use an address instead of a name.'],
    ETIMEDOUT: ['it did not answer in time', 'Check the network and firewall, or raise timeouts.connect.'],
    ENOENT: ['the socket does not exist', 'Start the server, or correct the socket in the URL.'],
    EACCES: ['the socket may not be opened', 'Run as a user who may open the socket, or connect over TCP.'],
    HANDSHAKE_NO_SSL_SUPPORT: [
      'it does not offer TLS',
      'Remove tls from the configuration, or enable TLS on the server.',
    ],
    HANDSHAKE_SSL_ERROR: [
      `TLS failed: ${error.message}`,
      'Check tls.ca, tls.cert and tls.key; the host in the URL must be in the certificate.',
    ],
  }
  const [why, next] = reasons[String(error.code)] ?? [error.message, 'Check the URL and the server.']
  return { what: `Cannot connect to MySQL at ${server.label}`, where: { server: server.label }, why, next }
}

/** Says in a sentence why a connection failed. Never shows the password. */
export function translateConnectError(error: Error, server: ServerConfig, schema: string | null): ToolError {
  const where = { server: server.label }
  if (hasNumber(error, serverErrors.accessDenied, 1130, 1698, 3118)) {
    const withPassword = server.password === null ? 'without a password' : 'with the password given'
    const fault = {
      what: `MySQL at ${server.label} does not let '${server.user}' in ${withPassword}`,
      where,
      why: error.message,
      next: 'Correct the user and password in the URL (or the variables it is made from), or grant the user access.',
    }
    return new ToolError('ACCESS_DENIED', fault, { exitCode: exitCodes.unreachable, cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.unknownDatabase)) {
    const fault = {
      what: `Schema '${schema}' does not exist`,
      where,
      next: 'Run `wwdb db create`, or correct the schema or prefix in the configuration.',
    }
    return new ToolError('SCHEMA_MISSING', fault, { cause: error })
  }
  if (schema !== null && hasNumber(error, serverErrors.databaseAccessDenied)) {
    const fault = {
      what: `'${server.user}' may not use schema '${schema}'`,
      where,
      why: error.message,
      next: `GRANT ALL ON \`${schema}\`.* to the user.`,
    }
    return new ToolError('ACCESS_DENIED', fault, { exitCode: exitCodes.unreachable, cause: error })
  }
  const fault =
    isServerError(error) || 'code' in error
      ? unreachable(error, server)
      : { what: `Cannot connect to MySQL at ${server.label}`, where, why: error.message }
  return new ToolError('UNREACHABLE', fault, { exitCode: exitCodes.unreachable, cause: error })
}
