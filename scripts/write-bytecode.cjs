// Writes the bytecode of bundles beside them, for bin/load.cjs: node scripts/write-bytecode.cjs FILE...
const { writeFileSync } = require('node:fs')
const { argv } = require('node:process')
const { setFlagsFromString } = require('node:v8')
const { bytecodeFile, compile } = require('../bin/load.cjs')

for (const file of argv.slice(2)) {
  // Whole, not only what runs while it loads. V8 refuses bytecode made under other flags, so they are put back before it is taken.
  setFlagsFromString('--no-lazy')
  const script = compile(file)
  setFlagsFromString('--lazy')
  writeFileSync(bytecodeFile(file), script.createCachedData())
}
