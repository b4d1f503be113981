import type { ConnectionOptions } from 'mysql2'
import type { ServerConfig } from '../config/config.ts'

/**
 * How every connection of wwdb logs in and reads values: as written, without the driver's conversions.
 * @param schema null selects none
 * @param timeout milliseconds until a server that does not answer counts as unreachable
 * @param timeZone the session's, an offset: JavaScript Dates are written in it
 */
export function connectOptions(
  server: ServerConfig,
  schema: string | null,
  timeout: number,
  timeZone: string,
): ConnectionOptions {
  return {
    user: server.user,
    ...(server.password === null ? {} : { password: server.password.reveal() }),
    ...(server.socket === null ? { host: server.host, port: server.port } : { socketPath: server.socket }),
    ...(schema === null ? {} : { database: schema }),
    connectTimeout: timeout,
    // So that every connection of wwdb can be told from an application's: `performance_schema.session_connect_attrs`.
    connectAttributes: { program_name: 'wwdb' },
    // The collation must differ from that of the server's own `character_set_client`: for that one the server would use its globals,
    // including a `character_set_connection` such as utf32, in which the first SET could not be read. The pins choose the final collation.
    charset: 'UTF8MB4_GENERAL_CI',
    timezone: timeZone,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: false,
    enableKeepAlive: true,
    // Switched on only for single packets (askAll): a text that the server parses differently must not become a second
    // statement.
    multipleStatements: false,
    // The driver makes room for all of them when it connects: its default of 16,000 takes half a megabyte a connection.
    maxPreparedStatements: 16,
    // LOAD DATA LOCAL would let a server read the client's files.
    flags: ['-LOCAL_FILES'],
  }
}
