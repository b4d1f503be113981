// Loads the bundles of dist/ with bytecode, which takes a sixth off the work of a start: V8 then compiles nothing. It is what the build left
// beside them, else what the first start left in the user's cache. Bytecode that is not this Node's is refused by V8, and then compiled.
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs')
const { isAscii } = require('node:buffer')
const module_ = require('node:module')
const { homedir } = require('node:os')
const { basename, dirname, join, resolve } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const vm = require('node:vm')

/**
 * A function is optimized once it has run some seven times as long as V8 has it: in a run of a second, the threads that optimize cost more than they save.
 * V8 refuses bytecode that was made under other flags, so this stands before any is made or read. It is that of Node 20 alone: later ones have no such
 * flag, and say so on stderr.
 */
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000')

/** @type {Map<string, { exports: unknown }>} */
const loaded = new Map()

/** Where the bytecode of a bundle lies. A bundle has the hash of its text in its name: the two can't be of different builds. */
function bytecodeFile(file) {
  return `${file}.v8-${process.versions.v8}-${process.arch}`
}

/** Compiles a bundle as the function that Node makes of a CommonJS module. Bytecode keeps the name that it was made under. */
function compile(file, cachedData, name = file) {
  const bytes = readFileSync(file)
  const source = `(function(exports,require,module,__filename,__dirname){${bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')}\n})`
  return new vm.Script(source, { filename: name, cachedData })
}

/** Bytecode of the user's cache that is older than this is of bundles that are gone. Milliseconds. */
const longestStay = 30 * 24 * 3_600_000

/** The bundles that were compiled in this start, and where their bytecode belongs. */
const fresh = []

/**
 * The folder of this Node's bytecode in the user's cache; null where there is none that only he can write: whoever writes bytecode there
 * decides what runs here.
 */
function findCache() {
  try {
    const base = process.env.WWDB_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wwdb')
    const folder = join(base, 'bytecode', `${process.versions.v8}-${process.arch}`)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode, uid } = statSync(folder)
    return uid === process.geteuid?.() && (mode & 0o022) === 0 ? folder : null
  } catch {
    return null
  }
}

/**
 * A bundle's bytecode in the cache; null where its name has no hash of its text, as the entry's has none. Size and time do not tell
 * such a bundle from that of another version: npm gives every file of a package the same time, and V8 compares only lengths.
 */
function cachedFile(folder, file) {
  const name = basename(file)
  return /-[\w-]{8}\.cjs$/.test(name) ? join(folder, name) : null
}

/** Once everything has run, so that the bytecode holds what was compiled meanwhile. Whoever cannot write starts a little slower. */
function keepFresh(folder) {
  try {
    for (const { script, target } of fresh) {
      writeFileSync(`${target}.${process.pid}`, script.createCachedData(), { mode: 0o600 })
      renameSync(`${target}.${process.pid}`, target)
    }
    for (const name of fresh.length > 0 ? readdirSync(folder) : []) {
      if (Date.now() - statSync(join(folder, name)).mtimeMs > longestStay) rmSync(join(folder, name))
    }
  } catch {
    // The next start tries again.
  }
}

let cache

/** The script of a bundle, compiled or from bytecode; null where Node does better by itself. */
function findScript(file) {
  const beside = bytecodeFile(file)
  if (existsSync(beside)) return compile(file, readFileSync(beside))
  // Node 22.8 and later keep bytecode of their own.
  if (module_.enableCompileCache !== undefined) return null
  if (cache === undefined) {
    cache = findCache()
    if (cache !== null) process.once('exit', () => keepFresh(cache))
  }
  if (cache === null) return null
  const target = cachedFile(cache, file)
  if (target === null) return compile(file)
  const script = compile(file, existsSync(target) ? readFileSync(target) : undefined)
  if (script.cachedDataRejected !== false) fresh.push({ script, target })
  return script
}

/** What `require(file)` gives. Bundles that it requires are loaded the same way. */
function load(file) {
  const known = loaded.get(file)
  if (known !== undefined) return known.exports
  const requireOther = module_.createRequire(file)
  const script = findScript(file)
  if (script === null) {
    module_.enableCompileCache?.()
    return requireOther(file)
  }
  const bundle = { exports: {} }
  loaded.set(file, bundle)
  const run = script.runInThisContext()
  const requireFrom = (name) => (name.startsWith('./') ? load(resolve(dirname(file), name)) : requireOther(name))
  run.call(bundle.exports, bundle.exports, requireFrom, bundle, file, dirname(file))
  return bundle.exports
}

module.exports = { bytecodeFile, compile, load }
