import { readFile } from 'node:fs/promises'
import { differenceFigure, interleave, loadedScripts, measureIfMain, runEmptyNode, runWwdb } from './harness.mjs'

/** The help starts fast, and loads no driver to do so. @type {import('./harness.mjs').Measure} */
export async function help({ server, rounds }) {
  const seconds = await interleave(3 * rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'help', run: () => runWwdb(['--help']) },
  ])
  const scripts = (await loadedScripts(['--help'], server.directory)).filter((url) => url.startsWith('file:'))
  const drivers = []
  for (const url of scripts) if (await belongsToDriver(url)) drivers.push(url)
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

/**
 * True for a driver's own file, and for one of ours into which the build has put a driver: it names a way to log in.
 * @param {string} url
 */
async function belongsToDriver(url) {
  if (/\/node_modules\/(?:mysql2|knex)\//.test(url)) return true
  return (await readFile(new URL(url), 'utf8')).includes('caching_sha2_password')
}

await measureIfMain(import.meta.url, help)
