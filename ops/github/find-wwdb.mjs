// How an action starts wwdb: by its input `command`, else the one that the project has installed, else the version of this action. Run as a
// program it prints the words of that command, one a line.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { argv, cwd, env, execPath, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

/** The version that the tag of the action names. */
function ownVersion() {
  return readPackage(join(dirname(fileURLToPath(import.meta.url)), '../..')).version
}

function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** The package that the project, or the workspace that it is in, has installed. What lies above the clone is not of the project. */
function findInstalled(folder) {
  const place = join(folder, 'node_modules/wwdb')
  if (existsSync(join(place, 'package.json'))) return place
  return existsSync(join(folder, '.git')) || dirname(folder) === folder ? null : findInstalled(dirname(folder))
}

/**
 * @param folder where the configuration is
 * @param command the input of the action; empty chooses
 * @returns the words of the command, and what to say of the choice, or null
 */
export function findWwdb(folder, command) {
  const given = command.split(/\s+/).filter((word) => word !== '')
  if (given.length > 0) return { words: given, note: null }
  const version = ownVersion()
  const installed = findInstalled(resolve(folder))
  if (installed === null) return { words: ['npx', '--yes', `wwdb@${version}`], note: null }
  const { bin, version: found } = readPackage(installed)
  const words = [execPath, join(installed, bin.wwdb)]
  const note = found === version ? null : `The project's own wwdb ${found} is used. This action is of ${version}.`
  return { words, note }
}

if (argv[1] === fileURLToPath(import.meta.url)) stdout.write(`${findWwdb(cwd(), env.WWDB ?? '').words.join('\n')}\n`)
