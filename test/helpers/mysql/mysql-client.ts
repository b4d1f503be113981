import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { testServer } from '../servers/servers.ts'
import { findInstallation } from '../servers/shared-servers.ts'

/** What a program of MySQL's left behind. */
export interface ClientRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `mysql` or `mysqldump` of the test server's version, with `input` on its stdin. */
export async function runClient(
  program: 'mysql' | 'mysqldump',
  args: readonly string[],
  input = '',
): Promise<ClientRun> {
  const bin = testServer().bin ?? (await findInstallation('9.7')).bin
  if (bin === null) throw new Error(`there is no ${program} program on this machine: install a MySQL client`)
  const child = spawn(join(bin, program), ['--no-defaults', ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => stdout.push(data))
  child.stderr.on('data', (data: Buffer) => stderr.push(data))
  // The program may end before it has read everything, which its exit code shows better than EPIPE.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { exitCode, stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') }
}

/** The arguments that give a program the server's address. */
export function serverArguments(url: string): string[] {
  const { hostname, port, username } = new URL(url)
  return [`--host=${hostname}`, `--port=${port}`, `--user=${username}`, '--default-character-set=utf8mb4']
}
