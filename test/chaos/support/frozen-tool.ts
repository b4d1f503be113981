import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { sendsAlone } from '../../helpers/tool/tool.ts'

const root = resolve(import.meta.dirname, '../../..')

/**
 * A copy of the built tool, to be asked for at the top of a test file: hundreds of runs must be runs of one build, also when
 * another one is built meanwhile. Gives the path of its launcher.
 * @param alone whether it sends each statement of a migration alone
 */
export function withFrozenTool(alone: boolean = sendsAlone): () => string {
  let folder: string | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwdb-tool-'))
    for (const name of ['bin', 'dist', 'package.json'])
      await cp(join(root, name), join(folder, name), { recursive: true })
    if (alone) await sendAlone(join(folder, 'bin/wwdb.js'))
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

/** What no user can ask for, the launcher of a copy does. */
async function sendAlone(launcher: string): Promise<void> {
  const text = await readFile(launcher, 'utf8')
  const changed = text.replace('  main()', '  main({ sendsAlone: true })')
  if (changed === text) throw new Error(`${launcher} starts the tool in another way than this knows`)
  await writeFile(launcher, changed)
}
