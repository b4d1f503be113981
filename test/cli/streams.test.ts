import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { programHelp } from '../../src/cli/help/program-help.ts'
import { cleanEnvironment, launcher, runTool } from '../helpers/tool/tool.ts'

describe('the answer and the talk', () => {
  test.each([['--help'], ['-h'], ['help']])('wwdb %s: help on stdout, 0', async (...args) => {
    expect(await runTool(args)).toEqual({ exitCode: 0, signal: null, stdout: programHelp(100), stderr: '' })
  })

  test('wwdb: help on stderr, 64', async () => {
    expect(await runTool([])).toEqual({ exitCode: 64, signal: null, stdout: '', stderr: programHelp(100) })
  })

  test.each([['--version'], ['-V']])('wwdb %s: one line', async (...args) => {
    const run = await runTool(args)
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^wwdb \d+\.\d+\.\d+\n$/)
  })

  test.each([
    [['migrate', '--dryrun'], '--dry-run'],
    [['statsu'], 'status'],
    [['migrate', '--steps', 'x'], 'whole number'],
    [['migrate', 'extra'], 'too many arguments'],
    [['help', 'statsu'], 'neither a command nor a topic `statsu`'],
  ])('wwdb %j: a sentence on stderr, 64', async (args, hint) => {
    const run = await runTool(args)
    expect(run).toMatchObject({ exitCode: 64, stdout: '' })
    expect(run.stderr).toContain(hint)
    expect(run.stderr).not.toMatch(/\bat .*\.js:\d+/)
  })

  test('wrong usage with --json: a document on stdout', async () => {
    const run = await runTool(['migrate', '--dryrun', '--json'])
    expect(run.exitCode).toBe(64)
    expect(JSON.parse(run.stdout)).toMatchObject({ type: 'error', code: 'USAGE', exitCode: 64 })
  })

  test('a wrong value that only the command can judge: 64, naming the flag', async () => {
    const run = await runTool(['migrate', '--steps', '0'])
    expect(run).toMatchObject({ exitCode: 64, stdout: '' })
    expect(run.stderr).toContain('--steps')
  })

  test('version --json is one document', async () => {
    const run = await runTool(['version', '--json'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toMatchObject({ type: 'result', kind: 'version', node: process.version })
  })

  test('--cwd that names no directory: 64, naming it', async () => {
    const run = await runTool(['config', 'validate', '--cwd', '/nowhere/at/all'])
    expect(run.exitCode).toBe(64)
    expect(run.stderr).toContain('/nowhere/at/all')
  })
})

describe('a reader that goes away', () => {
  test('wwdb --help | (reads nothing): quiet', async () => {
    const child = spawn(execPath, [launcher, 'help'], { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [exitCode] = await once(child, 'close')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  test('wwdb config schema | head: what was read is the beginning, and nothing is said of the rest', async () => {
    const child = spawn(execPath, [launcher, 'config', 'schema'], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [chunk] = await once(child.stdout, 'data')
    child.stdout.destroy()
    const [exitCode] = await once(child, 'close')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(String(chunk)).toMatch(/^\{/)
  })

  test('an answer longer than a pipe holds arrives whole', async () => {
    const run = await runTool(['config', 'schema'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toHaveProperty('$schema')
  })

  test('a full disk is a failure that is reported', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(execPath, [launcher, '--help'], { env: cleanEnvironment(), stdio: ['ignore', full, 'pipe'] })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [exitCode] = await once(child, 'close')
    expect(exitCode).toBe(2)
    expect(stderr).toContain('could not be written')
  })
})
