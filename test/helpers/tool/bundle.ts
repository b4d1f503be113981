import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Makes one CommonJS file of a module of src/, for a test that runs it in a process of its own. Returns the file's path. */
export async function bundleModule(module: string, directory: string): Promise<string> {
  const bundle = await rolldown({ input: join(root, module), platform: 'node', cwd: root })
  const file = join(directory, 'module.cjs')
  await bundle.write({ file, format: 'cjs' })
  await bundle.close()
  return file
}
