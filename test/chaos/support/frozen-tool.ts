import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

/**
 * A copy of the built tool, to be asked for at the top of a test file: hundreds of runs must be runs of one build, also when
 * another one is built meanwhile. Gives the path of its launcher.
 */
export function withFrozenTool(): () => string {
  let folder: string | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwdb-tool-'))
    for (const name of ['bin', 'dist', 'package.json'])
      await cp(join(root, name), join(folder, name), { recursive: true })
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  })
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })
  return () => {
    if (folder === undefined) throw new Error('the tool of withFrozenTool() exists only while tests run')
    return join(folder, 'bin/wwdb.js')
  }
}
