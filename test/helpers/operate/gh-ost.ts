import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { findOnPath } from '../../../src/sandbox/programs.ts'

/** A gh-ost that tests run. */
export interface TestGhOst {
  readonly variables: Readonly<Record<string, string>>
  readonly remove: () => Promise<void>
}

const question = { words: ['--version'], pattern: /^v?(\d+\.\d+\.\d+)/ }

/** The real one, where PATH has one that wwdb works with. */
export async function findGhOst(): Promise<TestGhOst | null> {
  const found = await findOnPath('gh-ost', question, (version) => version.startsWith('1.1.1'))
  if (found === null) return null
  return { variables: { PATH: `${dirname(found.command[0])}:${env['PATH']}` }, remove: async () => undefined }
}

/** A program of this name that keeps its contract: `stand-ins/gh-ost.mjs`. */
export async function standInForGhOst(): Promise<TestGhOst> {
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-stand-in-'))
  const script = fileURLToPath(new URL('stand-ins/gh-ost.mjs', import.meta.url))
  const program = join(folder, 'gh-ost')
  await writeFile(program, `#!/bin/sh\nexec "${execPath}" "${script}" "$@"\n`)
  await chmod(program, 0o755)
  return {
    variables: { PATH: `${folder}:${env['PATH']}` },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
