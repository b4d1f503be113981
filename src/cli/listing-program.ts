import { spawn } from 'node:child_process'
import type { ListingEnd, RunListing } from '../migrations/many/ports.ts'
import type { Environment } from './globals.ts'
import { chooseVariables } from './hook-program.ts'

/** The most bytes of a list, and of what the program writes to stderr. */
const mostOutput = 64 * 1024 * 1024
const mostComplaint = 4 * 1024

/** Starts programs that list targets: with the usual variables and those that the configuration names, and never through a shell. */
export function listingIn(environment: Environment): RunListing {
  return (words, { folder, environment: named, milliseconds }) => {
    const [program = '', ...rest] = words
    const child = spawn(program, rest, {
      cwd: folder,
      env: chooseVariables(environment, named),
      // In a group of its own, so that what it starts is ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new Promise<ListingEnd>((resolve) => {
      const output: Buffer[] = []
      let length = 0
      let complaint = ''
      let ended: ListingEnd | null = null
      const end = (how: ListingEnd): void => {
        if (ended !== null) return
        ended = how
        killGroup(child.pid)
        child.stdout.destroy()
        child.stderr.destroy()
      }
      const timer = setTimeout(() => end({ type: 'timeout', complaint }), milliseconds)
      child.stdout.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > mostOutput) end({ type: 'too-long' })
        else output.push(chunk)
      })
      child.stderr.setEncoding('utf8')
      child.stderr.on('data', (text: string) => {
        // Its last words say most.
        complaint = (complaint + text).slice(-mostComplaint)
      })
      const finish = (how: ListingEnd): void => {
        clearTimeout(timer)
        resolve(ended ?? how)
      }
      child.once('error', ({ message }) => finish({ type: 'not-started', why: message }))
      child.once('close', (code, signal) => {
        if (signal !== null) finish({ type: 'killed', signal, complaint })
        else finish({ type: 'exited', code: code ?? 1, output: Buffer.concat(output).toString('utf8'), complaint })
      })
    })
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
