import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'

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

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional(), peer: z.boolean().optional() }),
  ),
})

/** What an installation of the package would bring along, by its lock file: `node_modules/knex`. */
export function listRequired(): readonly string[] {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, peer }]) => path !== '' && !dev && !devOptional && !peer)
    .map(([path]) => path)
}

/**
 * This project's own libraries in place of an installation: those that the package depends on, and no others.
 * @param own packages that the application has of its own
 */
export function linkLibraries(folder: string, own: readonly string[] = []): void {
  const names = [...listRequired(), ...own.map((name) => `node_modules/${name}`)]
  for (const path of names.filter((name) => name.lastIndexOf('node_modules/') === 0)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(root, path), join(folder, path))
  }
}
