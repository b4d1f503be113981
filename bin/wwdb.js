#!/usr/bin/env node
// Says a sentence where Node is too old or the build is missing; everything else is in dist/main.cjs, made from src/cli/main.ts.
// CommonJS, by the package.json beside it: Node's loader of ES modules takes a tenth of a start.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const [major, minor] = process.versions.node.split('.').map(Number)
const built = join(__dirname, '../dist/main.cjs')

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`wwdb needs Node 20.19 or later; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else if (!existsSync(built)) {
  process.stderr.write('wwdb is not built yet. Run "npm run build" in its folder first.\n')
  process.exitCode = 2
} else {
  require('./import.cjs')
  const debug = process.argv.includes('--debug')
  // The build is minified: without its map a stack trace says nothing. Node has maps only of what it loads itself.
  if (debug) process.setSourceMapsEnabled(true)
  const { main } = debug ? require(built) : require('./load.cjs').load(built)
  main()
}
