import { execFileSync } from 'node:child_process'

const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main']

/** Runs git in a folder as somebody, whoever the machine knows; what it prints, without the last line end. */
export function git(folder: string, ...words: readonly string[]): string {
  return execFileSync('git', [...identity, ...words], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim()
}
