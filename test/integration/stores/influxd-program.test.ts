import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { env } from 'node:process'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { findInfluxd } from '../../../src/stores/influxdb/sandbox.ts'
import { describeInfluxdb } from '../../helpers/influxdb/influxdb-server.ts'

const script = resolve(import.meta.dirname, '../../servers/build-influxd.sh')
const folder = mkdtempSync(join(tmpdir(), 'wwdb-influxd-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program that says it is this version. */
function place(directory: string, version: string): string {
  const path = join(folder, directory, 'influxd')
  mkdirSync(join(folder, directory), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "InfluxDB ${version} (git: x) build_date: y"\n`)
  chmodSync(path, 0o755)
  return path
}

function build(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>((done) => {
    const options = { env: { PATH: env['PATH'], HOME: folder, ...environment } }
    execFile('/bin/bash', [script, ...args], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

describe('building influxd', () => {
  it('says how it is used', async () => {
    expect(await build([])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage: build-influxd.sh PREFIX'),
    })
  })

  it('has nothing to do where what it builds is there already', async () => {
    place('ready', 'v2.8.0')
    expect(await build([join(folder, 'ready')])).toMatchObject({ code: 0, stdout: `${join(folder, 'ready')}\n` })
  })

  it('names the toolchain that is missing, and where it looked', async () => {
    const tools = join(folder, 'tools')
    mkdirSync(tools)
    // Everything but cargo, each by way of a shell that finds it.
    for (const tool of ['flock', 'realpath', 'df', 'awk', 'sed', 'dirname', 'mkdir', 'go']) {
      writeFileSync(join(tools, tool), `#!/bin/sh\nPATH='${env['PATH']}' exec ${tool} "$@"\n`, { mode: 0o755 })
    }
    const { code, stderr } = await build([join(folder, 'missing')], {
      PATH: tools,
      CARGO_HOME: join(folder, 'nowhere'),
    })
    expect(code).toBe(3)
    expect(stderr).toContain(`'cargo' is missing (looked on PATH and in ${folder}/nowhere/bin)`)
  })
})

describeInfluxdb('an influxd', () => {
  it(
    'on PATH is taken if it is 2.3 or a later 2.x, else the one in the cache',
    async () => {
      const path = place('path', '2.7.11')
      const before = env['PATH'] ?? ''
      vi.stubEnv('PATH', [join(folder, 'path'), before].join(delimiter))
      expect(await findInfluxd()).toEqual({ origin: 'installed', command: [path], version: '2.7.11' })
      for (const version of ['1.11.8', '2.2.0', '3.1.0']) {
        place('path', version)
        expect((await findInfluxd()).command).not.toEqual([path])
      }
      vi.unstubAllEnvs()
    },
    45 * 60_000,
  )
})
