import { differenceFigure, interleave, measureIfMain, runEmptyNode, runWwdb } from './harness.mjs'

/** @type {import('./harness.mjs').Measure} */
export async function help({ rounds }) {
  const seconds = await interleave(3 * rounds, [
    { name: 'node', run: runEmptyNode },
    { name: 'help', run: () => runWwdb(['--help']) },
  ])
  return [differenceFigure('wwdb --help', seconds('help'), seconds('node'), 60)]
}

await measureIfMain(import.meta.url, help)
