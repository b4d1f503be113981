import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { env } from 'node:process'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { fetchPackages } from '../../src/sandbox/packages.ts'
import { freePort } from './ports.ts'

/** A Redis of a test's own, in memory only. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  readonly stop: () => Promise<void>
}

/**
 * Starts a Redis: the one on PATH, else that of Debian's packages, unpacked into the cache. Throws where neither can be had.
 * @param flags as on the command line of redis-server.
 */
export async function startRedis(flags: readonly string[] = []): Promise<TestRedis> {
  const command = await findProgram()
  const port = await freePort()
  // The folder in its command line and the file with its id let the next run end it, should this one be killed.
  const folder = join(inject('desk').runDirectory, `redis-${port}`)
  await mkdir(folder, { recursive: true })
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--pidfile', join(folder, 'redis.pid')]
  const [program = '', ...words] = [...command, ...place, ...flags]
  const child = spawn(program, words, { stdio: 'ignore' })
  const ended = new Promise<void>((done) => {
    child.once('error', () => done())
    child.once('close', () => done())
  })
  await answers(port, ended)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  return { port, url: `redis://127.0.0.1:${port}`, stop }
}

async function findProgram(): Promise<readonly string[]> {
  const found = (env['PATH'] ?? '').split(':').map((folder) => join(folder, 'redis-server'))
  for (const program of found) if (await isThere(program)) return [program]
  const prefix = await fetchPackages('redis-portable', ['redis-server'])
  if (prefix === null) throw new Error('there is no redis-server on PATH, and this is no Debian to take it from')
  const loader = join(prefix, (await readFile(join(prefix, '.loader'), 'utf8')).trim())
  const libraries = (await readFile(join(prefix, '.libraries'), 'utf8')).trim().split(':')
  const path = libraries.map((folder) => join(prefix, folder)).join(':')
  return [loader, '--library-path', path, join(prefix, 'usr/bin/redis-server')]
}

async function isThere(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  )
}

/** Returns when it answers; throws when it ended before. An answer that wants a password is one. */
async function answers(port: number, ended: Promise<void>): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  try {
    const answer = client.ping().catch((error: unknown) => String(error))
    const first = await Promise.race([answer, ended])
    if (first === undefined) throw new Error('redis-server ended at once')
  } finally {
    client.disconnect()
  }
}
