import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

/** A tool for online changes that tests run. */
export interface TestTool {
  readonly variables: Readonly<Record<string, string>>
  readonly remove: () => Promise<void>
}

/** A program of this name that keeps its contract: `stand-ins/gh-ost.mjs`, `stand-ins/spirit.mjs`. */
export async function standInFor(name: 'gh-ost' | 'spirit'): Promise<TestTool> {
  const folder = await mkdtemp(join(tmpdir(), 'wwdb-stand-in-'))
  const script = fileURLToPath(new URL(`stand-ins/${name}.mjs`, import.meta.url))
  const program = join(folder, name)
  await writeFile(program, `#!/bin/sh\nexec "${execPath}" "${script}" "$@"\n`)
  await chmod(program, 0o755)
  return {
    variables: { PATH: `${folder}:${env['PATH']}` },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
