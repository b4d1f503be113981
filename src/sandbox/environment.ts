import type { SandboxState } from './state.ts'

/**
 * Lines for `eval` in a POSIX shell that make wwdb and the `mysql` client use the sandbox. A given URL with a password is
 * not repeated: whoever gave it has it.
 */
export function sandboxEnvironment(
  state: SandboxState,
  url: string | null = null,
  stores: Readonly<Record<string, string>> = {},
): string {
  const secret = url !== null && /^[^/]*\/\/[^/]*:[^/]*@/.test(url)
  const lines = [
    secret
      ? '# WWDB_URL: the URL that you gave; it holds a password and is not repeated here.'
      : assign('WWDB_URL', url ?? sandboxUrl(state)),
    assign('MYSQL_HOST', state.host),
    assign('MYSQL_TCP_PORT', String(state.port)),
    ...(state.socket === null ? [] : [assign('MYSQL_UNIX_PORT', state.socket)]),
    ...Object.entries(stores).map(([name, value]) => assign(name, value)),
    ...(state.bin === null ? [] : [`export PATH=${quote(state.bin)}:"$PATH"`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Where the sandbox listens, as a URL without a schema and without a password. */
export function sandboxUrl(state: SandboxState): string {
  const host = state.host.includes(':') ? `[${state.host}]` : state.host
  return `mysql://root@${host}:${state.port}`
}

/** How to open the `mysql` client on the sandbox, for a person to copy. */
export function clientCommand(state: SandboxState): string {
  if (state.container !== null) return `docker exec -it ${state.container.slice(0, 12)} mysql`
  const program = state.bin === null ? 'mysql' : `${state.bin}/mysql`
  return `${/^[\w@%+=:,./-]+$/.test(program) ? program : quote(program)} -h ${state.host} -P ${state.port} -u root`
}

function assign(name: string, value: string): string {
  return `export ${name}=${quote(value)}`
}

/** In single quotes nothing is special to a shell but the quote itself. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`
}
