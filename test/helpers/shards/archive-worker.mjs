// A process to be killed: writes or restores an archive, and stands still for ever when it has reported a given number of rows.

import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { argv } from 'node:process'

const [bundle, text] = argv.slice(2)
const { setup, action, request, address, into, stopAt } = JSON.parse(text)
const { createArchivePort, createDoor } = createRequire(import.meta.url)(bundle)
const runner = { name: 'test@host', process: 'host:1', toolVersion: '0.0.0' }
const door = createDoor({ process: { runner, isAlive: () => true }, announce: () => undefined, record: null })
const archive = createArchivePort({ ...setup, door, now: Date.now })

function report(rows) {
  if (rows < stopAt) return
  writeSync(1, `${rows}\n`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

if (action === 'write') await archive.write(request, report)
else await archive.restore(address, into, report)
