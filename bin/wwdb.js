#!/usr/bin/env node
// Says a sentence where Node is too old or the build is missing; everything else is in dist/main.cjs, made from src/cli/main.ts.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
const built = fileURLToPath(new URL('../dist/main.cjs', import.meta.url))

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`wwdb needs Node 20.19 or later; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else if (!existsSync(built)) {
  process.stderr.write('wwdb is not built yet. Run "npm run build" in its folder first.\n')
  process.exitCode = 2
} else {
  const require = createRequire(import.meta.url)
  require('./import.cjs')
  const debug = process.argv.includes('--debug')
  // The build is minified: without its map a stack trace says nothing. Node has maps only of what it loads itself.
  if (debug) process.setSourceMapsEnabled(true)
  const { main } = debug ? require(built) : require('./load.cjs').load(built)
  await main()
}
