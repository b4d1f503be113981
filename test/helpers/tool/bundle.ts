import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Makes one CommonJS file of modules, by their paths from the root, for a test that runs it in a process of its own. Returns the file's path. */
export async function bundleModules(modules: readonly string[], directory: string): Promise<string> {
  const entry = join(directory, 'entry.mjs')
  await writeFile(entry, modules.map((module) => `export * from ${JSON.stringify(join(root, module))}\n`).join(''))
  const bundle = await rolldown({ input: entry, platform: 'node', cwd: root })
  const file = join(directory, 'module.cjs')
  await bundle.write({ file, format: 'cjs' })
  await bundle.close()
  return file
}
