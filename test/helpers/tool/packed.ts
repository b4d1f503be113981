import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../..')

/** Puts the file that would be published into a folder, and gives its name. */
export function pack(folder: string): string {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return packed
}

/** Puts the package, as it would be published, into a folder's node_modules. */
export function installPacked(folder: string): void {
  const packed = pack(folder)
  const installed = join(folder, 'node_modules/wwdb')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, packed), '-C', installed, '--strip-components=1'])
}

/** This project's own libraries in place of an installation of what the package depends on. */
export function linkLibraries(folder: string): void {
  const modules = join(folder, 'node_modules')
  for (const name of readdirSync(join(root, 'node_modules')).filter((one) => !one.startsWith('.') && one !== 'wwdb'))
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
}
