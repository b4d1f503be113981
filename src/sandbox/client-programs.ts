import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { clientFolder, clientOptionFile, quoteWhereNeeded } from './environment.ts'
import { type SandboxState, writePrivateFile } from './folder.ts'

/**
 * Writes `mysql` and `mysqldump` into the sandbox's own folder: shell scripts that call the real clients with the sandbox's password, so that
 * after `eval "$(wwdb sandbox env)"` a plain `mysql -h 127.0.0.1 -u root` logs in. The password stays in its file; none is on a command line.
 */
export async function writeClientPrograms(state: SandboxState, directory: string): Promise<void> {
  const folder = clientFolder(directory)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of ['mysql', 'mysqldump']) {
    const text = clientProgram(name, state, directory)
    if (text === null) continue
    await writePrivateFile(join(folder, name), text)
    await chmod(join(folder, name), 0o700)
  }
}

/** Null where the server has no client programs. */
function clientProgram(name: string, state: SandboxState, directory: string): string | null {
  if (state.container !== null) return containerClient(name, state.container)
  return state.bin === null ? null : localClient(join(state.bin, name), clientOptionFile(directory))
}

function localClient(program: string, optionFile: string): string {
  return `#!/bin/sh
# Written by wwdb sandbox up: the client with the user and the password of the sandbox.
case "$1" in
  --defaults-*|--no-defaults) exec ${quoteWhereNeeded(program)} "$@" ;;
esac
exec ${quoteWhereNeeded(program)} --defaults-extra-file=${quoteWhereNeeded(optionFile)} "$@"
`
}

/** In the container the server listens on its usual port, and the password is a variable of the container. */
function containerClient(name: string, container: string): string {
  return `#!/bin/sh
# Written by wwdb sandbox up: ${name} inside the container of the sandbox.
terminal=
if [ -t 0 ] && [ -t 1 ]; then terminal=-t; fi
exec docker exec -i $terminal ${container} sh -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec ${name} "$@"' ${name} "$@"
`
}
