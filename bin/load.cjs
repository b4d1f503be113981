// Loads the bundles of dist/ with bytecode, which takes a sixth off the work of a start: V8 then compiles nothing. The first starts leave it in the user's
// cache. Bytecode that is not this Node's is refused by V8, and then compiled.
const {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
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
const { basename, dirname, isAbsolute, join, resolve } = require('node:path')
const { cachedDataVersionTag, setFlagsFromString } = require('node:v8')
const vm = require('node:vm')

/**
 * A function is optimized once it has run some seven times as long as V8 has it: in a run of a second, the threads that optimize cost more than they save. It is a flag of
 * Node 20 alone: later ones have no such flag, and say so on stderr. V8 refuses bytecode that was made under other flags, and that of Node's own parts was made under the
 * usual ones (they then took 11 ms in place of 4), so these hold while anything is loaded or kept.
 */
const [usual, patient] = ['--interrupt-budget=67584', '--interrupt-budget=1000000']
const isPatient = process.versions.v8.startsWith('11.')

/** How many bundles are being loaded, each by the one before. */
let loading = 0

/** Does something for which the usual flags must hold. */
function underUsualFlags(work) {
  if (!isPatient) return work()
  if (loading === 0) setFlagsFromString(usual)
  loading += 1
  try {
    return work()
  } finally {
    loading -= 1
    if (loading === 0) setFlagsFromString(patient)
  }
}

/** @type {Map<string, { exports: unknown }>} */
const loaded = new Map()

/** Compiles a bundle as the function that Node makes of a CommonJS module. */
function compile(file, cachedData) {
  const bytes = readFileSync(file)
  const source = `(function(exports,require,module,__filename,__dirname){${bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')}\n})`
  return new vm.Script(source, { filename: file, cachedData })
}

/** Bytecode of the user's cache that is older than this is of bundles that are gone. Milliseconds. */
const longestStay = 30 * 24 * 3_600_000

/**
 * Bytecode has the functions that ran until it was made: half of all code, which is read in two thirds of the time. The next starts add theirs, this often, and each that
 * is the first to load some bundle: it is a run of another kind, and has run other functions of those that all runs load.
 */
const mostAdditions = 2

/** The bundles of this start; `number` is how often something was added to the bytecode in `file`, -1 where there was none to load. */
const used = []

/**
 * The folder of this Node's bytecode in the user's cache, and what is in it; null where there is none that only he can write: whoever writes bytecode there decides what
 * runs here. Its name has V8's own tag of version, flags and processor: starts under other flags would throw away each other's bytecode.
 */
function findCache() {
  const { WWDB_CACHE_DIR, XDG_CACHE_HOME } = process.env
  try {
    const base = WWDB_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'wwdb')
    if (!isAbsolute(base)) return null
    const { platform, arch, versions } = process
    const folder = join(base, 'bytecode', `${versions.v8}-${platform}-${arch}-${cachedDataVersionTag()}`)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode, uid } = lstatSync(folder)
    return uid === process.geteuid?.() && (mode & 0o022) === 0 ? { folder, kept: listKept(folder) } : null
  } catch {
    return null
  }
}

const keptName = /^(.*-[\w-]{8}\.cjs)\.(\d)(\..*)?$/

/** The names of the folder's files, each with the number of times that something was added at its end: `start-D4Etm6oO.cjs.2`. */
function listKept(folder) {
  const kept = new Map()
  for (const file of readdirSync(folder)) {
    const [, name, number, unfinished] = keptName.exec(file) ?? []
    const isMore = unfinished === undefined && Number(number) >= (kept.get(name)?.number ?? 0)
    if (name !== undefined && isMore) kept.set(name, { file, number: Number(number) })
  }
  return kept
}

/** Once everything has run, so that the bytecode holds what was compiled meanwhile. Whoever cannot write starts a little slower. */
function keepUsed(folder) {
  const isOfNewKind = used.some(({ number }) => number < 0)
  const growing = used.filter(({ number }) => isOfNewKind || number < mostAdditions)
  for (const one of growing) attempt(() => keepMore(folder, one))
  if (growing.length > 0) attempt(() => removeOld(folder))
}

function attempt(work) {
  try {
    work()
  } catch {
    // The next start tries again.
  }
}

/**
 * V8 forgets code that has not run for long, and another start may have kept more meanwhile: what is shorter takes the place of nothing. V8 looks only at the length of
 * bytecode before it runs it, so it is on the disk before it has its name.
 */
function keepMore(folder, { script, name, number, file }) {
  const target = join(folder, `${name}.${Math.min(number + 1, mostAdditions)}`)
  const known = number < 0 ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY)
  const bytecode = script.createCachedData()
  if (bytecode.length <= known) {
    if (file !== target && known !== Number.POSITIVE_INFINITY) renameSync(file, target)
    return
  }
  const unfinished = `${target}.${process.pid}-${process.hrtime.bigint()}`
  try {
    const descriptor = openSync(unfinished, 'wx', 0o600)
    try {
      writeFileSync(descriptor, bytecode)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(unfinished, target)
  } finally {
    rmSync(unfinished, { force: true })
  }
  if (file !== null && file !== target) rmSync(file, { force: true })
}

/** What earlier builds and other Nodes have left, and what was not finished. */
function removeOld(folder) {
  const isOld = (path) => Date.now() - statSync(path).mtimeMs > longestStay
  for (const name of readdirSync(folder))
    if (keptName.test(name) && isOld(join(folder, name))) rmSync(join(folder, name))
  for (const name of readdirSync(dirname(folder))) {
    const other = join(dirname(folder), name)
    if (other !== folder && /^\d+\./.test(name) && isOld(other)) rmSync(other, { recursive: true })
  }
}

/** Null where nothing can be kept. */
let cache

/** The script of a bundle, compiled or from bytecode; null where Node does better by itself: 22.8 and later keep bytecode of their own. */
function findScript(file) {
  if (module_.enableCompileCache !== undefined) return null
  if (cache === undefined) {
    cache = findCache()
    if (cache !== null) process.once('exit', () => underUsualFlags(() => keepUsed(cache.folder)))
  }
  if (cache === null) return null
  const name = basename(file)
  // Size and time do not tell the entry, whose name has no hash of its text, from that of another version: npm gives every file of a package the same time, and V8
  // compares only lengths.
  if (!/-[\w-]{8}\.cjs$/.test(name)) return compile(file)
  const { file: known, number } = cache.kept.get(name) ?? { file: null, number: -1 }
  const kept = known === null ? null : join(cache.folder, known)
  const script = compile(file, kept === null ? undefined : readKept(kept))
  used.push({ script, name, number: script.cachedDataRejected === false ? number : -1, file: kept })
  return script
}

/** Another start may have added to it, and removed it, since the folder was listed. */
function readKept(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/** What `require(file)` gives. Bundles that it requires are loaded the same way. */
function load(file) {
  const known = loaded.get(file)
  return known === undefined ? underUsualFlags(() => loadNew(file)) : known.exports
}

function loadNew(file) {
  const requireOther = module_.createRequire(file)
  const script = findScript(file)
  if (script === null) {
    module_.enableCompileCache?.()
    return requireOther(file)
  }
  const bundle = { exports: {} }
  loaded.set(file, bundle)
  const run = script.runInThisContext()
  const requireFrom = (name) =>
    name.startsWith('./') ? load(resolve(dirname(file), name)) : underUsualFlags(() => requireOther(name))
  run.call(bundle.exports, bundle.exports, requireFrom, bundle, file, dirname(file))
  return bundle.exports
}

module.exports = { load }
