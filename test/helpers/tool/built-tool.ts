import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'

const root = resolve(import.meta.dirname, '../../..')

/** Builds dist/ before tests that run the tool as people do, unless it is newer than everything it is made from. */
export function setup(): void {
  const built = join(root, 'dist/main.cjs')
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return
  execFileSync(execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

function newestSource(): number {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const others = ['package.json', 'scripts/build.mjs', 'bin/load.cjs', 'bin/import.cjs']
  const files = [...sources, ...others.map((name) => join(root, name))]
  return Math.max(...files.map((file) => statSync(file).mtimeMs))
}
