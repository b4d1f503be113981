// Writes the bytecode of bundles beside them, for bin/load.cjs: node scripts/write-bytecode.cjs FOLDER FILE...
// FOLDER is where the bundles will lie when they are loaded.
const { writeFileSync } = require('node:fs')
const { basename, join } = require('node:path')
const { argv } = require('node:process')
const { setFlagsFromString } = require('node:v8')
const { bytecodeFile, compile } = require('../bin/load.cjs')

const [folder, ...files] = argv.slice(2)
for (const file of files) {
  // Whole, not only what runs while it loads. V8 refuses bytecode made under other flags, so they are put back before it is taken.
  setFlagsFromString('--no-lazy')
  const script = compile(file, undefined, join(folder, basename(file)))
  setFlagsFromString('--lazy')
  writeFileSync(bytecodeFile(file), script.createCachedData())
}
