// Loaded into the built tool by `--import`: notes every write below a folder in a log, and kills the process at one of them. So tests need no hooks in the tool.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { env, kill, pid } from 'node:process'

const folder = env['DYING_DISK_FOLDER'] ?? ''
const log = env['DYING_DISK_LOG'] ?? ''
/** `before 3`, `half 3` or `answered 3`: in front of the fourth write, when half of its text is written, or behind it. */
const [moment = '', number = '-1'] = (env['DYING_DISK_POINT'] ?? '').split(' ')
const { appendFileSync, readlinkSync, writeFileSync, writeSync } = fs
let count = 0

function die() {
  kill(pid, 'SIGKILL')
  // The signal is delivered at once; nothing may follow it.
  for (;;);
}

/** Wraps a function that writes; `args` are its own. */
function wrap(owner, name) {
  const original = owner[name]
  owner[name] = function write(...args) {
    // An open file is written to by its number.
    const isOpen = typeof args[0] === 'number'
    const path = isOpen ? readlinkSync(`/proc/self/fd/${args[0]}`) : resolve(String(args[0]))
    const own = relative(folder, path)
    if (own === '' || own.startsWith('..')) return original.apply(this, args)
    const index = count
    count += 1
    const isHere = Number(number) === index
    const isText = name.startsWith('writeFile')
    appendFileSync(log, `${isText ? 'text' : 'entry'} ${name} ${own}\n`)
    if (isHere && moment === 'before') die()
    if (isHere && moment === 'half') {
      const half = String(args[1]).slice(0, String(args[1]).length / 2)
      if (isOpen) writeSync(args[0], half)
      else writeFileSync(join(folder, own), half)
      die()
    }
    const result = original.apply(this, args)
    if (!isHere) return result
    if (typeof result?.then === 'function') return result.then(die)
    return die()
  }
}

for (const name of ['writeFile', 'rename', 'mkdir', 'rm', 'rmdir', 'unlink', 'link', 'copyFile']) {
  wrap(fs, `${name}Sync`)
  wrap(fs.promises, name)
}
syncBuiltinESMExports()
