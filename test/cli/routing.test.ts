import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { beforeAll, describe, expect, test } from 'vitest'
import { installPacked } from '../helpers/tool/packed.ts'
import { withProjects } from '../helpers/tool/project.ts'

const root = resolve(import.meta.dirname, '../..')
const project = withProjects()

const shardMap = {
  version: 1,
  families: [
    {
      name: 'messages',
      database: 'message_db',
      schema: 'message_db',
      pattern: 'messages_{YYYYMM}',
      division: { type: 'period', kind: 'month', zone: 'UTC' },
      ids: { factor: 10 ** 10 },
    },
  ],
}

/** The same program for either kind of module; its types are checked, too. */
const program = `
const router = createRouter(shardMap)
const shard: RoutedShard = router.shardFor('messages', { at: new Date('2026-12-31T23:59:59Z') })
const found = router.locateId('messages', '2027010000000001')
console.log([shard.table, found?.table, ...router.shardsBetween('messages', shard.from ?? 0, (shard.to ?? 0) + 1).map((each) => each.key)].join(' '))
`

const answer = 'messages_202612 messages_202701 2026-12 2027-01\n'

/** Without the types, for Node. */
function plain(text: string): string {
  return text.replace(': RoutedShard', '')
}

describe('a project that depends on the packed package, and on nothing else', () => {
  let folder = ''

  beforeAll(() => {
    folder = project({ 'package.json': '{"private": true}', 'shards.json': JSON.stringify(shardMap) })
    installPacked(folder)
  })

  function run(file: string, text: string): string {
    writeFileSync(join(folder, file), text)
    return execFileSync(execPath, [join(folder, file)], { cwd: folder, encoding: 'utf8' })
  }

  test('imports wwdb/routing', () => {
    const imports = `import { readFileSync } from 'node:fs'\nimport { createRouter } from 'wwdb/routing'\n`
    const text = `${imports}const shardMap = JSON.parse(readFileSync('shards.json', 'utf8'))${plain(program)}`
    expect(run('program.mjs', text)).toBe(answer)
  })

  test('requires wwdb/routing', () => {
    const text = `const { createRouter } = require('wwdb/routing')\nconst shardMap = require('./shards.json')${plain(program)}`
    expect(run('program.cjs', text)).toBe(answer)
  })

  test.each(['mts', 'cts'])('has its types, as %s', (ending) => {
    const imports = `import { createRouter, type RoutedShard, type ShardMap } from 'wwdb/routing'\n`
    const console = 'declare const console: { log(text: string): void }\n'
    const file = `typed.${ending}`
    writeFileSync(join(folder, file), `${imports}${console}declare const shardMap: ShardMap\n${program}`)
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '']
    const compile = (): string => {
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      return execFileSync(execPath, [compiler, ...flags, file], { cwd: folder, encoding: 'utf8' })
    }
    expect(compile).not.toThrow()
    writeFileSync(join(folder, file), `${imports}${console}createRouter(1).shardFor('messages', { when: 1 })\n`)
    expect(compile).toThrow()
  })

  test('brings no driver, no zod and nothing of Node into an application', () => {
    for (const file of ['router.mjs', 'router.cjs']) {
      const text = readFileSync(join(folder, 'node_modules/wwdb/dist/routing', file), 'utf8')
      expect(text.match(/\b(?:import|require)\s*\(|^import\b.*|^export\b.*\bfrom\b/gm)).toBeNull()
      expect(text.length).toBeLessThan(60_000)
    }
  })
})
