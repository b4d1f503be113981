#!/usr/bin/env node
// Says a sentence where Node is too old or the build is missing; everything else is in dist/main.js, made from src/cli/main.ts.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
const built = new URL('../dist/main.js', import.meta.url)

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`wwdb needs Node 20.19 or later; this is Node ${process.versions.node}.\n`)
  process.exitCode = 2
} else if (!existsSync(built)) {
  process.stderr.write('wwdb is not built yet. Run "npm run build" in its folder first.\n')
  process.exitCode = 2
} else {
  const { main } = await import(built.href)
  await main()
}
