import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const sources = join(import.meta.dirname, '../../../src')
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** What copies, walks or writes many rows, and takes no governor along that would be asked inside. */
const heavy = [
  // A walk in chunks.
  { call: /\bwalkTable\(/, of: 'operate/batches/walk-table.ts' },
  // A function of users' code, whose size nobody knows.
  { call: /\bsession\.runModule\(/, of: 'migrations/mysql/session.ts' },
  // Statements of migrations, whatever they are.
  { call: /\bnew BatchWay\(|\bshortcut\.take\(/, of: 'migrations/execute/plain-way.ts' },
  // The rows of seeds.
  { call: /\bwriteRows\(request/, of: 'seeds/write-rows.ts' },
  // The rows of an archive, and those that are loaded from one.
  { call: /\barchive\.write\(/, of: 'shards/archive/archive-port.ts' },
  // The copy of an online change, written by a tool.
  { call: /\bstartTool\(/, of: 'operate/online/start-tool.ts' },
]

/** A session that passes a function on to the next session is asked by whoever calls it. */
const passesOn = /const runModule: Session\['runModule'\]/

/** Watches the copy of a tool from its start to its end, and asks for it. */
const watches = { call: /\bwatchTool\(/, of: 'operate/online/watch-tool.ts' }

const asks = (text: string): boolean => /governors?\b[\s\S]{0,60}\bclear\(/.test(text)

const isAsked = (text: string): boolean => asks(text) || watches.call.test(text)

function findUngoverned(list: readonly { readonly file: string; readonly text: string }[]): readonly string[] {
  return list.flatMap(({ file, text }) => {
    const calls = heavy.filter(({ call, of }) => of !== file && call.test(text) && !passesOn.test(text))
    return calls.length === 0 || isAsked(text) ? [] : [file]
  })
}

describe('heavy work', () => {
  const read = files.map((file) => ({ file, text: readFileSync(join(sources, file), 'utf8') }))

  test('asks the governor in the file that begins it', () => {
    expect(findUngoverned(read)).toEqual([])
  })

  test('is asked for by what watches the copy of a tool', () => {
    expect(read.filter(({ file, text }) => file === watches.of && asks(text))).toHaveLength(1)
  })

  test('is found where it begins, each kind', () => {
    for (const { call, of } of heavy) {
      expect(files, of).toContain(of)
      expect(read.filter(({ text }) => call.test(text)).length, String(call)).toBeGreaterThan(0)
    }
  })

  test('a new command that asks nobody is found', () => {
    const text = 'export const command = defineCommand({ run: () => walkTable({ walk, key, aim, effects }, from) })'
    expect(findUngoverned([{ file: 'operate/commands/purge.ts', text }])).toEqual(['operate/commands/purge.ts'])
    const asked = `${text}\nawait governor?.clear()`
    expect(findUngoverned([{ file: 'operate/commands/purge.ts', text: asked }])).toEqual([])
  })
})
