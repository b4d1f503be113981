import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { differenceFigure, interleave, loadedScripts, measureIfMain, runEmptyNode, runWwdb } from './harness.mjs'

/** The help starts fast, and loads no driver to do so. @type {import('./harness.mjs').Measure} */
export async function help({ server, rounds }) {
  const seconds = await interleave(3 * rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'help', run: () => runWwdb(['--help']) },
  ])
  const scripts = (await loadedScripts(['--help'], server.directory)).map(toPath).filter((file) => isAbsolute(file))
  const drivers = []
  for (const file of scripts) if (await belongsToDriver(file)) drivers.push(file)
  return [
    differenceFigure('wwdb --help', seconds('help'), seconds('node'), 60),
    {
      name: 'wwdb --help, files of drivers',
      wwdb: `${drivers.length} of ${scripts.length}`,
      reference: '',
      value: String(drivers.length),
      limit: '0',
      passed: drivers.length === 0 && scripts.length > 0,
    },
  ]
}

/** V8 names scripts by URL where Node loads them, and by path where wwdb does. @param {string} url */
function toPath(url) {
  return url.startsWith('file:') ? fileURLToPath(url) : url
}

/**
 * True for a driver's own file, and for one of ours into which the build has put a driver: it names a way to log in.
 * @param {string} file
 */
async function belongsToDriver(file) {
  if (/\/node_modules\/(?:mysql2|knex)\//.test(file)) return true
  return (await readFile(file, 'utf8')).includes('caching_sha2_password')
}

await measureIfMain(import.meta.url, help)
