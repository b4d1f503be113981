// Loads the bundles of dist/ with the bytecode that the build left beside them, which halves the time to start: V8 then
// compiles nothing. The bytecode is this Node's or V8 refuses it, and then Node loads the bundles as it loads any file.
const { existsSync, readFileSync } = require('node:fs')
const module_ = require('node:module')
const { dirname, resolve } = require('node:path')
const vm = require('node:vm')

/** @type {Map<string, { exports: unknown }>} */
const loaded = new Map()

/** Where the bytecode of a bundle lies. A bundle has the hash of its text in its name: the two can't be of different builds. */
function bytecodeFile(file) {
  return `${file}.v8-${process.versions.v8}-${process.arch}`
}

/** Compiles a bundle as the function that Node makes of a CommonJS module. Bytecode keeps the name that it was made under. */
function compile(file, cachedData, name = file) {
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'utf8')}\n})`
  return new vm.Script(source, { filename: name, cachedData })
}

/** What `require(file)` gives. Bundles that it requires are loaded the same way. */
function load(file) {
  const known = loaded.get(file)
  if (known !== undefined) return known.exports
  const requireOther = module_.createRequire(file)
  const bytecode = bytecodeFile(file)
  if (!existsSync(bytecode)) {
    // Node 22.8 and later keep bytecode of their own.
    module_.enableCompileCache?.()
    return requireOther(file)
  }
  const bundle = { exports: {} }
  loaded.set(file, bundle)
  const run = compile(file, readFileSync(bytecode)).runInThisContext()
  const requireFrom = (name) => (name.startsWith('./') ? load(resolve(dirname(file), name)) : requireOther(name))
  run.call(bundle.exports, bundle.exports, requireFrom, bundle, file, dirname(file))
  return bundle.exports
}

module.exports = { bytecodeFile, compile, load }
