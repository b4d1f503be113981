import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, test } from 'vitest'
import { withProjects } from '../helpers/project.ts'
import { cleanEnvironment, launcher } from '../helpers/tool.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()

function launch(file: string, nodeFlags: readonly string[] = []) {
  const args = [...nodeFlags, file, '--version']
  const { status, stdout, stderr } = spawnSync(execPath, args, { env: cleanEnvironment(), encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('the launcher', () => {
  test('says a sentence where the tool is not built', () => {
    const folder = project({ 'package.json': '{"type": "module"}' })
    mkdirSync(join(folder, 'bin'))
    copyFileSync(launcher, join(folder, 'bin/wwdb.js'))
    expect(launch(join(folder, 'bin/wwdb.js'))).toEqual({
      status: 2,
      stdout: '',
      stderr: 'wwdb is not built yet. Run "npm run build" in its folder first.\n',
    })
  })

  test('says a sentence where Node is too old', () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.1' } })"
    const folder = project({ 'old.cjs': pretend })
    expect(launch(launcher, ['--require', join(folder, 'old.cjs')])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'wwdb needs Node 20.19 or later; this is Node 20.18.1.\n',
    })
  })

  test('works through a symbolic link, as npm installs it', () => {
    const folder = project({})
    symlinkSync(launcher, join(folder, 'wwdb'))
    expect(launch(join(folder, 'wwdb'))).toMatchObject({ status: 0, stderr: '' })
  })
})

test('the package holds what it needs to run, and nothing of ours besides', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(packed)
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'CHANGELOG.md',
      'package.json',
      'bin/wwdb.js',
      'dist/main.js',
      'schemas/config.schema.json',
    ]),
  )
  const outside = paths.filter(
    (path) => !/^(bin|dist|schemas)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(path),
  )
  expect(outside).toEqual([])
})
