import { join } from 'node:path'
import type { SandboxState } from './folder.ts'

/**
 * Lines for `eval` in a POSIX shell that make wwdb and the `mysql` client use the sandbox. Passwords are named by their files, and a given
 * URL with a password is not repeated: the user has it.
 */
export function sandboxEnvironment(
  state: SandboxState,
  directory: string,
  url: string | null = null,
  stores: Readonly<Record<string, string>> = {},
): string {
  const secret = url !== null && /^[^/]*\/\/[^/]*:[^/]*@/.test(url)
  const lines = [
    secret
      ? '# WWDB_URL: the URL that you gave; it contains a password and is not repeated here.'
      : assign('WWDB_URL', url ?? sandboxUrl(state)),
    assign('MYSQL_HOST', state.host),
    assign('MYSQL_TCP_PORT', String(state.port)),
    ...(state.password === null ? [] : [assign('WWDB_PASSWORD_FILE', passwordFile(directory))]),
    ...(state.socket === null ? [] : [assign('MYSQL_UNIX_PORT', state.socket)]),
    ...Object.entries(stores).map(([name, value]) => assign(name, value)),
    ...exportPath(state, directory),
  ]
  return `${lines.join('\n')}\n`
}

/** How to log in to the sandbox: `sandboxUrl` with its password, for a program and never for a screen. */
export function connectionUrl(state: SandboxState): string {
  const password = state.password === null ? '' : `:${encodeURIComponent(state.password)}`
  return sandboxUrl(state).replace('root@', `root${password}@`)
}

/** The file, readable only by its owner, whose first line is the password of root. */
export function passwordFile(directory: string): string {
  return join(directory, 'mysql.password')
}

/** The file, readable only by its owner, from which the `mysql` client reads user, password and address. */
export function clientOptionFile(directory: string): string {
  return join(directory, 'client.cnf')
}

/** Where `mysql` and `mysqldump` are that log in to the sandbox. Its last name tells them from an installed client. */
export function clientFolder(directory: string): string {
  return join(directory, clientFolderName)
}

export const clientFolderName = 'wwdb-client'

/** The sandbox's address as a URL without schema and password: safe to show. */
export function sandboxUrl(state: SandboxState): string {
  const host = state.host.includes(':') ? `[${state.host}]` : state.host
  return `mysql://root@${host}:${state.port}`
}

/**
 * The command that opens the `mysql` client on the sandbox, for a person to copy. The password comes from a file or from the
 * container.
 */
export function clientCommand(state: SandboxState, directory: string): string {
  if (state.container !== null) {
    return `docker exec -it ${state.container.slice(0, 12)} sh -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql'`
  }
  const program = state.bin === null ? 'mysql' : `${state.bin}/mysql`
  return `${quoteWhereNeeded(program)} --defaults-extra-file=${quoteWhereNeeded(clientOptionFile(directory))}`
}

/** A word as a POSIX shell reads it. */
export function quoteWhereNeeded(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote(word)
}

/** The clients that log in come before the real ones. */
function exportPath(state: SandboxState, directory: string): readonly string[] {
  const folders = [
    ...(state.provider === 'url' ? [] : [clientFolder(directory)]),
    ...(state.bin === null ? [] : [state.bin]),
  ]
  return folders.length === 0 ? [] : [`export PATH=${folders.map(quote).join(':')}:"$PATH"`]
}

function assign(name: string, value: string): string {
  return `export ${name}=${quote(value)}`
}

/** In single quotes only the quote itself is special to a shell. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
